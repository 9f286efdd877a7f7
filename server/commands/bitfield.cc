// BITFIELD and BITFIELD_RO: integers of any width at any bit of a string, several operations a
// command.
//
// All arguments are read first; a command with an error in any of them does nothing. The string
// grows once, to where the furthest write reaches, even if an overflow then refuses that write.
#include <algorithm>
#include <vector>

#include "server/commands/args.h"
#include "server/commands/bitmap_docs.h"
#include "server/commands/bitmap_offset.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_table.h"
#include "server/values/bits.h"

namespace nuthatch::commands {
namespace {

using keyspace::NumberText;
using values::BitFieldType;
using values::Overflow;

enum class FieldAction : uint8_t { kGet, kSet, kIncrBy };

struct FieldOperation {
  FieldAction action;
  Overflow overflow;
  BitFieldType type;
  uint64_t offset;
  int64_t number = 0;  // to be set or added
};

struct FieldOperations {
  std::vector<FieldOperation> list;
  bool writes = false;
  size_t size = 0;  // of the string that the writes need, in bytes
};

std::optional<Overflow> OverflowOrReply(CommandContext& context, std::string_view text) {
  if (IsWord(text, "wrap")) return Overflow::kWrap;
  if (IsWord(text, "sat")) return Overflow::kSaturate;
  if (IsWord(text, "fail")) return Overflow::kFail;
  context.reply().Error(errors::kBitFieldOverflow);
  return std::nullopt;
}

// What the word at `i` asks for, if enough words follow it.
std::optional<FieldAction> ActionAt(CommandContext& context, size_t i) {
  size_t follow = context.argc() - i - 1;
  std::string_view word = context.arg(i);
  if (IsWord(word, "get") && follow >= 2) return FieldAction::kGet;
  if (IsWord(word, "set") && follow >= 3) return FieldAction::kSet;
  if (IsWord(word, "incrby") && follow >= 3) return FieldAction::kIncrBy;
  return std::nullopt;
}

std::optional<FieldOperations> ParseOrReply(CommandContext& context) {
  FieldOperations operations;
  Overflow overflow = Overflow::kWrap;
  for (size_t i = 2; i < context.argc(); ++i) {
    if (IsWord(context.arg(i), "overflow") && i + 1 < context.argc()) {
      std::optional<Overflow> chosen = OverflowOrReply(context, context.arg(++i));
      if (!chosen.has_value()) return std::nullopt;
      overflow = *chosen;
      continue;
    }
    std::optional<FieldAction> action = ActionAt(context, i);
    if (!action.has_value()) {
      context.reply().Error(errors::kSyntax);
      return std::nullopt;
    }
    std::optional<BitFieldType> type = values::ParseBitFieldType(context.arg(++i));
    if (!type.has_value()) {
      context.reply().Error(errors::kBitFieldType);
      return std::nullopt;
    }
    std::optional<uint64_t> offset = BitOffsetOrReply(context, context.arg(++i), type->bits);
    if (!offset.has_value()) return std::nullopt;
    FieldOperation operation{*action, overflow, *type, *offset};
    if (*action != FieldAction::kGet) {
      std::optional<int64_t> number = IntegerOrReply(context, context.arg(++i));
      if (!number.has_value()) return std::nullopt;
      operation.number = *number;
      operations.writes = true;
      uint64_t last = *offset + static_cast<uint64_t>(type->bits) - 1;
      operations.size = std::max<size_t>(operations.size, last / 8 + 1);
    }
    operations.list.push_back(operation);
  }
  return operations;
}

void ReplyRead(CommandContext& context, const FieldOperations& operations) {
  EntryRef ref = FindForRead(context, context.key(0));
  if (ref && !IsStringOrReply(context, ref)) return;
  NumberText text;
  std::string_view bytes = ref ? ref->Text(text) : std::string_view();
  context.reply().Array(operations.list.size());
  for (const FieldOperation& operation : operations.list) {
    context.reply().Integer(values::GetBitField(bytes, operation.type, operation.offset));
  }
}

// In a string that has `grown` every write counts as a change.
void Apply(CommandContext& context, const FieldOperation& operation, char* bytes, size_t size,
           bool grown, size_t& changes) {
  int64_t old = values::GetBitField({bytes, size}, operation.type, operation.offset);
  if (operation.action == FieldAction::kGet) return context.reply().Integer(old);
  bool sets = operation.action == FieldAction::kSet;
  std::optional<int64_t> made =
      sets ? values::FitBitField(operation.type, operation.number, operation.overflow)
           : values::AddToBitField(operation.type, old, operation.number, operation.overflow);
  if (!made.has_value()) return context.reply().Null();
  values::SetBitField(bytes, size, operation.type, operation.offset, *made);
  if (grown || *made != old) ++changes;
  context.reply().Integer(sets ? old : *made);
}

void ApplyAll(CommandContext& context, const FieldOperations& operations) {
  const Key& key = context.key(0);
  Keyspace& keys = context.keyspace_of(key);
  EntryRef ref = FindForWrite(context, keys, key);
  if (ref && !IsStringOrReply(context, ref)) return;
  size_t old_size = ref ? ref->TextSize() : 0;
  size_t size = std::max(old_size, operations.size);
  const bool grown = size > old_size;
  char* bytes = keys.ResizeString(context.db(), key, ref, size);
  size_t changes = 0;
  context.reply().Array(operations.list.size());
  for (const FieldOperation& operation : operations.list) {
    Apply(context, operation, bytes, size, grown, changes);
  }
  // Who watches is told of changes only; and a string that has grown for nothing counts as none.
  if (changes > 0) keys.NoteChange(context.db(), key);
  CountChanges(context, changes);
}

void BitField(CommandContext& context) {
  std::optional<FieldOperations> operations = ParseOrReply(context);
  if (!operations.has_value()) return;
  operations->writes ? ApplyAll(context, *operations) : ReplyRead(context, *operations);
}

void BitFieldRo(CommandContext& context) {
  std::optional<FieldOperations> operations = ParseOrReply(context);
  if (!operations.has_value()) return;
  if (operations->writes) return context.reply().Error(errors::kBitFieldReadonly);
  ReplyRead(context, *operations);
}

// A call that only reads, as far as its words can tell, needs no right to change the key.
bool BitFieldKeys(std::span<const std::string_view> args, runtime::KeyPositions& out) {
  size_t i = 2;
  while (i < args.size()) {
    size_t follow = args.size() - i - 1;
    if (IsWord(args[i], "get") && follow >= 2) {
      i += 3;
    } else if (IsWord(args[i], "overflow") && follow >= 1) {
      i += 2;
    } else {
      break;
    }
  }
  bool reads = i >= args.size();
  out.Add(1, reads ? runtime::kKeyRO | runtime::kKeyAccess
                   : runtime::kKeyRW | runtime::kKeyAccess | runtime::kKeyUpdate);
  return true;
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kBitFieldCommands[] = {
    {.name = "bitfield",
     .arity = -2,
     .flags = kWrite | kDenyOom,
     .key_specs = kBitFieldKey,
     .acl_categories = kAclBitmap,
     .where = Where::kByKeys,
     .run = BitField,
     .get_keys = BitFieldKeys,
     .summary = "Perform arbitrary bitfield integer operations on strings",
     .complexity = "O(1) for each subcommand specified",
     .since = "3.2.0",
     .group = "bitmap",
     .args = kBitFieldArgs},
    {.name = "bitfield_ro",
     .arity = -2,
     .flags = kReadonly | kFast,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclBitmap,
     .where = Where::kByKeys,
     .run = BitFieldRo,
     .summary = "Perform arbitrary bitfield integer operations on strings. Read-only variant of "
                "BITFIELD",
     .complexity = "O(1) for each subcommand specified",
     .since = "6.0.0",
     .group = "bitmap",
     .args = kBitFieldRoArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> BitFieldCommands() { return kBitFieldCommands; }

}  // namespace nuthatch::commands
