// What commands that wait for a key (BLPOP and its kin) have in common. How they wait:
// runtime/blocking.h.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "server/base/numbers.h"
#include "server/commands/errors.h"
#include "server/commands/lookup.h"
#include "server/runtime/context.h"

namespace nuthatch::commands {

// A timeout in seconds, as Redis reads it: in milliseconds, rounded up; 0 is for ever.
inline std::optional<int64_t> TimeoutOrReply(CommandContext& context, std::string_view text) {
  std::optional<long double> seconds = base::ParseLongDouble(text);
  if (!seconds.has_value()) {
    context.reply().Error(errors::kTimeoutNotFloat);
    return std::nullopt;
  }
  const long double ms = std::ceil(*seconds * 1000);
  // What doesn't fit turns negative in Redis.
  if (ms < 0 || ms >= static_cast<long double>(std::numeric_limits<int64_t>::max())) {
    context.reply().Error(errors::kTimeoutNegative);
    return std::nullopt;
  }
  return static_cast<int64_t>(ms);
}

// Calls visit(key) for each of the first `count` keys that this look of a command is about, until
// it returns true: all of them at first, then the one that has changed. What has another type by
// then is passed over. Returns whether one of them did.
template <typename Visit>
bool LookForWaiting(CommandContext& context, size_t count, keyspace::Type type,
                    const Visit& visit) {
  if (!context.ready_key().has_value()) {
    for (size_t i = 0; i < count; ++i) {
      if (visit(context.key(i))) return true;
    }
    return false;
  }
  const Key& key = context.key(*context.ready_key());
  EntryRef ref = context.keyspace_of(key).Find(context.db(), key, context.now_ms(), Touch::kNone);
  return ref && ref->type() == type && visit(key);
}

}  // namespace nuthatch::commands
