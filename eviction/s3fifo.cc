// s3fifo: a small queue of new keys, a main one of those that proved worth it, and ghosts.
//
// S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi: "FIFO queues are all you need for cache eviction", SOSP
// 2023). A new key enters the small queue, a tenth of all. At its end it goes, and is remembered as
// a ghost, unless it was used twice or more: then it passes into the main queue. There each use (up
// to three are counted) buys it another round. A key that comes back while it is remembered enters
// the main queue at once. So what is used once in a while never pushes out what is used always.
//
// What it tolerates: the order of each queue is known to a sixteenth of its length, and keys leave
// when the hand comes by (tag_policy.h); a ghost is known by 16 bits of its hash.
#include "eviction/s3fifo.h"

#include <memory>

namespace nuthatch::eviction {

std::unique_ptr<Policy> MakeS3Fifo(const Parameters& parameters) {
  return std::make_unique<S3FifoPolicy<5>>(parameters);
}

}  // namespace nuthatch::eviction
