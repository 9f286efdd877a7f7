#include "server/commands/sort_options.h"

#include <algorithm>

#include "server/base/numbers.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"

namespace nuthatch::commands {

SortPattern::SortPattern(std::string_view text) {
  const std::string_view shown = errors::Shown(text);
  if (shown == "#") {
    kind_ = Kind::kElement;
    return;
  }
  const size_t star = shown.find('*');
  if (star == std::string_view::npos) return;
  kind_ = Kind::kKeys;
  prefix_ = text.substr(0, star);
  suffix_ = text.substr(star + 1);
  constexpr std::string_view kArrow = "->";
  const size_t arrow = shown.find(kArrow, star + 1);
  if (arrow == std::string_view::npos || arrow + kArrow.size() == shown.size()) return;
  suffix_ = text.substr(star + 1, arrow - star - 1);
  field_ = text.substr(arrow + kArrow.size());
}

void SortPattern::NameKey(std::string_view element, std::string* name) const {
  name->assign(prefix_).append(element).append(suffix_);
}

std::string_view ParseSort(std::span<const std::string_view> args, bool may_store,
                           SortOptions* options) {
  for (size_t i = 2; i < args.size(); ++i) {
    const std::string_view word = args[i];
    const size_t behind = args.size() - i - 1;
    if (IsWord(word, "asc")) {
      options->descending = false;
    } else if (IsWord(word, "desc")) {
      options->descending = true;
    } else if (IsWord(word, "alpha")) {
      options->alpha = true;
    } else if (IsWord(word, "limit") && behind >= 2) {
      const std::optional<int64_t> offset = base::ParseInt64(args[++i]);
      const std::optional<int64_t> count = base::ParseInt64(args[++i]);
      if (!offset.has_value() || !count.has_value()) return errors::kNotAnInteger;
      options->offset = *offset;
      options->count = *count;
    } else if (may_store && IsWord(word, "store") && behind >= 1) {
      options->store = ++i;
    } else if (IsWord(word, "by") && behind >= 1) {
      options->by = SortPattern(args[++i]);
    } else if (IsWord(word, "get") && behind >= 1) {
      options->gets.emplace_back(args[++i]);
    } else {
      return errors::kSyntax;
    }
  }
  return {};
}

namespace {

// The position of the destination's name as SortKeys() finds it; 0 if there is none. Words that are
// known to have arguments are passed over with these, STORE is not.
size_t FindDestination(std::span<const std::string_view> args) {
  size_t found = 0;
  for (size_t i = 2; i < args.size(); ++i) {
    if (IsWord(args[i], "limit")) {
      i += 2;
    } else if (IsWord(args[i], "get") || IsWord(args[i], "by")) {
      i += 1;
    } else if (IsWord(args[i], "store") && i + 1 < args.size()) {
      found = i + 1;
    }
  }
  return found;
}

bool NamesKeys(const SortOptions& options) {
  return (options.by.has_value() && options.by->names_keys()) ||
         std::any_of(options.gets.begin(), options.gets.end(),
                     [](const SortPattern& pattern) { return pattern.names_keys(); });
}

}  // namespace

bool SortRoKeys(std::span<const std::string_view>, runtime::KeyPositions& out) {
  out.Add(1, runtime::kKeyRO | runtime::kKeyAccess);
  return true;
}

bool SortKeys(std::span<const std::string_view> args, runtime::KeyPositions& out) {
  SortRoKeys(args, out);
  const size_t destination = FindDestination(args);
  if (destination != 0) out.Add(destination, runtime::kKeyOW | runtime::kKeyUpdate);
  return true;
}

bool SortNeedsAll(std::span<const std::string_view> args) {
  SortOptions options;
  // What is wrong is refused before any key is looked at.
  if (!ParseSort(args, true, &options).empty()) return false;
  return NamesKeys(options) ||
         (options.store.has_value() && *options.store != FindDestination(args));
}

bool SortRoNeedsAll(std::span<const std::string_view> args) {
  SortOptions options;
  return ParseSort(args, false, &options).empty() && NamesKeys(options);
}

}  // namespace nuthatch::commands
