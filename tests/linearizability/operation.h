// The vocabulary of the linearizability tests: commands over a few numbered keys, and recorded
// operations (a command, who sent it, when, and the reply).
//
// Plain values without threads. Keys are small numbers here; their names on the wire are given
// separately (keys.h), so that the checker and the simulator need not know of slots.
//
// Invariants of a History: the operations of one connection stand in the order in which they were
// sent, and their invoke and return times do not fall along it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nuthatch::linearizability {

// A checker's state is an array of this many values.
constexpr size_t kMaxKeys = 8;

enum class Verb : uint8_t {
  kGet,
  kSet,
  kIncr,
  kAppend,
  kGetSet,
  kSetNx,
  kGetDel,
  kDel,
  kExists,
  kMset,
  kMget,
  kMsetNx,
  kRename,
  kRenameNx,
  kCopy,
  kCopyReplace,
  kExec,
  // Of lists. A round has these alone: what they leave is seen by LRANGE.
  kRpush,
  kLpop,
  kLmove,   // from the left of one to the right of another
  kBlmove,  // the same; waits for a few milliseconds
  kLrange,  // all of it
};
constexpr size_t kVerbs = 22;
// The first so many are of strings, or EXEC.
constexpr size_t kStringVerbs = 17;

// `keys` are below kMaxKeys; `values` go with them one to one where the verb takes values (SET,
// APPEND, GETSET, SETNX, MSET, MSETNX, RPUSH), and are empty elsewhere. RENAME, RENAMENX, COPY and
// LMOVE have the source first. EXEC has commands instead, and for keys all of theirs.
struct Command {
  Verb verb = Verb::kGet;
  std::vector<uint8_t> keys;
  std::vector<std::string> values;
  std::vector<Command> parts = {};
};

struct Operation {
  uint32_t connection = 0;
  int64_t invoke_ns = 0;  // a time before the first byte was written
  int64_t return_ns = 0;  // a time after the last byte of the reply was read
  Command command;
  std::string reply;  // the bytes of the RESP2 reply; of MULTI ... EXEC, the one of EXEC
  // May be left out of a linearization: it happened with this reply, or not at all. The shrinker
  // uses it to show that an operation has no part in a violation.
  bool optional = false;
};
using History = std::vector<Operation>;

// What the keys hold: by key, a value or nothing.
using Contents = std::vector<std::optional<std::string>>;

std::string_view VerbName(Verb verb);

// The command as a RESP array of bulk strings; `names` are the keys' names on the wire. An EXEC is
// several of these, from MULTI on.
std::string EncodeRequest(const Command& command, const std::vector<std::string>& names);

// The replies that come before the command's own: to MULTI and to what it queues.
size_t RepliesBefore(const Command& command);

// EXEC with these commands.
Command MakeExec(std::vector<Command> parts);

// For people: "MSET a 1 b 1", with the keys as letters; and a reply on one line: "5", (nil), OK.
std::string ToText(const Command& command);
std::string ReplyToText(std::string_view reply);

// RESP2 replies, as the model makes them.
std::string SimpleReply(std::string_view text);
std::string ErrorReply(std::string_view text);
std::string IntegerReply(int64_t value);
std::string BulkReply(std::string_view value);
std::string NilReply();
std::string ArrayHeader(size_t count);

// The length of the complete reply at the front of `bytes`; 0 when it is incomplete, npos when it
// is not RESP2.
size_t ReplyLength(std::string_view bytes);

// The replies in an array reply; none of any other.
std::vector<std::string_view> ElementsOf(std::string_view reply);

// The bulk strings (nothing for nil) of a bulk or array reply; empty for any other.
Contents BulksOf(std::string_view reply);

}  // namespace nuthatch::linearizability
