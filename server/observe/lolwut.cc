#include <algorithm>
#include <string>
#include <string_view>

#include "server/base/clock.h"
#include "server/base/version.h"
#include "server/commands/args.h"
#include "server/observe/groups.h"
#include "server/observe/lolwut_art.h"
#include "server/runtime/node.h"

namespace nuthatch::observe {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

// LOLWUT [VERSION version] [columns] [rows]. There is one picture, whatever version is asked for.
void Lolwut(CommandContext& context) {
  int64_t sizes[] = {72, 14};
  if (context.argc() >= 3 && commands::IsWord(context.arg(1), "version")) {
    auto version = commands::IntegerOrReply(context, context.arg(2));
    if (!version.has_value()) return;
    // Redis's pictures of versions 5 and 6 take numbers, three and two; all else is ignored.
    size_t numbers = *version == 5 ? 3 : (*version == 6 ? 2 : 0);
    for (size_t i = 0; i < numbers && 3 + i < context.argc(); ++i) {
      auto number = commands::IntegerOrReply(context, context.arg(3 + i));
      if (!number.has_value()) return;
      if (i < std::size(sizes)) sizes[i] = *number;
    }
  }
  auto columns = static_cast<int>(std::clamp<int64_t>(sizes[0], 1, kMostArtColumns));
  auto rows = static_cast<int>(std::clamp<int64_t>(sizes[1], 1, kMostArtRows));
  std::string text = DrawWood(columns, rows, static_cast<uint64_t>(base::WallUs()));
  text.append("\nA nuthatch finds every seed again. Nuthatch ver. ").append(base::kVersion);
  context.reply().Verbatim("txt", text.append("\n"));
}

constexpr ArgSpec kLolwutArgs[] = {
    {.name = "version", .type = ArgType::kInteger, .token = "VERSION", .flags = kArgOptional}};

constexpr CommandSpec kRows[] = {{.name = "lolwut",
                                  .arity = -1,
                                  .flags = kReadonly | kFast,
                                  .run = Lolwut,
                                  .summary = "Display some computer art and the Redis version",
                                  .since = "5.0.0",
                                  .group = "server",
                                  .args = kLolwutArgs}};

}  // namespace

std::span<const CommandSpec> LolwutCommands() { return kRows; }

}  // namespace nuthatch::observe
