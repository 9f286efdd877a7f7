#include "server/commands/command_info.h"

#include <algorithm>
#include <array>
#include <bit>
#include <climits>
#include <string>
#include <utility>

#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): it speaks of rows all the time

// By bit of CommandFlag; flags behind the last one are not shown.
constexpr std::array<std::string_view, 21> kFlagNames = {
    "write",         "readonly",          "denyoom",          "module",   "admin",
    "pubsub",        "noscript",          "blocking",         "loading",  "stale",
    "skip_monitor",  "skip_slowlog",      "asking",           "fast",     "no_auth",
    "may_replicate", "no_mandatory_keys", "no_async_loading", "no_multi", "movablekeys",
    "allow_busy"};

// By bit of KeyFlag.
constexpr std::array<std::string_view, 11> kKeyFlagNames = {
    "RO",     "RW",     "OW",      "RM",         "access",        "update",
    "insert", "delete", "not_key", "incomplete", "variable_flags"};

constexpr std::array<std::string_view, 9> kArgTypeNames = {
    "string", "integer", "double", "key", "pattern", "unix-time", "pure-token", "oneof", "block"};

constexpr std::array<std::string_view, 3> kArgFlagNames = {"optional", "multiple",
                                                           "multiple_token"};

// A set of the names whose bits are set.
template <size_t kCount>
void WriteBits(uint64_t bits, const std::array<std::string_view, kCount>& names,
               resp::ReplyWriter& reply, std::string_view prefix = {}) {
  bits &= (uint64_t{1} << kCount) - 1;
  reply.Set(static_cast<size_t>(std::popcount(bits)));
  for (size_t i = 0; i < kCount; ++i) {
    if ((bits >> i & 1) != 0) reply.SimpleString(std::string(prefix).append(names[i]));
  }
}

void WriteBegin(const KeySpec& key, resp::ReplyWriter& reply) {
  reply.Map(2);
  reply.Bulk("type");
  switch (key.begin) {
    case KeySpec::Begin::kUnknown:
      reply.Bulk("unknown");
      reply.Bulk("spec");
      reply.Map(0);
      return;
    case KeySpec::Begin::kIndex:
      reply.Bulk("index");
      reply.Bulk("spec");
      reply.Map(1);
      reply.Bulk("index");
      reply.Integer(key.index);
      return;
    case KeySpec::Begin::kKeyword:
      reply.Bulk("keyword");
      reply.Bulk("spec");
      reply.Map(2);
      reply.Bulk("keyword");
      reply.Bulk(key.keyword);
      reply.Bulk("startfrom");
      reply.Integer(key.start_from);
      return;
  }
}

void WriteFind(const KeySpec& key, resp::ReplyWriter& reply) {
  reply.Map(2);
  reply.Bulk("type");
  switch (key.find) {
    case KeySpec::Find::kUnknown:
      reply.Bulk("unknown");
      reply.Bulk("spec");
      reply.Map(0);
      return;
    case KeySpec::Find::kRange:
      reply.Bulk("range");
      reply.Bulk("spec");
      reply.Map(3);
      reply.Bulk("lastkey");
      reply.Integer(key.last_key);
      reply.Bulk("keystep");
      reply.Integer(key.step);
      reply.Bulk("limit");
      reply.Integer(key.limit);
      return;
    case KeySpec::Find::kKeyNum:
      reply.Bulk("keynum");
      reply.Bulk("spec");
      reply.Map(3);
      reply.Bulk("keynumidx");
      reply.Integer(key.keynum_index);
      reply.Bulk("firstkey");
      reply.Integer(key.first_key);
      reply.Bulk("keystep");
      reply.Integer(key.step);
      return;
  }
}

void WriteKeySpec(const KeySpec& key, resp::ReplyWriter& reply) {
  reply.Map(key.notes.empty() ? 3 : 4);
  if (!key.notes.empty()) {
    reply.Bulk("notes");
    reply.Bulk(key.notes);
  }
  reply.Bulk("flags");
  WriteBits(key.flags, kKeyFlagNames, reply);
  reply.Bulk("begin_search");
  WriteBegin(key, reply);
  reply.Bulk("find_keys");
  WriteFind(key, reply);
}

// A pair of a map, if there is something to say.
size_t WriteText(std::string_view name, std::string_view text, resp::ReplyWriter& reply) {
  if (text.empty()) return 0;
  reply.Bulk(name);
  reply.Bulk(text);
  return 1;
}

void WriteArgs(std::span<const ArgSpec> args, resp::ReplyWriter& reply) {
  reply.Array(args.size());
  for (const ArgSpec& arg : args) {
    size_t mark = reply.BeginDeferred();
    size_t pairs = 2;
    reply.Bulk("name");
    reply.Bulk(arg.name);
    reply.Bulk("type");
    reply.Bulk(kArgTypeNames[static_cast<size_t>(arg.type)]);
    if (arg.key_spec >= 0) {
      reply.Bulk("key_spec_index");
      reply.Integer(arg.key_spec);
      ++pairs;
    }
    pairs += WriteText("token", arg.token, reply);
    pairs += WriteText("summary", arg.summary, reply);
    pairs += WriteText("since", arg.since, reply);
    pairs += WriteText("deprecated_since", arg.deprecated_since, reply);
    if (arg.flags != 0) {
      reply.Bulk("flags");
      WriteBits(arg.flags, kArgFlagNames, reply);
      ++pairs;
    }
    if (!arg.args.empty()) {
      reply.Bulk("arguments");
      WriteArgs(arg.args, reply);
      ++pairs;
    }
    reply.EndDeferredMap(mark, pairs);
  }
}

size_t WriteHistory(std::span<const HistoryLine> history, resp::ReplyWriter& reply) {
  if (history.empty()) return 0;
  reply.Bulk("history");
  reply.Set(history.size());
  for (const HistoryLine& line : history) {
    reply.Array(2);
    reply.Bulk(line.since);
    reply.Bulk(line.change);
  }
  return 1;
}

// The words of `doc_flags`, a set.
size_t WriteDocFlags(std::string_view flags, resp::ReplyWriter& reply) {
  if (flags.empty()) return 0;
  reply.Bulk("doc_flags");
  reply.Set(static_cast<size_t>(std::count(flags.begin(), flags.end(), ' ')) + 1);
  while (!flags.empty()) {
    size_t end = std::min(flags.find(' '), flags.size());
    reply.SimpleString(flags.substr(0, end));
    flags.remove_prefix(std::min(end + 1, flags.size()));
  }
  return 1;
}

}  // namespace

LegacyKeyRange LegacyKeyRangeOf(const CommandSpec& spec) {
  auto is_range = [](const KeySpec& key) {
    return key.begin == KeySpec::Begin::kIndex && key.find == KeySpec::Find::kRange;
  };
  auto last_of = [](const KeySpec& key) {
    return key.last_key >= 0 ? key.index + key.last_key : key.last_key;
  };
  if (spec.key_specs.size() == 1 && is_range(spec.key_specs[0])) {
    const KeySpec& key = spec.key_specs[0];
    return {key.index, last_of(key), key.step};
  }
  // Several ranges make one if each begins right behind the one before it.
  int first = INT_MAX;
  int last = 0;
  int previous_last = 0;
  for (const KeySpec& key : spec.key_specs) {
    if (!is_range(key)) continue;
    if (key.step != 1 || (previous_last != 0 && previous_last != key.index - 1)) continue;
    first = std::min(first, key.index);
    previous_last = last_of(key);
    // As unsigned numbers, so that "to the end" is the largest.
    last = static_cast<int>(
        std::max(static_cast<unsigned>(last), static_cast<unsigned>(previous_last)));
  }
  if (first == INT_MAX) return {};
  return {first, last, 1};
}

void WriteCommandInfo(const CommandEntry& entry, resp::ReplyWriter& reply) {
  const CommandSpec& spec = *entry.spec;
  LegacyKeyRange keys = LegacyKeyRangeOf(spec);
  reply.Array(10);
  reply.Bulk(FullName(entry));
  reply.Integer(spec.arity);
  WriteBits(spec.flags, kFlagNames, reply);
  reply.Integer(keys.first);
  reply.Integer(keys.last);
  reply.Integer(keys.step);
  WriteBits(AclCategoriesOf(spec), kAclCategoryNames, reply, "@");
  reply.Set(spec.tips.size());
  for (std::string_view tip : spec.tips) reply.Bulk(tip);
  reply.Set(spec.key_specs.size());
  for (const KeySpec& key : spec.key_specs) WriteKeySpec(key, reply);
  if (entry.subcommands.empty()) {
    reply.Set(0);
    return;
  }
  reply.Array(entry.subcommands.size());
  for (const CommandEntry& subcommand : entry.subcommands) WriteCommandInfo(subcommand, reply);
}

void WriteCommandDocs(const CommandEntry& entry, resp::ReplyWriter& reply) {
  const CommandSpec& spec = *entry.spec;
  reply.Bulk(FullName(entry));
  size_t mark = reply.BeginDeferred();
  size_t pairs = WriteText("summary", spec.summary, reply);
  pairs += WriteText("since", spec.since, reply);
  pairs += WriteText("group", spec.group, reply);
  pairs += WriteText("complexity", spec.complexity, reply);
  pairs += WriteDocFlags(spec.doc_flags, reply);
  pairs += WriteText("deprecated_since", spec.deprecated_since, reply);
  pairs += WriteText("replaced_by", spec.replaced_by, reply);
  pairs += WriteHistory(spec.history, reply);
  if (!spec.args.empty()) {
    reply.Bulk("arguments");
    WriteArgs(spec.args, reply);
    ++pairs;
  }
  if (!entry.subcommands.empty()) {
    reply.Bulk("subcommands");
    reply.Map(entry.subcommands.size());
    for (const CommandEntry& subcommand : entry.subcommands) WriteCommandDocs(subcommand, reply);
    ++pairs;
  }
  reply.EndDeferredMap(mark, pairs);
}

void WriteKeyFlags(uint16_t flags, resp::ReplyWriter& reply) {
  WriteBits(flags, kKeyFlagNames, reply);
}

}  // namespace nuthatch::commands
