#include "server/config/edit.h"

#include <algorithm>
#include <optional>
#include <set>

#include "server/base/check.h"
#include "server/config/directives.h"
#include "server/config/values.h"

namespace nuthatch::config {
namespace {

using base::Error;

// Why the row can't be set by this caller now, or nothing.
std::string_view Forbidden(size_t index, std::string_view value, const Config& config,
                           const Caller& caller) {
  const Directive& row = Directives()[index];
  // Programs that set everything to what CONFIG GET * shows know Redis's fixed directives, not
  // ours.
  bool same = row.Has(kOwnValue) && value == config.Text(index);
  if (row.Has(kImmutable) && !same) return "can't set immutable config";
  if (row.Has(kProtected) &&
      (config.enable_protected_configs == CommandAccess::kNo ||
       (config.enable_protected_configs == CommandAccess::kLocal && !caller.local))) {
    return "can't set protected config";
  }
  return {};
}

}  // namespace

ConfigEdit::ConfigEdit(std::shared_ptr<const Config> base) : base_(std::move(base)) {
  CHECK(base_ != nullptr);
}

base::Result<void> ConfigEdit::Set(
    const std::vector<std::pair<std::string_view, std::string_view>>& pairs, const Caller& caller) {
  const std::vector<Directive>& rows = Directives();
  std::vector<size_t> indexes;
  std::set<std::string> names;
  for (const auto& [name, value] : pairs) {
    std::optional<size_t> index = FindDirective(name);
    if (!index) {
      return Error("Unknown option or number of arguments for CONFIG SET - '" +
                   std::string(name.substr(0, name.find('\0'))) + "'");
    }
    const Directive& row = rows[*index];
    std::string_view cause = Forbidden(*index, value, *base_, caller);
    if (!cause.empty()) return Error(SetFailedText(name, cause));
    if (caller.loading && row.Has(kDenyLoading)) {
      return Error("LOADING Redis is loading the dataset in memory");
    }
    // A name and its alias together are accepted, as in Redis: the last one holds.
    if (!names.insert(ToLower(name)).second) {
      return Error(SetFailedText(name, "duplicate parameter"));
    }
    indexes.push_back(*index);
  }

  auto edited = std::make_shared<Config>(*base_);
  for (size_t i = 0; i < pairs.size(); ++i) {
    const Directive& row = rows[indexes[i]];
    // Redis names the row here in its own spelling, but aliases as aliases.
    std::string shown = ToLower(pairs[i].first);
    std::vector<std::string> arguments{std::string(pairs[i].second)};
    if (row.Has(kMultiArg)) arguments = SplitAtSpaces(pairs[i].second);
    base::Result<void> applied =
        ConfigWriter(*edited).Apply(indexes[i], arguments, Context{Origin::kSet, true});
    if (!applied.ok()) return Error(SetFailedText(shown, applied.error()));
    if (row.Refused() && edited->Text(indexes[i]) != DefaultConfig()->Text(indexes[i])) {
      return Error(SetFailedText(shown, RefusalText(row)));
    }
  }
  for (size_t index : indexes) {
    if (edited->Text(index) != base_->Text(index)) changed_.push_back(rows[index].name);
  }
  result_ = std::move(edited);
  return {};
}

bool ConfigEdit::Changed(std::string_view name) const {
  return std::find(changed_.begin(), changed_.end(), name) != changed_.end();
}

std::string SetFailedText(std::string_view name, std::string_view cause) {
  return "CONFIG SET failed (possibly related to argument '" + std::string(name) + "') - " +
         std::string(cause);
}

bool IsSensitive(std::string_view name) {
  std::optional<size_t> index = FindDirective(name);
  return index && Directives()[*index].Has(kSensitive);
}

}  // namespace nuthatch::config
