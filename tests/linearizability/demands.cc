#include "tests/linearizability/demands.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "server/base/numbers.h"

namespace nuthatch::linearizability {
namespace {

// The number in an integer reply.
std::optional<int64_t> NumberOf(std::string_view reply) {
  if (!reply.starts_with(':')) return std::nullopt;
  return base::ParseInt64(reply.substr(1, reply.size() - 3));
}

}  // namespace

void Demands::NoteNeeded(uint8_t key, ValueId value, size_t connection, size_t place) {
  at_key_[key].For(value).needed.Note(connection, place);
  if (value != kAbsent) anywhere_.For(value).needed.Note(connection, place);
}

void Demands::NoteWritten(uint8_t key, ValueId value, size_t connection, size_t place) {
  if (Demand* demand = at_key_[key].Find(value)) demand->written.Note(connection, place);
  if (value == kAbsent) return;
  if (Demand* demand = anywhere_.Find(value)) demand->written.Note(connection, place);
}

// What the reply of this operation tells of the state before it.
void Demands::NoteNeeds(const Operation& operation, size_t connection, size_t place) {
  const Command& command = operation.command;
  const std::string& reply = operation.reply;
  if (command.verb == Verb::kExec) return NoteNeedsOfExec(operation, connection, place);
  // Elements, not values.
  if (IsOfLists(command.verb)) return;
  auto absent = [&](uint8_t key) { NoteNeeded(key, kAbsent, connection, place); };
  Contents shown = BulksOf(reply);
  for (size_t i = 0; i < std::min(shown.size(), command.keys.size()); ++i) {
    ValueId value = shown[i] ? values_.Intern(*shown[i]) : kAbsent;
    NoteNeeded(command.keys[i], value, connection, place);
  }
  switch (command.verb) {
    case Verb::kIncr: {
      // INCR from nothing answers 1, so a 1 tells nothing of what was there.
      auto number = NumberOf(reply);
      if (number && *number != 1 && *number != INT64_MIN) {
        ValueId before = values_.Intern(base::FormatInt64(*number - 1));
        NoteNeeded(command.keys[0], before, connection, place);
      }
      break;
    }
    case Verb::kDel:
    case Verb::kExists:
      if (reply == IntegerReply(0)) std::for_each(command.keys.begin(), command.keys.end(), absent);
      break;
    case Verb::kSetNx:
    case Verb::kMsetNx:
      if (reply == IntegerReply(1)) std::for_each(command.keys.begin(), command.keys.end(), absent);
      break;
    case Verb::kRename:
      if (reply.starts_with('-')) absent(command.keys[0]);
      break;
    case Verb::kRenameNx:
      if (reply.starts_with('-')) absent(command.keys[0]);
      if (reply == IntegerReply(1)) absent(command.keys[1]);
      break;
    case Verb::kCopy:
      if (reply == IntegerReply(1)) absent(command.keys[1]);
      break;
    default:
      break;
  }
}

// Of EXEC's commands, those tell of the state before it that read a key which none in front of them
// has written.
void Demands::NoteNeedsOfExec(const Operation& operation, size_t connection, size_t place) {
  std::vector<std::string_view> replies = ElementsOf(operation.reply);
  std::array<bool, kMaxKeys> changed{};
  for (size_t i = 0; i < std::min(replies.size(), operation.command.parts.size()); ++i) {
    const Command& part = operation.command.parts[i];
    bool fresh =
        std::none_of(part.keys.begin(), part.keys.end(), [&](uint8_t key) { return changed[key]; });
    if (fresh) {
      NoteNeeds({.command = part, .reply = std::string(replies[i])}, connection, place);
    }
    if (IsEffectless(part, replies[i])) continue;
    for (uint8_t key : part.keys) changed[key] = true;
  }
}

// What this operation, of which it is known that it changed something, leaves in its keys.
void Demands::NoteWrites(const Operation& operation, size_t connection, size_t place) {
  const Command& command = operation.command;
  if (IsOfLists(command.verb)) return;
  switch (command.verb) {
    case Verb::kExec: {
      std::vector<std::string_view> replies = ElementsOf(operation.reply);
      for (size_t i = 0; i < std::min(replies.size(), command.parts.size()); ++i) {
        if (IsEffectless(command.parts[i], replies[i])) continue;
        NoteWrites({.command = command.parts[i], .reply = std::string(replies[i])}, connection,
                   place);
      }
      break;
    }
    case Verb::kAppend:
      NoteAppend(operation, connection, place);
      break;
    case Verb::kIncr:
      if (auto number = NumberOf(operation.reply)) {
        NoteWritten(command.keys[0], values_.Intern(base::FormatInt64(*number)), connection, place);
      }
      break;
    case Verb::kDel:
    case Verb::kGetDel:
      for (uint8_t key : command.keys) NoteWritten(key, kAbsent, connection, place);
      break;
    case Verb::kRename:
    case Verb::kRenameNx:
      NoteWritten(command.keys[0], kAbsent, connection, place);
      moved_to_key_[command.keys[1]].Note(connection, place);
      break;
    case Verb::kCopy:
    case Verb::kCopyReplace:
      moved_to_key_[command.keys[1]].Note(connection, place);
      break;
    default:
      for (size_t i = 0; i < command.values.size(); ++i) {
        NoteWritten(command.keys[i], values_.Intern(command.values[i]), connection, place);
      }
  }
}

// Every value that is needed in the key and has the right end and length may be this one's.
void Demands::NoteAppend(const Operation& operation, size_t connection, size_t place) {
  const std::string& end = operation.command.values[0];
  for (ValueId id = 1; id < anywhere_.size(); ++id) {
    if (anywhere_.Find(id) == nullptr) continue;
    const std::string& text = values_.Text(id);
    if (text.ends_with(end) && operation.reply == IntegerReply(static_cast<int64_t>(text.size()))) {
      NoteWritten(operation.command.keys[0], id, connection, place);
    }
  }
}

std::string Demands::FindUnwritten(const Configuration& first) const {
  for (ValueId id = 1; id < anywhere_.size(); ++id) {
    const Demand* demand = anywhere_.Find(id);
    if (demand != nullptr && !demand->written.IsAfter(first) &&
        std::find(first.state.begin(), first.state.end(), id) == first.state.end()) {
      return values_.Text(id);
    }
  }
  return "";
}

bool Demands::IsMet(uint8_t key, ValueId value, const Configuration& at) const {
  const Demand* here = at_key_[key].Find(value);
  if (here == nullptr || at.state[key] == value || !here->needed.IsAfter(at)) return true;
  if (here->written.IsAfter(at)) return true;
  // RENAME and COPY can still bring it if it is there, or will be.
  if (value == kAbsent || !moved_to_key_[key].IsAfter(at)) return false;
  return std::find(at.state.begin(), at.state.end(), value) != at.state.end() ||
         anywhere_.Find(value)->written.IsAfter(at);
}

bool Demands::IsLost(const State& before, const Command& step, const Configuration& after) const {
  for (size_t key = 0; key < at_key_.size(); ++key) {
    ValueId lost = before[key];
    if (lost == after.state[key]) continue;
    if (!IsMet(static_cast<uint8_t>(key), lost, after)) return true;
    const Demand* demand = anywhere_.Find(lost);
    if (lost != kAbsent && demand != nullptr && demand->needed.IsAfter(after) &&
        !demand->written.IsAfter(after) &&
        std::find(after.state.begin(), after.state.end(), lost) == after.state.end()) {
      return true;
    }
  }
  // These might have brought other values than they did; now it may be too late for those.
  bool brings = step.verb == Verb::kAppend || step.verb == Verb::kRename ||
                step.verb == Verb::kRenameNx || step.verb == Verb::kCopy ||
                step.verb == Verb::kCopyReplace;
  if (!brings) return false;
  const std::vector<ValueId>& values = at_key_[step.keys.back()].values();
  return !std::all_of(values.begin(), values.end(),
                      [&](ValueId value) { return IsMet(step.keys.back(), value, after); });
}

}  // namespace nuthatch::linearizability
