#include "server/config/config.h"

#include <algorithm>
#include <optional>
#include <set>

#include "server/base/glob.h"
#include "server/config/directives.h"
#include "server/config/values.h"

namespace nuthatch::config {
namespace {

std::optional<std::string> ExpandVariable(const Config& config, std::string_view name,
                                          std::string_view title) {
  if (name == "title") return std::string(title);
  if (name == "listen-addr") {
    if (config.port == 0 && !config.unixsocket.empty()) return config.unixsocket;
    return (config.bind.empty() ? "*" : config.bind.front()) + ':' + std::to_string(config.port);
  }
  if (name == "server-mode") return std::string(config.cluster_enabled ? "[cluster]" : "");
  if (name == "port") return std::to_string(config.port);
  if (name == "tls-port") return std::string("0");
  if (name == "unixsocket") return config.unixsocket;
  if (name == "config-file") return config.config_file;
  return std::nullopt;
}

}  // namespace

const std::shared_ptr<const Config>& DefaultConfig() {
  static const auto* config = [] {
    auto made = std::make_shared<Config>();
    ConfigWriter(*made).ApplyDefaults();
    return new std::shared_ptr<const Config>(std::move(made));
  }();
  return *config;
}

std::vector<std::pair<std::string, std::string>> GetDirectives(
    const Config& config, const std::vector<std::string_view>& patterns) {
  const std::vector<Directive>& rows = Directives();
  std::vector<std::pair<std::string, std::string>> found;
  std::set<std::string> seen;
  auto add = [&](std::string_view shown, size_t index) {
    if (seen.insert(ToLower(shown)).second) found.emplace_back(shown, config.Text(index));
  };
  for (std::string_view pattern : patterns) {
    if (!base::HasGlobCharacter(pattern)) {
      if (std::optional<size_t> index = FindDirective(pattern)) add(pattern, *index);
      continue;
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].Has(kHidden)) continue;
      if (base::GlobMatch(pattern, rows[i].name, true)) add(rows[i].name, i);
      if (!rows[i].alias.empty() && base::GlobMatch(pattern, rows[i].alias, true)) {
        add(rows[i].alias, i);
      }
    }
  }
  return found;
}

std::vector<std::string> StartupWarnings(const Config& config) {
  std::vector<std::string> warnings;
  if (!config.save.empty()) {
    warnings.emplace_back(
        "WARNING: snapshots do not work yet: the 'save' points are remembered, but nothing is "
        "written to disk. Use 'save \"\"' to silence this warning.");
  }
  if (((config.shutdown_on_sigint | config.shutdown_on_sigterm) & kShutdownSave) != 0) {
    warnings.emplace_back(
        "WARNING: snapshots do not work yet: a shutdown by signal does not save the data set, "
        "although shutdown-on-sigint or shutdown-on-sigterm asks for it.");
  }
  return warnings;
}

std::string ExpandProcTitle(const Config& config, std::string_view text, std::string_view title) {
  std::string expanded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      expanded += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '{') {  // "{{" is a brace
      expanded += text[i++];
      continue;
    }
    size_t close = text.find('}', i);
    if (close == std::string_view::npos) return {};
    std::optional<std::string> value =
        ExpandVariable(config, text.substr(i + 1, close - i - 1), title);
    if (!value) return {};
    expanded += *value;
    i = close;
  }
  return std::string(TrimSpaces(expanded, " "));
}

}  // namespace nuthatch::config
