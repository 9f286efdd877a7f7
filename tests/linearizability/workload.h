// What the clients of one round do: a known start, then pipelines of several connections at the
// same time, then a look at every key.
//
// Plain values, and functions of a seeded generator: the same seed makes the same rounds. Values
// differ within a round (but for what INCR and APPEND make of them), so that a reply tells which
// write it saw.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "server/base/random.h"
#include "tests/linearizability/operation.h"

namespace nuthatch::linearizability {

// Commands that a connection sends in one write, once at most `in_flight_allowed` of its earlier
// commands are without a reply.
struct Batch {
  std::vector<Command> commands;
  size_t in_flight_allowed = 0;
};

struct Round {
  Batch start;                           // sent by one connection, alone
  std::vector<std::vector<Batch>> body;  // by connection
  Batch look;  // sent by one connection, alone: MGET of all keys, or LRANGE of each
};

// Each shape draws out a way in which a sharded server can go wrong; kMix draws from all commands.
enum class Shape : uint8_t {
  kMix,
  // Writers set keys in one order, readers look in the other: [SET a, SET b] and [GET b, GET a].
  // A read that overtakes what stands in its shard's mailbox shows here.
  kMessagePassing,
  // [SET a, GET b] and [SET b, GET a]: both can't miss the other's write.
  kStoreBuffer,
  // MSET of two keys beside clients that pipeline a SET of each.
  kTornMset,
  // RENAMEs and COPYs keep shards parked, while others pass messages through the same shards.
  kParked,
  // One value wanders by RENAME; whoever looks at all keys sees it exactly once.
  kWanderer,
  // MSET, MSETNX and DEL of all keys beside MGET and EXISTS of all keys.
  kAllOrNothing,
  // INCR, APPEND and GETSET on few keys: no update is lost.
  kCounters,
  // EXECs that write and read two keys, or all, beside clients that write one and look at both.
  kTransactions,
  // Queues: elements pushed, popped and moved, also by commands that wait for them. Only on
  // request, for it takes its time.
  kQueues,
};
constexpr size_t kShapes = 10;

std::string_view ShapeName(Shape shape);
std::optional<Shape> ShapeByName(std::string_view name);

struct WorkloadOptions {
  size_t connections = 8;      // at least 2
  size_t keys = 4;             // 2 to kMaxKeys
  size_t max_pipeline = 8;     // commands a batch
  size_t max_batches = 3;      // batches a connection and round
  std::optional<Shape> shape;  // nothing: a random one each round, but for kQueues
};

Round MakeRound(const WorkloadOptions& options, base::Random& random);

// How many operations a round has, start and look included.
size_t CountOperations(const Round& round);

}  // namespace nuthatch::linearizability
