// Ranges of sorted sets as arguments name them.
//
// Pure functions, and readers that reply with Redis's errors; any thread that runs a command.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/commands/args.h"
#include "server/runtime/context.h"
#include "server/values/sorted_set_range.h"

namespace nuthatch::commands {

// The ranks from `first` to `last`, both included; negative ones count from the end of `size`
// members.
inline values::RankRange ResolveRanks(int64_t first, int64_t last, size_t size) {
  auto count = static_cast<int64_t>(size);
  if (first < 0) first = first + count < 0 ? 0 : first + count;
  if (last < 0) last += count;
  if (first > last || first >= count) return {};
  if (last >= count) last = count - 1;
  return {static_cast<size_t>(first), static_cast<size_t>(last) + 1};
}

inline std::optional<values::ScoreRange> ScoreRangeOrReply(runtime::CommandContext& context,
                                                           std::string_view min,
                                                           std::string_view max) {
  std::optional<values::ScoreRange> range = values::ParseScoreRange(min, max);
  if (!range.has_value()) context.reply().Error(errors::kScoreBound);
  return range;
}

inline std::optional<values::LexRange> LexRangeOrReply(runtime::CommandContext& context,
                                                       std::string_view min, std::string_view max) {
  std::optional<values::LexRange> range = values::ParseLexRange(min, max);
  if (!range.has_value()) context.reply().Error(errors::kLexBound);
  return range;
}

}  // namespace nuthatch::commands
