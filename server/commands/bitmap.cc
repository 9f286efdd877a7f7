// Commands on the bits of strings: single ones, counting, searching, combining.
#include <algorithm>
#include <cstring>
#include <vector>

#include "server/commands/args.h"
#include "server/commands/bitmap_docs.h"
#include "server/commands/bitmap_offset.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/resp/replies.h"
#include "server/runtime/acl_category.h"
#include "server/values/bits.h"

namespace nuthatch::commands {
namespace {

using keyspace::NumberText;
using keyspace::Ttl;
using values::BitOperation;
using values::Blob;

// Sockets are served after about so many bytes: a fraction of a millisecond.
constexpr uint64_t kBytesBetweenBreaths = uint64_t{4} << 20;
constexpr uint64_t kBitsBetweenBreaths = kBytesBetweenBreaths * 8;

void SetBit(CommandContext& context) {
  std::optional<uint64_t> offset = BitOffsetOrReply(context, context.arg(2));
  if (!offset.has_value()) return;
  std::optional<int64_t> bit = IntegerOrReply(context, context.arg(3), errors::kBitValue);
  if (!bit.has_value()) return;
  if (*bit != 0 && *bit != 1) return context.reply().Error(errors::kBitValue);
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (ref && !IsStringOrReply(context, ref)) return;
  size_t old_size = ref ? ref->TextSize() : 0;
  size_t size = std::max<size_t>(old_size, *offset / 8 + 1);
  const bool grown = size > old_size;
  char* bytes = keys.ResizeString(context.db(), key, ref, size);
  const bool old = values::GetBit({bytes, size}, *offset);
  // What stays as it is tells nobody who watches.
  if (grown || old != (*bit == 1)) {
    values::SetBit(bytes, *offset, *bit == 1);
    keys.NoteChange(context.db(), key);
    CountChanges(context);
  }
  context.reply().Integer(old ? 1 : 0);
}

void GetBit(CommandContext& context) {
  std::optional<uint64_t> offset = BitOffsetOrReply(context, context.arg(2));
  if (!offset.has_value()) return;
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Raw(resp::kZeroReply);
  if (!IsStringOrReply(context, ref)) return;
  NumberText text;
  context.reply().Integer(values::GetBit(ref->Text(text), *offset) ? 1 : 0);
}

// --- Ranges: BITCOUNT and BITPOS ---

enum class Unit : uint8_t { kByte, kBit };

std::optional<Unit> UnitOrReply(CommandContext& context, std::string_view text) {
  if (IsWord(text, "bit")) return Unit::kBit;
  if (IsWord(text, "byte")) return Unit::kByte;
  context.reply().Error(errors::kSyntax);
  return std::nullopt;
}

struct BitRange {
  uint64_t begin = 0;
  uint64_t end = 0;
};

// The bits from `start` to `end`, both included; negative positions count from the end of `size`
// bytes.
BitRange Resolve(int64_t start, int64_t end, Unit unit, size_t size) {
  auto count = static_cast<int64_t>(unit == Unit::kBit ? size * 8 : size);
  if (start < 0) start = std::max<int64_t>(count + start, 0);
  if (end < 0) end = std::max<int64_t>(count + end, 0);
  end = std::min(end, count - 1);
  if (start > end) return {};
  uint64_t bits = unit == Unit::kBit ? 1 : 8;
  return {static_cast<uint64_t>(start) * bits, (static_cast<uint64_t>(end) + 1) * bits};
}

// Calls visit(part) for one part of the range after the other, until it returns true.
template <typename Visit>
void ForEachPart(CommandContext& context, BitRange range, const Visit& visit) {
  while (range.begin < range.end) {
    BitRange part{range.begin, std::min(range.end, range.begin + kBitsBetweenBreaths)};
    if (visit(part)) return;
    range.begin = part.end;
    if (range.begin < range.end) context.Breathe();
  }
}

void BitCount(CommandContext& context) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Raw(resp::kZeroReply);
  if (!IsStringOrReply(context, ref)) return;
  NumberText text;
  std::string_view bytes = ref->Text(text);
  BitRange range{0, bytes.size() * 8};
  if (context.argc() == 4 || context.argc() == 5) {
    std::optional<int64_t> start = IntegerOrReply(context, context.arg(2));
    if (!start.has_value()) return;
    std::optional<int64_t> end = IntegerOrReply(context, context.arg(3));
    if (!end.has_value()) return;
    if (*start < 0 && *end < 0 && *start > *end) return context.reply().Raw(resp::kZeroReply);
    std::optional<Unit> unit = Unit::kByte;
    if (context.argc() == 5) unit = UnitOrReply(context, context.arg(4));
    if (!unit.has_value()) return;
    range = Resolve(*start, *end, *unit, bytes.size());
  } else if (context.argc() != 2) {
    return context.reply().Error(errors::kSyntax);
  }
  uint64_t count = 0;
  ForEachPart(context, range, [&](BitRange part) {
    count += values::CountBits(bytes, part.begin, part.end);
    return false;
  });
  context.reply().Integer(static_cast<int64_t>(count));
}

void BitPos(CommandContext& context) {
  std::optional<int64_t> bit = IntegerOrReply(context, context.arg(2));
  if (!bit.has_value()) return;
  if (*bit != 0 && *bit != 1) return context.reply().Error(errors::kBitPosBit);
  EntryRef ref = FindForRead(context, context.key(0));
  if (!ref) return context.reply().Raw(*bit == 1 ? resp::kMinusOneReply : resp::kZeroReply);
  if (!IsStringOrReply(context, ref)) return;
  NumberText text;
  std::string_view bytes = ref->Text(text);
  bool has_end = context.argc() == 5 || context.argc() == 6;
  BitRange range{0, bytes.size() * 8};
  if (context.argc() == 4 || has_end) {
    std::optional<int64_t> start = IntegerOrReply(context, context.arg(3));
    if (!start.has_value()) return;
    std::optional<Unit> unit = Unit::kByte;
    if (context.argc() == 6) unit = UnitOrReply(context, context.arg(5));
    if (!unit.has_value()) return;
    std::optional<int64_t> end = -1;
    if (has_end) end = IntegerOrReply(context, context.arg(4));
    if (!end.has_value()) return;
    range = Resolve(*start, *end, *unit, bytes.size());
  } else if (context.argc() != 3) {
    return context.reply().Error(errors::kSyntax);
  }
  if (range.begin == range.end) return context.reply().Raw(resp::kMinusOneReply);
  std::optional<uint64_t> found;
  ForEachPart(context, range, [&](BitRange part) {
    found = values::FindBit(bytes, *bit == 1, part.begin, part.end);
    return found.has_value();
  });
  if (found.has_value()) return context.reply().Integer(static_cast<int64_t>(*found));
  // Without an end, a string is taken to go on with zeros.
  if (*bit == 0 && !has_end) return context.reply().Integer(static_cast<int64_t>(range.end));
  context.reply().Raw(resp::kMinusOneReply);
}

// --- BITOP ---

// out[0, size) becomes what the sources hold from `at` on, combined. A source that has ended goes
// on with zeros.
void CombineChunk(BitOperation operation, std::span<const std::string_view> sources, size_t at,
                  char* out, size_t size) {
  bool first = true;
  for (std::string_view source : sources) {
    std::string_view part = source.substr(std::min(at, source.size()), size);
    if (first) {
      part.copy(out, part.size());
    } else {
      values::CombineBits(operation, out, part);
    }
    if (first || operation == BitOperation::kAnd) {
      std::memset(out + part.size(), 0, size - part.size());
    }
    first = false;
  }
}

// A new block with the sources combined. `operation` nullopt: the complement of the only one.
Blob* Combine(CommandContext& context, std::optional<BitOperation> operation,
              std::span<const std::string_view> sources, size_t size) {
  // What is made at a time stays in the nearest cache.
  constexpr size_t kChunk = size_t{16} * 1024;
  Blob* result = Blob::Make(size);
  uint64_t since_breath = 0;
  for (size_t at = 0; at < size; at += kChunk) {
    char* out = result->bytes() + at;
    size_t length = std::min(kChunk, size - at);
    CombineChunk(operation.value_or(BitOperation::kOr), sources, at, out, length);
    if (!operation.has_value()) values::InvertBits(out, length);
    since_breath += length * sources.size();
    if (since_breath >= kBytesBetweenBreaths) {
      context.Breathe();
      since_breath = 0;
    }
  }
  return result;
}

// Looks up the source keys, the command's second and on; false after an error reply.
bool FindSources(CommandContext& context, std::vector<std::string_view>& sources,
                 std::vector<NumberText>& texts) {
  std::span<const Key> keys = context.keys().subspan(1);
  for (const Key& key : keys) {
    EntryRef ref = FindForRead(context, key);
    if (ref && !IsStringOrReply(context, ref)) return false;
  }
  // Once all have been looked up, none of them can expire any more at this time: looking again
  // changes nothing, and all views stay good.
  sources.resize(keys.size());
  texts.resize(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    Keyspace& keyspace = context.keyspace_of(keys[i]);
    EntryRef ref = keyspace.Find(context.db(), keys[i], context.now_ms(), Touch::kNone);
    if (ref) sources[i] = ref->Text(texts[i]);
  }
  return true;
}

void BitOp(CommandContext& context) {
  std::string_view name = context.arg(1);
  std::optional<BitOperation> operation;
  if (IsWord(name, "and")) {
    operation = BitOperation::kAnd;
  } else if (IsWord(name, "or")) {
    operation = BitOperation::kOr;
  } else if (IsWord(name, "xor")) {
    operation = BitOperation::kXor;
  } else if (!IsWord(name, "not")) {
    return context.reply().Error(errors::kSyntax);
  }
  if (!operation.has_value() && context.argc() != 4) {
    return context.reply().Error(errors::kBitOpNot);
  }
  std::vector<std::string_view> sources;
  std::vector<NumberText> texts;
  if (!FindSources(context, sources, texts)) return;
  size_t size = 0;
  for (std::string_view source : sources) size = std::max(size, source.size());
  Blob* result = size > 0 ? Combine(context, operation, sources, size) : nullptr;

  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (result != nullptr) {
    keys.SetBlob(context.db(), key, ref, result, Ttl::None());
    CountChanges(context);
  } else if (ref) {
    keys.Erase(context.db(), key, ref);
    CountChanges(context);
  }
  context.reply().Integer(static_cast<int64_t>(size));
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kBitCommands[] = {
    {.name = "bitcount",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclBitmap,
     .where = Where::kByKeys,
     .run = BitCount,
     .summary = "Count set bits in a string",
     .complexity = "O(N)",
     .since = "2.6.0",
     .group = "bitmap",
     .history = kBitUnitHistory,
     .args = kBitCountArgs},
    {.name = "bitop",
     .arity = -4,
     .flags = kWrite | kDenyOom,
     .key_specs = kBitOpKeys,
     .acl_categories = kAclBitmap,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = BitOp,
     .summary = "Perform bitwise operations between strings",
     .complexity = "O(N)",
     .since = "2.6.0",
     .group = "bitmap",
     .args = kBitOpArgs},
    {.name = "bitpos",
     .arity = -3,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclBitmap,
     .where = Where::kByKeys,
     .run = BitPos,
     .summary = "Find first bit set or clear in a string",
     .complexity = "O(N)",
     .since = "2.8.7",
     .group = "bitmap",
     .history = kBitUnitHistory,
     .args = kBitPosArgs},
    {.name = "getbit",
     .arity = 3,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclBitmap,
     .where = Where::kByKeys,
     .run = GetBit,
     .summary = "Returns the bit value at offset in the string value stored at key",
     .complexity = "O(1)",
     .since = "2.2.0",
     .group = "bitmap",
     .args = kGetBitArgs},
    {.name = "setbit",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyRwAccessUpdate,
     .acl_categories = kAclBitmap,
     .where = Where::kByKeys,
     .run = SetBit,
     .summary = "Sets or clears the bit at offset in the string value stored at key",
     .complexity = "O(1)",
     .since = "2.2.0",
     .group = "bitmap",
     .args = kSetBitArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> BitCommands() { return kBitCommands; }

}  // namespace nuthatch::commands
