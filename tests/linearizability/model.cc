#include "tests/linearizability/model.h"

#include <algorithm>

#include "server/base/check.h"
#include "server/base/numbers.h"

namespace nuthatch::linearizability {
namespace {

std::string ValueReply(ValueId id, const Values& values) {
  return id == kAbsent ? NilReply() : BulkReply(values.Text(id));
}

std::string Increment(ValueId& value, Values& values) {
  int64_t number = 0;
  if (value != kAbsent) {
    auto parsed = base::ParseInt64(values.Text(value));
    if (!parsed) return ErrorReply("ERR value is not an integer or out of range");
    if (*parsed == INT64_MAX) return ErrorReply("ERR increment or decrement would overflow");
    number = *parsed;
  }
  ++number;
  value = values.Intern(base::FormatInt64(number));
  return IntegerReply(number);
}

std::string Rename(const Command& command, State& state) {
  ValueId& from = state[command.keys[0]];
  ValueId& to = state[command.keys[1]];
  bool only_new = command.verb == Verb::kRenameNx;
  if (from == kAbsent) return ErrorReply("ERR no such key");
  // Redis looks at a rename onto itself only after the source was found.
  if (&from == &to) return only_new ? IntegerReply(0) : SimpleReply("OK");
  if (only_new && to != kAbsent) return IntegerReply(0);
  to = from;
  from = kAbsent;
  return only_new ? IntegerReply(1) : SimpleReply("OK");
}

std::string Copy(const Command& command, State& state) {
  ValueId& from = state[command.keys[0]];
  ValueId& to = state[command.keys[1]];
  if (&from == &to) return ErrorReply("ERR source and destination objects are the same");
  if (from == kAbsent) return IntegerReply(0);
  if (to != kAbsent && command.verb == Verb::kCopy) return IntegerReply(0);
  to = from;
  return IntegerReply(1);
}

void SetAll(const Command& command, Values& values, State& state) {
  for (size_t i = 0; i < command.keys.size(); ++i) {
    state[command.keys[i]] = values.Intern(command.values[i]);
  }
}

int64_t CountPresent(const Command& command, State& state, bool erase) {
  int64_t count = 0;
  for (uint8_t key : command.keys) {
    if (state[key] == kAbsent) continue;
    ++count;
    if (erase) state[key] = kAbsent;
  }
  return count;
}

// A list is kept as its elements, each behind this byte.
constexpr char kElement = '\x01';

// The first element of a list that is there, taken out.
std::string TakeFirst(ValueId& list, Values& values) {
  const std::string text = values.Text(list);
  size_t end = std::min(text.find(kElement, 1), text.size());
  list = end == text.size() ? kAbsent : values.Intern(std::string_view(text).substr(end));
  return text.substr(1, end - 1);
}

size_t Append(ValueId& list, std::string_view element, Values& values) {
  std::string text = list == kAbsent ? "" : values.Text(list);
  text.append(1, kElement).append(element);
  list = values.Intern(text);
  return static_cast<size_t>(std::count(text.begin(), text.end(), kElement));
}

std::string ApplyToLists(const Command& command, Values& values, State& state) {
  ValueId& list = state[command.keys[0]];
  switch (command.verb) {
    case Verb::kRpush:
      return IntegerReply(static_cast<int64_t>(Append(list, command.values[0], values)));
    case Verb::kLpop:
      return list == kAbsent ? NilReply() : BulkReply(TakeFirst(list, values));
    case Verb::kLmove:
    case Verb::kBlmove: {
      if (list == kAbsent) return command.verb == Verb::kLmove ? NilReply() : "*-1\r\n";
      std::string element = TakeFirst(list, values);
      Append(state[command.keys[1]], element, values);
      return BulkReply(element);
    }
    case Verb::kLrange: {
      std::string elements;
      size_t count = 0;
      for (ValueId rest = list; rest != kAbsent; ++count) {
        elements += BulkReply(TakeFirst(rest, values));
      }
      return ArrayHeader(count) + elements;
    }
    default:
      CHECK(false);
  }
}

std::string ApplyToOneKey(const Command& command, Values& values, ValueId& value) {
  std::string old;
  switch (command.verb) {
    case Verb::kGet:
      return ValueReply(value, values);
    case Verb::kSet:
      value = values.Intern(command.values[0]);
      return SimpleReply("OK");
    case Verb::kIncr:
      return Increment(value, values);
    case Verb::kAppend:
      if (value != kAbsent) old = values.Text(value);
      old += command.values[0];
      value = values.Intern(old);
      return IntegerReply(static_cast<int64_t>(old.size()));
    case Verb::kGetSet:
      old = ValueReply(value, values);
      value = values.Intern(command.values[0]);
      return old;
    case Verb::kSetNx:
      if (value != kAbsent) return IntegerReply(0);
      value = values.Intern(command.values[0]);
      return IntegerReply(1);
    case Verb::kGetDel:
      old = ValueReply(value, values);
      value = kAbsent;
      return old;
    default:
      CHECK(false);
  }
}

}  // namespace

ValueId Values::Intern(std::string_view text) {
  auto [place, added] = ids_.try_emplace(std::string(text), static_cast<ValueId>(texts_.size()));
  if (added) texts_.emplace_back(text);
  return place->second;
}

bool IsOfLists(Verb verb) { return static_cast<size_t>(verb) >= kStringVerbs; }

std::string Apply(const Command& command, Values& values, State& state) {
  if (IsOfLists(command.verb)) return ApplyToLists(command, values, state);
  switch (command.verb) {
    case Verb::kDel:
      return IntegerReply(CountPresent(command, state, true));
    case Verb::kExists:
      return IntegerReply(CountPresent(command, state, false));
    case Verb::kMset:
      SetAll(command, values, state);
      return SimpleReply("OK");
    case Verb::kMget: {
      std::string reply = ArrayHeader(command.keys.size());
      for (uint8_t key : command.keys) reply += ValueReply(state[key], values);
      return reply;
    }
    case Verb::kMsetNx:
      if (CountPresent(command, state, false) > 0) return IntegerReply(0);
      SetAll(command, values, state);
      return IntegerReply(1);
    case Verb::kExec: {
      std::string reply = ArrayHeader(command.parts.size());
      for (const Command& part : command.parts) reply += Apply(part, values, state);
      return reply;
    }
    case Verb::kRename:
    case Verb::kRenameNx:
      return Rename(command, state);
    case Verb::kCopy:
    case Verb::kCopyReplace:
      return Copy(command, state);
    default:
      return ApplyToOneKey(command, values, state[command.keys[0]]);
  }
}

bool IsEffectless(const Command& command, std::string_view reply) {
  if (reply.starts_with('-')) return true;
  switch (command.verb) {
    case Verb::kExec: {
      std::vector<std::string_view> replies = ElementsOf(reply);
      if (replies.size() != command.parts.size()) return false;
      for (size_t i = 0; i < replies.size(); ++i) {
        if (!IsEffectless(command.parts[i], replies[i])) return false;
      }
      return true;
    }
    case Verb::kGet:
    case Verb::kExists:
    case Verb::kMget:
      return true;
    case Verb::kLrange:
      return true;
    case Verb::kGetDel:
    case Verb::kLpop:
    case Verb::kLmove:
      return reply == "$-1\r\n";
    case Verb::kBlmove:
      return reply == "*-1\r\n";
    case Verb::kSetNx:
    case Verb::kDel:
    case Verb::kMsetNx:
    case Verb::kRenameNx:
    case Verb::kCopy:
    case Verb::kCopyReplace:
      return reply == ":0\r\n";
    default:
      return false;
  }
}

Contents SeenBy(const Operation& look) {
  if (look.command.verb != Verb::kExec) return BulksOf(look.reply);
  Contents contents;
  for (std::string_view list : ElementsOf(look.reply)) {
    std::string text;
    for (const auto& element : BulksOf(list)) text.append(1, kElement).append(element.value_or(""));
    contents.push_back(text.empty() ? std::nullopt : std::make_optional(std::move(text)));
  }
  return contents;
}

State ToState(const Contents& contents, Values& values) {
  CHECK(contents.size() <= kMaxKeys);
  State state{};
  for (size_t i = 0; i < contents.size(); ++i) {
    if (contents[i]) state[i] = values.Intern(*contents[i]);
  }
  return state;
}

Contents ToContents(const State& state, size_t keys, const Values& values) {
  Contents contents(keys);
  for (size_t i = 0; i < keys; ++i) {
    if (state[i] != kAbsent) contents[i] = values.Text(state[i]);
  }
  return contents;
}

}  // namespace nuthatch::linearizability
