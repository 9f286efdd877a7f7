// Taking the lowest or highest members out of a sorted set, as ZPOPMIN, ZMPOP and their blocking
// kin do.
//
// Used by functions of commands, on the thread that runs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "server/keyspace/key.h"
#include "server/runtime/context.h"

namespace nuthatch::commands {

enum class PopEnd : uint8_t { kMin, kMax };

// The reply to a pop.
enum class PopForm : uint8_t {
  kFlat,      // [member, score, ...]: ZPOPMIN
  kPairs,     // [[member, score], ...]: ZPOPMIN with a count in RESP3
  kKeyFlat,   // [key, member, score, ...]: BZPOPMIN
  kKeyPairs,  // [key, [[member, score], ...]]: ZMPOP, BZMPOP
};

enum class PopResult : uint8_t {
  kNothing,    // there is no key, or `count` is 0; nothing was replied
  kPopped,     // and replied
  kWrongType,  // and replied
};

// Takes up to `count` members out of the sorted set of `key`, which goes with its last one, and
// replies; counts the changes.
PopResult PopFromKey(runtime::CommandContext& context, const keyspace::Key& key, PopEnd end,
                     size_t count, PopForm form);

// What ZMPOP asks for.
struct SortedSetPop {
  PopEnd end = PopEnd::kMin;
  size_t count = 1;
};
// Reads `numkeys key ... MIN|MAX [COUNT n]`, with numkeys at argument `num_keys`.
std::optional<SortedSetPop> SortedSetPopOrReply(runtime::CommandContext& context, size_t num_keys);

}  // namespace nuthatch::commands
