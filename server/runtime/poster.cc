// The algorithm: sort the parts by shard; lock all mailboxes in that order; compare versions; take
// the largest time; put; unlock all; only then wake. A critical section is a few instructions a
// shard, so a poster never waits long, and two posters that share two mailboxes meet in the same
// order in both: so do the transactions, which therefore can't deadlock at their rendezvous.
//
// The poster's own part goes through its own mailbox only if something stands there, or if the
// shard is held: else it would be taken out again at once. That is decided under the own lock, so
// the own part has its place in the order too.
#include "server/runtime/poster.h"

#include <algorithm>

#include "server/runtime/node.h"
#include "server/runtime/shard.h"
#include "server/runtime/test_faults.h"

namespace nuthatch::runtime {
namespace {

// The parts that have something to do, in the order of their shards. A posting has few of them.
void SortParts(Posting& posting, std::vector<PostingPart*>& order) {
  order.clear();
  for (size_t i = 0; i < posting.part_count; ++i) {
    if (!posting.parts[i]->items.empty()) order.push_back(posting.parts[i].get());
  }
  std::sort(order.begin(), order.end(),
            [](const auto* a, const auto* b) { return a->shard < b->shard; });
}

// The planted faults leave a posting with a rendezvous alone: with its parts in different orders in
// two mailboxes it would deadlock, where the tests want to see wrong answers.
bool HasRendezvous(const Posting& posting) {
  for (size_t i = 0; i < posting.transaction_count; ++i) {
    if (posting.transactions[i].rendezvous) return true;
  }
  return false;
}

// The planted fault fragments-one-by-one: each fragment is put by itself.
void PutOneByOne(Node& node, const std::vector<PostingPart*>& order, int64_t now_ms,
                 Posting& posting) {
  posting.now_ms = now_ms;
  for (PostingPart* part : order) {
    Mailbox& mailbox = node.shard(part->shard).mailbox();
    mailbox.Lock();
    mailbox.PutOperation(part);
    mailbox.Unlock();
    mailbox.Wake();
    TestFaults::DelayAtPost();
  }
}

}  // namespace

PostOutcome Post(Node& node, Shard* home, uint64_t version, int64_t now_ms, Posting& posting) {
  thread_local std::vector<PostingPart*> order;
  SortParts(posting, order);
  CHECK(!order.empty());
  posting.parts_left.store(static_cast<uint32_t>(order.size()), std::memory_order_relaxed);
  TestFaults::DelayAtPost();
  if (TestFaults::Get().fragments_one_by_one && !HasRendezvous(posting)) {
    PutOneByOne(node, order, now_ms, posting);
    return PostOutcome::kPosted;
  }

  int64_t time = now_ms;
  bool outdated = false;
  thread_local std::vector<Mailbox*> mailboxes;
  mailboxes.clear();
  for (PostingPart* part : order) {
    Mailbox& mailbox = node.shard(part->shard).mailbox();
    mailboxes.push_back(&mailbox);
    mailbox.Lock();
    time = std::max(time, mailbox.time());
    outdated |= home != nullptr && mailbox.version() != version;
  }
  PostingPart* own = nullptr;
  if (!outdated) {
    posting.now_ms = time;
    for (size_t i = 0; i < order.size(); ++i) {
      PostingPart* part = order[i];
      Mailbox& mailbox = *mailboxes[i];
      mailbox.set_time(time);
      if (home != nullptr && part->shard == home->index() && !home->held() && !home->draining() &&
          (mailbox.empty_locked() || TestFaults::Get().local_past_mailbox)) {
        own = part;
      } else if (TestFaults::Get().hold_outside_mailbox && home != nullptr &&
                 part->shard == home->index() && home->held() && !HasRendezvous(posting)) {
        home->HoldBack(part);
      } else {
        mailbox.PutOperation(part);
      }
    }
  }
  // From here on the posting can be worked off, and without a home be gone: only the mailboxes are
  // touched.
  for (Mailbox* mailbox : mailboxes) mailbox->Unlock();
  if (outdated) return PostOutcome::kOutdated;
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] == own) continue;
    TestFaults::DelayAtPost();
    mailboxes[i]->Wake();
  }
  return own != nullptr ? PostOutcome::kPostedOwnPartNow : PostOutcome::kPosted;
}

}  // namespace nuthatch::runtime
