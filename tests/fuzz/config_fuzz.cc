// LINKS: config

// Any text as a configuration file. What is accepted must survive CONFIG REWRITE: read back, the
// new file gives the same configuration, and rewriting it again changes nothing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/check.h"
#include "server/base/glob.h"
#include "server/config/command_line.h"
#include "server/config/config.h"
#include "server/config/directives.h"
#include "server/config/edit.h"
#include "server/config/file_parser.h"
#include "server/config/rewrite.h"
#include "server/config/values.h"

namespace {

using nuthatch::config::Config;
using nuthatch::config::ConfigLoader;

// No file of the machine is read.
nuthatch::base::Result<std::string> ReadNothing(const std::string& path) {
  bool loops = path.find("loop") != std::string::npos;
  return std::string(loops ? "include loop\n" : "hz 20\n");
}

void CheckWords(std::string_view text) {
  auto words = nuthatch::config::SplitWords(text);
  if (!words) return;
  for (const std::string& word : *words) {
    auto again = nuthatch::config::SplitWords(nuthatch::config::Quote(word));
    CHECK(again && again->size() == 1 && again->front() == word);
  }
}

void CheckRewrite(const Config& config, std::string_view text) {
  std::string rewritten = nuthatch::config::RewriteText(config, text);
  CHECK(nuthatch::config::RewriteText(config, rewritten) == rewritten);
}

void CheckEdit(std::string_view text) {
  size_t space = text.find(' ');
  if (space == std::string_view::npos) return;
  nuthatch::config::ConfigEdit edit(nuthatch::config::DefaultConfig());
  if (!edit.Set({{text.substr(0, space), text.substr(space + 1)}}, {}).ok()) return;
  ConfigLoader loader(ReadNothing);
  CHECK(loader.ReadText(nuthatch::config::RewriteText(*edit.config(), "")).ok());
  const Config& read = loader.config();
  for (size_t i = 0; i < nuthatch::config::Directives().size(); ++i) {
    CHECK(read.Text(i) == edit.config()->Text(i));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckWords(text);
  CheckEdit(text);
  ConfigLoader loader(ReadNothing);
  if (loader.ReadText(text).ok()) CheckRewrite(loader.config(), text);
  nuthatch::config::ParseCommandLine(
      "nuthatch", {std::string(text.substr(0, size / 2)), std::string(text.substr(size / 2))});
  nuthatch::base::GlobMatch(text.substr(0, size / 2), text.substr(size / 2), size % 2 == 0);
  return 0;
}
