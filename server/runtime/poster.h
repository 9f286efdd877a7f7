// Putting a posting into the mailboxes: the moment at which everything in it takes effect (DESIGN
// section 3).
#pragma once

#include <cstdint>

#include "server/runtime/posting.h"

namespace nuthatch::runtime {

class Node;
class Shard;

enum class PostOutcome : uint8_t {
  kPosted,
  kPostedOwnPartNow,  // its own part did not need the mailbox: the caller runs it at once
  kOutdated,  // decided under an older version of the snapshots: nothing was posted, decide again
};

// Puts the parts of `posting` into the mailboxes of all shards concerned, at one moment: all their
// locks are held together, taken in the order of the shards. Gives the posting its time, not before
// `now_ms`. `home` is the shard whose thread this is, or null for the control thread, which posts
// system calls only. REQUIRES: the posting has parts; `version` is the one that it was decided
// under.
PostOutcome Post(Node& node, Shard* home, uint64_t version, int64_t now_ms, Posting& posting);

}  // namespace nuthatch::runtime
