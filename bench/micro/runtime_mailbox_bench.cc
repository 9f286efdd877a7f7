// What a mailbox costs, and a hop: messages through a mailbox on one thread, and whole commands
// from a client of one shard to a key of another and back.
#include <deque>

#include <benchmark/benchmark.h>

#include "server/runtime/context.h"
#include "server/runtime/mailbox.h"
#include "server/runtime/ticks.h"
#include "tests/support/shard_harness.h"

namespace nuthatch::runtime {
namespace {

// --- A mailbox, on one thread ---

struct Empty : Message {
  Empty() : Message(Kind::kPart) {}
};

size_t Count(const Message* message) {
  size_t count = 0;
  for (; message != nullptr; message = message->next) ++count;
  return count;
}

void PerMessage(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["per_message"] =
      benchmark::Counter(static_cast<double>(state.iterations() * state.range(0)),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// So many operations put one by one, each with its lock and a look whether somebody sleeps, then
// taken together.
void PutAndTakeOperations(benchmark::State& state) {
  Mailbox mailbox;
  std::deque<Empty> messages(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    for (Empty& message : messages) {
      mailbox.Lock();
      mailbox.PutOperation(&message);
      mailbox.Unlock();
      mailbox.Wake();
    }
    benchmark::DoNotOptimize(Count(mailbox.TakeOperations()));
  }
  PerMessage(state);
}
BENCHMARK(PutAndTakeOperations)->Arg(1)->Arg(16)->Arg(128);

void PutAndTakeAnswers(benchmark::State& state) {
  Mailbox mailbox;
  std::deque<Empty> messages(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    for (Empty& message : messages) {
      mailbox.PutAnswer(&message);
      mailbox.Wake();
    }
    benchmark::DoNotOptimize(Count(mailbox.TakeAnswers()));
  }
  PerMessage(state);
}
BENCHMARK(PutAndTakeAnswers)->Arg(1)->Arg(16)->Arg(128);

// --- A hop, between two shards ---

constexpr KeySpec kFirst[] = {
    {.begin = KeySpec::Begin::kIndex, .index = 1, .find = KeySpec::Find::kRange}};
constexpr CommandSpec kCommands[] = {
    {.name = "touch",
     .arity = 2,
     .key_specs = kFirst,
     .where = Where::kByKeys,
     .run = [](CommandContext& context) { context.reply().SimpleString("OK"); }}};

constexpr int64_t kTrips = 1000;

// Time and CPU time (of all threads) of a round trip: a command that does nothing to a key of shard
// `owner`, from a client of shard 0 that sends the next one when the reply has come. The client is
// in memory: no socket is read or written.
void RoundTrips(benchmark::State& state, size_t owner, bool spins) {
  static const bool calibrated = (Ticks::Calibrate(), true);
  benchmark::DoNotOptimize(calibrated);
  ShardHarness shards(2, kCommands, {.spins = spins});
  MemoryClient& client = shards.Connect(0);
  std::string request = MemoryClient::Encode({"touch", shards.KeyOn(owner)});
  client.PingPong(request, 100);
  for (auto _ : state) client.PingPong(request, kTrips);
  state.SetItemsProcessed(state.iterations() * kTrips);
  state.counters["per_trip"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kTrips),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// What the same costs without a hop: a turn of the shard a command.
void RoundTripAtHome(benchmark::State& state) { RoundTrips(state, 0, false); }
BENCHMARK(RoundTripAtHome)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

// Neither shard ever sleeps, as if both had more to do: nobody is woken. On fewer than two free
// cores they get in each other's way.
void RoundTripAwake(benchmark::State& state) { RoundTrips(state, 1, true); }
BENCHMARK(RoundTripAwake)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

// Each shard sleeps, but for a last look, until the other one wakes it.
void RoundTripThatSleeps(benchmark::State& state) { RoundTrips(state, 1, false); }
BENCHMARK(RoundTripThatSleeps)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nuthatch::runtime
