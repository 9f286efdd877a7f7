#include "tests/linearizability/workload.h"

#include <array>
#include <numeric>

#include "server/base/check.h"
#include "server/base/numbers.h"

namespace nuthatch::linearizability {
namespace {

constexpr std::string_view kShapeNames[kShapes] = {
    "mix",      "message-passing", "store-buffer", "torn-mset",    "parked",
    "wanderer", "all-or-nothing",  "counters",     "transactions", "queues",
};

// Makes the commands of one round.
class Maker {
 public:
  Maker(const WorkloadOptions& options, base::Random& random)
      : options_(options), random_(random) {}

  Round Make();

 private:
  // Values are this far apart, so that INCR seldom makes one that was written elsewhere.
  static constexpr int64_t kStride = 100;

  bool OneIn(uint64_t n) { return random_.Below(n) == 0; }
  size_t Between(size_t low, size_t high) { return low + random_.Below(high - low + 1); }
  uint8_t Key() { return static_cast<uint8_t>(random_.Below(options_.keys)); }
  uint8_t OtherKey(uint8_t key) {
    return static_cast<uint8_t>((key + 1 + random_.Below(options_.keys - 1)) % options_.keys);
  }
  std::string Value() { return base::FormatInt64(next_value_ += kStride); }
  // GETSET tells what it overwrote: with SET alone most orders of the writes would do.
  Verb SetVerb() { return OneIn(3) ? Verb::kGetSet : Verb::kSet; }
  std::vector<uint8_t> AllKeys();
  // Some keys, at least two, in random order; now and then one twice.
  std::vector<uint8_t> SomeKeys();

  static Command Plain(Verb verb, std::vector<uint8_t> keys) { return {verb, std::move(keys), {}}; }
  Command Writing(Verb verb, std::vector<uint8_t> keys);
  Command Any(Verb verb);
  Command AnyOf(std::initializer_list<Verb> verbs) {
    return Any(verbs.begin()[random_.Below(verbs.size())]);
  }

  std::vector<Batch> Connection(Shape shape);
  void Fill(Shape shape, size_t length, std::vector<Command>& out);
  void PassMessages(size_t length, std::vector<Command>& out);
  void BufferStores(size_t length, std::vector<Command>& out);
  void TearMset(size_t length, std::vector<Command>& out);
  Command Exec();
  void Transact(size_t length, std::vector<Command>& out);
  void Queue(size_t length, std::vector<Command>& out);

  const WorkloadOptions& options_;
  base::Random& random_;
  int64_t next_value_ = 0;
  uint8_t first_ = 0;  // two keys that a round's shape is about
  uint8_t second_ = 1;
};

std::vector<uint8_t> Maker::AllKeys() {
  std::vector<uint8_t> keys(options_.keys);
  std::iota(keys.begin(), keys.end(), static_cast<uint8_t>(0));
  return keys;
}

std::vector<uint8_t> Maker::SomeKeys() {
  std::vector<uint8_t> keys = AllKeys();
  for (size_t i = keys.size() - 1; i > 0; --i) std::swap(keys[i], keys[random_.Below(i + 1)]);
  keys.resize(Between(2, keys.size()));
  if (OneIn(32)) keys.back() = keys.front();
  return keys;
}

Command Maker::Writing(Verb verb, std::vector<uint8_t> keys) {
  Command command{verb, std::move(keys), {}};
  for (size_t i = 0; i < command.keys.size(); ++i) command.values.push_back(Value());
  return command;
}

// A command of this verb with random keys and values.
Command Maker::Any(Verb verb) {
  switch (verb) {
    case Verb::kGet:
    case Verb::kIncr:
    case Verb::kGetDel:
      return Plain(verb, {Key()});
    case Verb::kSet:
    case Verb::kGetSet:
    case Verb::kSetNx:
      return Writing(verb, {Key()});
    case Verb::kAppend:
      return {verb, {Key()}, {base::FormatInt64(static_cast<int64_t>(random_.Below(10)))}};
    case Verb::kDel:
    case Verb::kExists:
      return Plain(verb, OneIn(2) ? std::vector<uint8_t>{Key()} : SomeKeys());
    case Verb::kMget:
      return Plain(verb, SomeKeys());
    case Verb::kMset:
    case Verb::kMsetNx:
      return Writing(verb, SomeKeys());
    case Verb::kRename:
    case Verb::kRenameNx:
    case Verb::kCopy:
    case Verb::kCopyReplace: {
      uint8_t from = Key();
      return Plain(verb, {from, OneIn(32) ? from : OtherKey(from)});
    }
    case Verb::kExec:
      return Exec();
    case Verb::kRpush:
      return Writing(verb, {Key()});
    case Verb::kLpop:
    case Verb::kLrange:
      return Plain(verb, {Key()});
    case Verb::kLmove:
    case Verb::kBlmove: {
      uint8_t from = Key();
      return Plain(verb, {from, OneIn(8) ? from : OtherKey(from)});
    }
  }
  CHECK(false);
}

// A few commands of any kind in one EXEC; now and then none.
Command Maker::Exec() {
  std::vector<Command> parts;
  for (size_t i = OneIn(32) ? 0 : Between(1, 4); i > 0; --i) {
    parts.push_back(Any(static_cast<Verb>(random_.Below(static_cast<size_t>(Verb::kExec)))));
  }
  return MakeExec(std::move(parts));
}

void Maker::Transact(size_t length, std::vector<Command>& out) {
  while (out.size() < length) {
    switch (random_.Below(6)) {
      case 0:
        out.push_back(MakeExec({Writing(SetVerb(), {first_}), Writing(SetVerb(), {second_})}));
        break;
      case 1:
        out.push_back(MakeExec({Plain(Verb::kGet, {first_}), Plain(Verb::kGet, {second_})}));
        break;
      case 2:
        out.push_back(MakeExec({Plain(Verb::kRename, {first_, second_}),
                                Plain(Verb::kIncr, {Key()}), Plain(Verb::kMget, AllKeys())}));
        break;
      case 3:
        out.push_back(Writing(SetVerb(), {OneIn(2) ? first_ : second_}));
        break;
      case 4:
        out.push_back(Plain(Verb::kMget, {first_, second_}));
        break;
      default:
        out.push_back(Exec());
    }
  }
}

// Who waits, and who gives: nobody waits long for nothing.
void Maker::Queue(size_t length, std::vector<Command>& out) {
  bool gives = OneIn(2);
  while (out.size() < length) {
    if (gives && OneIn(4)) {
      out.push_back(MakeExec({Any(Verb::kRpush), Any(OneIn(2) ? Verb::kRpush : Verb::kLpop)}));
    } else if (gives) {
      out.push_back(Any(OneIn(6) ? Verb::kLmove : Verb::kRpush));
    } else {
      out.push_back(AnyOf({Verb::kBlmove, Verb::kBlmove, Verb::kLpop, Verb::kLmove}));
    }
  }
}

void Maker::PassMessages(size_t length, std::vector<Command>& out) {
  bool writer = OneIn(2);
  while (out.size() < length) {
    uint8_t from = writer ? first_ : second_;
    uint8_t to = writer ? second_ : first_;
    if (OneIn(6)) from = Key();
    out.push_back(writer ? Writing(SetVerb(), {from}) : Plain(Verb::kGet, {from}));
    out.push_back(writer ? Writing(SetVerb(), {to}) : Plain(Verb::kGet, {to}));
  }
}

void Maker::BufferStores(size_t length, std::vector<Command>& out) {
  bool turned = OneIn(2);
  while (out.size() < length) {
    out.push_back(Writing(SetVerb(), {turned ? second_ : first_}));
    uint8_t other = turned ? first_ : second_;
    out.push_back(OneIn(4) ? Plain(Verb::kMget, {other, Key()}) : Plain(Verb::kGet, {other}));
  }
}

void Maker::TearMset(size_t length, std::vector<Command>& out) {
  uint64_t role = random_.Below(5);
  while (out.size() < length) {
    if (role < 2) {
      out.push_back(Writing(Verb::kMset, {first_, second_}));
    } else if (role < 4) {
      out.push_back(Writing(SetVerb(), {first_}));
      out.push_back(Writing(SetVerb(), {second_}));
    }
    if (role == 4 || OneIn(4)) out.push_back(Plain(Verb::kMget, {first_, second_}));
  }
}

// Appends commands to `out` until it has at least `length`.
void Maker::Fill(Shape shape, size_t length, std::vector<Command>& out) {
  switch (shape) {
    case Shape::kMessagePassing:
      return PassMessages(length, out);
    case Shape::kStoreBuffer:
      return BufferStores(length, out);
    case Shape::kTornMset:
      return TearMset(length, out);
    case Shape::kParked:
      if (!OneIn(3)) return PassMessages(length, out);
      while (out.size() < length) {
        out.push_back(AnyOf({Verb::kRename, Verb::kRenameNx, Verb::kCopyReplace, Verb::kCopy}));
        if (OneIn(2)) out.push_back(Any(Verb::kMget));
      }
      return;
    case Shape::kWanderer:
      while (out.size() < length) {
        out.push_back(AnyOf({Verb::kRename, Verb::kRename, Verb::kRenameNx, Verb::kGet}));
        if (OneIn(2)) out.push_back(Plain(OneIn(4) ? Verb::kExists : Verb::kMget, AllKeys()));
      }
      return;
    case Shape::kAllOrNothing:
      while (out.size() < length) {
        Verb verbs[] = {Verb::kMset, Verb::kMset, Verb::kMsetNx, Verb::kDel};
        if (OneIn(2)) {
          out.push_back(Plain(OneIn(4) ? Verb::kExists : Verb::kMget, AllKeys()));
          continue;
        }
        Verb verb = verbs[random_.Below(4)];
        out.push_back(verb == Verb::kDel ? Plain(verb, AllKeys()) : Writing(verb, AllKeys()));
      }
      return;
    case Shape::kTransactions:
      return Transact(length, out);
    case Shape::kQueues:
      return Queue(length, out);
    case Shape::kCounters:
      while (out.size() < length) {
        out.push_back(AnyOf({Verb::kIncr, Verb::kIncr, Verb::kIncr, Verb::kAppend, Verb::kGetSet,
                             Verb::kMget, Verb::kGet, Verb::kSetNx, Verb::kGetDel}));
      }
      return;
    case Shape::kMix:
      while (out.size() < length) {
        // Twice as many plain reads and writes as of each other command.
        uint64_t verb = random_.Below(kStringVerbs + 2);
        out.push_back(Any(static_cast<Verb>(verb < kStringVerbs ? verb : verb - kStringVerbs)));
      }
      return;
  }
}

std::vector<Batch> Maker::Connection(Shape shape) {
  std::vector<Batch> batches(Between(1, options_.max_batches));
  for (Batch& batch : batches) {
    Fill(shape, Between(1, options_.max_pipeline), batch.commands);
    batch.in_flight_allowed = OneIn(2) ? 0 : random_.Below(options_.max_pipeline);
  }
  return batches;
}

Round Maker::Make() {
  CHECK(options_.connections >= 2 && options_.keys >= 2 && options_.keys <= kMaxKeys);
  CHECK(options_.max_pipeline >= 1 && options_.max_batches >= 1);
  Shape shape = options_.shape.value_or(static_cast<Shape>(random_.Below(kShapes - 1)));
  first_ = Key();
  second_ = OtherKey(first_);
  Round round;
  round.start.commands.push_back(Plain(Verb::kDel, AllKeys()));
  if (shape == Shape::kQueues) {
    round.start.commands.push_back(Any(Verb::kRpush));
  } else if (shape == Shape::kWanderer) {
    round.start.commands.push_back(Writing(Verb::kSet, {Key()}));
  } else if (!OneIn(4)) {
    round.start.commands.push_back(Writing(Verb::kMset, SomeKeys()));
  }
  size_t busy = Between(2, options_.connections);
  round.body.resize(options_.connections);
  for (size_t i = 0; i < busy; ++i) {
    // Any connections, not always the first: they live on different shards.
    size_t connection = random_.Below(options_.connections);
    if (round.body[connection].empty()) round.body[connection] = Connection(shape);
  }
  if (shape == Shape::kQueues) {
    std::vector<Command> looks;
    for (uint8_t key : AllKeys()) looks.push_back(Plain(Verb::kLrange, {key}));
    round.look.commands.push_back(MakeExec(std::move(looks)));
  } else {
    round.look.commands.push_back(Plain(Verb::kMget, AllKeys()));
  }
  return round;
}

}  // namespace

std::string_view ShapeName(Shape shape) { return kShapeNames[static_cast<size_t>(shape)]; }

std::optional<Shape> ShapeByName(std::string_view name) {
  for (size_t i = 0; i < kShapes; ++i) {
    if (kShapeNames[i] == name) return static_cast<Shape>(i);
  }
  return std::nullopt;
}

Round MakeRound(const WorkloadOptions& options, base::Random& random) {
  return Maker(options, random).Make();
}

size_t CountOperations(const Round& round) {
  size_t count = round.start.commands.size() + round.look.commands.size();
  for (const auto& batches : round.body) {
    for (const Batch& batch : batches) count += batch.commands.size();
  }
  return count;
}

}  // namespace nuthatch::linearizability
