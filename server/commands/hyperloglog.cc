// HyperLogLog commands. The format of the strings is values/hyperloglog.h's.
#include "server/values/hyperloglog.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "server/base/random.h"
#include "server/commands/args.h"
#include "server/commands/groups.h"
#include "server/commands/hyperloglog_docs.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using keyspace::Form;
using keyspace::NumberText;
using keyspace::Ttl;
using values::HllEncoding;
using values::HllRegisters;
using values::HllString;

// The string of a key, raw from now on, as Redis makes every string that it is about to change.
// It holds the only reference to the key's entry that is good.
class KeyedHll : public HllString {
 public:
  // REQUIRES: ref is a string.
  KeyedHll(CommandContext& context, const Key& key, EntryRef ref)
      : keys_(context.keyspace_of(key)), db_(context.db()), key_(key), ref_(ref) {
    Resize(ref->TextSize());
  }

 private:
  void Resize(size_t size) override {
    data_ = keys_.ResizeString(db_, key_, ref_, size);
    keys_.NoteChange(db_, key_);
    size_ = size;
  }

  Keyspace& keys_;
  int db_;
  const Key& key_;
  EntryRef ref_;
};

// The string's bytes, if it is a HyperLogLog; else an error reply. REQUIRES: ref.
std::optional<std::string_view> HllOrReply(CommandContext& context, const EntryRef& ref) {
  if (!IsStringOrReply(context, ref)) return std::nullopt;
  NumberText text;
  std::string_view bytes = ref->Text(text);
  if (values::IsHyperLogLog(bytes)) return bytes;  // no number is one: it is no view of `text`
  context.reply().Error(errors::kNotHyperLogLog);
  return std::nullopt;
}

EntryRef MakeEmpty(CommandContext& context, const Key& key) {
  return context.keyspace_of(key).SetString(context.db(), key, {}, values::EmptyHll(), Ttl::None(),
                                            Form::kRaw);
}

void PfAdd(CommandContext& context) {
  const Key& key = context.key(0);
  EntryRef ref = FindForWrite(context, key);
  size_t changes = 0;
  if (!ref) {
    ref = MakeEmpty(context, key);
    ++changes;
  } else if (!HllOrReply(context, ref).has_value()) {
    return;
  }
  KeyedHll hll(context, key, ref);
  for (std::string_view element : context.args().subspan(2)) {
    switch (hll.Raise(values::HllPlaceOf(element), context.config().hll_sparse_max_bytes)) {
      case HllString::Raised::kNo:
        break;
      case HllString::Raised::kYes:
        ++changes;
        break;
      case HllString::Raised::kCorrupt:
        return context.reply().Error(errors::kCorruptHyperLogLog);
    }
  }
  if (changes == 0) return context.reply().Raw(resp::kZeroReply);
  values::InvalidateHllCached(hll.data());
  CountChanges(context, changes);
  context.reply().Raw(resp::kOneReply);
}

// --- PFCOUNT ---

// Merges the key's registers, if it is there; false after an error reply. Says in `dense` whether
// it was.
bool MergeKey(CommandContext& context, const Key& key, HllRegisters& registers, bool& dense) {
  EntryRef ref = FindForRead(context, key);
  if (!ref) return true;
  std::optional<std::string_view> bytes = HllOrReply(context, ref);
  if (!bytes.has_value()) return false;
  if (values::HllEncodingOf(*bytes) == HllEncoding::kDense) dense = true;
  if (values::MergeHll(*bytes, registers)) return true;
  context.reply().Error(errors::kCorruptHyperLogLog);
  return false;
}

// The same for all of the command's keys.
bool MergeKeys(CommandContext& context, HllRegisters& registers, bool& dense) {
  std::span<const Key> keys = context.keys();
  return std::all_of(keys.begin(), keys.end(),
                     [&](const Key& key) { return MergeKey(context, key, registers, dense); });
}

void CountUnion(CommandContext& context) {
  HllRegisters registers{};
  bool dense = false;
  if (!MergeKeys(context, registers, dense)) return;
  context.reply().Integer(static_cast<int64_t>(values::EstimateHll(registers)));
}

// A read that writes: the estimate is kept in the string's header until registers change.
void PfCount(CommandContext& context) {
  if (context.keys().size() > 1) return CountUnion(context);
  const Key& key = context.key(0);
  EntryRef ref = FindForRead(context, key);
  if (!ref) return context.reply().Raw(resp::kZeroReply);
  if (!HllOrReply(context, ref).has_value()) return;
  KeyedHll hll(context, key, ref);
  std::optional<uint64_t> estimate = values::HllCached(hll.view());
  if (!estimate.has_value()) {
    estimate = values::EstimateHll(hll.view());
    if (!estimate.has_value()) return context.reply().Error(errors::kCorruptHyperLogLog);
    values::SetHllCached(hll.data(), *estimate);
    CountChanges(context);
  }
  context.reply().Integer(static_cast<int64_t>(*estimate));
}

// --- PFMERGE ---

void PfMerge(CommandContext& context) {
  HllRegisters registers{};
  bool dense = false;
  // The destination, the first key, is one of the sources.
  if (!MergeKeys(context, registers, dense)) return;
  const Key& key = context.key(0);
  EntryRef ref = FindForWrite(context, key);
  if (!ref) ref = MakeEmpty(context, key);
  KeyedHll hll(context, key, ref);
  if (dense && !hll.MakeDense()) return context.reply().Error(errors::kCorruptHyperLogLog);
  for (size_t i = 0; i < registers.size(); ++i) {
    if (registers[i] == 0) continue;
    hll.Raise({.index = i, .rank = registers[i]}, context.config().hll_sparse_max_bytes);
  }
  values::InvalidateHllCached(hll.data());
  CountChanges(context);
  context.reply().Raw(resp::kOkReply);
}

// --- PFDEBUG ---

// Whether the string was sparse and is dense now; nullopt after an error reply.
std::optional<bool> MakeDenseOrReply(CommandContext& context, HllString& hll) {
  if (values::HllEncodingOf(hll.view()) == HllEncoding::kDense) return false;
  if (!hll.MakeDense()) {
    context.reply().Error(errors::kCorruptHyperLogLog);
    return std::nullopt;
  }
  CountChanges(context);
  return true;
}

void ReplyRegisters(CommandContext& context, HllString& hll) {
  if (!MakeDenseOrReply(context, hll).has_value()) return;
  context.reply().Array(values::kHllRegisters);
  for (size_t i = 0; i < values::kHllRegisters; ++i) {
    context.reply().Integer(values::HllDenseGet(hll.view(), i));
  }
}

void ReplyRuns(CommandContext& context, const HllString& hll) {
  if (values::HllEncodingOf(hll.view()) != HllEncoding::kSparse) {
    return context.reply().Error(errors::kPfDebugNotSparse);
  }
  context.reply().Bulk(values::DescribeHllSparse(hll.view()));
}

void PfDebug(CommandContext& context) {
  const Key& key = context.key(0);
  EntryRef ref = FindForWrite(context, key);
  if (!ref) return context.reply().Error(errors::kPfDebugNoKey);
  if (!HllOrReply(context, ref).has_value()) return;
  KeyedHll hll(context, key, ref);
  std::string_view subcommand = context.arg(1);
  if (IsWord(subcommand, "getreg")) return ReplyRegisters(context, hll);
  if (IsWord(subcommand, "decode")) return ReplyRuns(context, hll);
  if (IsWord(subcommand, "encoding")) {
    bool dense = values::HllEncodingOf(hll.view()) == HllEncoding::kDense;
    return context.reply().SimpleString(dense ? "dense" : "sparse");
  }
  if (IsWord(subcommand, "todense")) {
    std::optional<bool> changed = MakeDenseOrReply(context, hll);
    if (changed.has_value()) context.reply().Integer(*changed ? 1 : 0);
    return;
  }
  context.reply().Error(errors::UnknownPfDebug(subcommand));
}

// --- PFSELFTEST ---

// A HyperLogLog of its own.
class LooseHll : public HllString {
 public:
  LooseHll() { Assign(values::EmptyHll()); }

 private:
  void Resize(size_t size) override {
    bytes_.resize(size);
    data_ = bytes_.data();
    size_ = size;
  }
  void Assign(std::string_view bytes) {
    Resize(bytes.size());
    bytes.copy(data_, bytes.size());
  }

  std::string bytes_;
};

// Registers in every place with every value, against plain ones. Nullopt if all is well.
std::optional<std::string> TestRegisters(base::Random& random) {
  constexpr int kRounds = 100'000;
  LooseHll hll;
  if (!hll.MakeDense()) return "an empty HyperLogLog can't be made dense";
  HllRegisters plain{};
  for (int round = 0; round < kRounds; ++round) {
    values::HllPlace place{.index = random.Below(values::kHllRegisters),
                           .rank = static_cast<int>(random.Below(values::kHllMostRank)) + 1};
    hll.Raise(place, 0);
    plain[place.index] = std::max(plain[place.index], static_cast<uint8_t>(place.rank));
  }
  for (size_t i = 0; i < plain.size(); ++i) {
    int value = values::HllDenseGet(hll.view(), i);
    if (value == plain[i]) continue;
    return "register " + std::to_string(i) + " should be " + std::to_string(plain[i]) + " but is " +
           std::to_string(value);
  }
  return std::nullopt;
}

// Sets of up to a hundred thousand elements: sparse (while it may be) and dense must agree, and the
// estimate be off by at most six standard errors, or a tenth while that is more.
std::optional<std::string> TestEstimates(CommandContext& context, base::Random& random) {
  constexpr uint64_t kElements = 100'000;
  constexpr uint64_t kFewElements = 1'000;
  constexpr double kFewError = 0.1;
  const double error = 6 * 1.04 / std::sqrt(static_cast<double>(values::kHllRegisters));
  uint64_t seed = random.Next();
  LooseHll sparse;
  LooseHll dense;
  if (!dense.MakeDense()) return "an empty HyperLogLog can't be made dense";
  uint64_t next_look = 1;
  for (uint64_t count = 1; count <= kElements; ++count) {
    uint64_t element = count ^ seed;
    values::HllPlace place =
        values::HllPlaceOf({reinterpret_cast<const char*>(&element), sizeof(element)});
    sparse.Raise(place, context.config().hll_sparse_max_bytes);
    dense.Raise(place, 0);
    if (count != next_look) continue;
    next_look *= 10;
    std::optional<uint64_t> estimate = values::EstimateHll(dense.view());
    if (values::EstimateHll(sparse.view()) != estimate) {
      return "the encodings differ after " + std::to_string(count) + " elements";
    }
    auto exact = static_cast<double>(count);
    double allowed = std::ceil(exact * (count <= kFewElements ? kFewError : error));
    if (std::abs(static_cast<double>(*estimate) - exact) > allowed) {
      return "too large an error: " + std::to_string(*estimate) + " for " + std::to_string(count) +
             " elements";
    }
  }
  return std::nullopt;
}

void PfSelfTest(CommandContext& context) {
  base::Random random(base::EntropySeed());
  std::optional<std::string> fault = TestRegisters(random);
  if (!fault.has_value()) fault = TestEstimates(context, random);
  if (fault.has_value()) return context.reply().Error(errors::SelfTestFailed(*fault));
  context.reply().Raw(resp::kOkReply);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kHyperLogLogCommands[] = {
    {.name = "pfadd",
     .arity = -2,
     .flags = kWrite | kDenyOom | kFast,
     .key_specs = kKeyRwInsert,
     .acl_categories = kAclHyperLogLog,
     .where = Where::kByKeys,
     .run = PfAdd,
     .summary = "Adds the specified elements to the specified HyperLogLog.",
     .complexity = "O(1) to add every element.",
     .since = "2.8.9",
     .group = "hyperloglog",
     .args = kPfAddArgs},
    {.name = "pfcount",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kPfCountKeys,
     .acl_categories = kAclHyperLogLog,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = PfCount,
     .summary = "Return the approximated cardinality of the set(s) observed by the HyperLogLog at "
                "key(s).",
     .complexity = "O(1) with a very small average constant time when called with a single key. "
                   "O(N) with N being the number of keys, and much bigger constant times, when "
                   "called with multiple keys.",
     .since = "2.8.9",
     .group = "hyperloglog",
     .args = kPfCountArgs},
    {.name = "pfdebug",
     .arity = 3,
     .flags = kWrite | kDenyOom | kAdmin,
     .key_specs = kPfDebugKey,
     .acl_categories = kAclHyperLogLog,
     .where = Where::kByKeys,
     .run = PfDebug,
     .summary = "Internal commands for debugging HyperLogLog values",
     .complexity = "N/A",
     .since = "2.8.9",
     .group = "hyperloglog",
     .doc_flags = "syscmd",
     .args = kPfDebugArgs},
    {.name = "pfmerge",
     .arity = -2,
     .flags = kWrite | kDenyOom,
     .key_specs = kPfMergeKeys,
     .acl_categories = kAclHyperLogLog,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = PfMerge,
     .summary = "Merge N different HyperLogLogs into a single one.",
     .complexity = "O(N) to merge N HyperLogLogs, but with high constant times.",
     .since = "2.8.9",
     .group = "hyperloglog",
     .args = kPfMergeArgs},
    {.name = "pfselftest",
     .arity = 1,
     .flags = kAdmin,
     .acl_categories = kAclHyperLogLog,
     .where = Where::kHome,
     .run = PfSelfTest,
     .summary = "An internal command for testing HyperLogLog values",
     .complexity = "N/A",
     .since = "2.8.9",
     .group = "hyperloglog",
     .doc_flags = "syscmd"},
};

}  // namespace

std::span<const runtime::CommandSpec> HyperLogLogCommands() { return kHyperLogLogCommands; }

}  // namespace nuthatch::commands
