#include "tests/linearizability/operation.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "server/base/check.h"
#include "server/base/numbers.h"

namespace nuthatch::linearizability {
namespace {

constexpr std::string_view kVerbNames[kVerbs] = {
    "GET",    "SET",   "INCR", "APPEND", "GETSET", "SETNX",    "GETDEL", "DEL",
    "EXISTS", "MSET",  "MGET", "MSETNX", "RENAME", "RENAMENX", "COPY",   "COPY",
    "EXEC",   "RPUSH", "LPOP", "LMOVE",  "BLMOVE", "LRANGE",
};

// The end of the line that starts at `from` ('\r' of its "\r\n"), or npos.
size_t LineEnd(std::string_view bytes, size_t from) { return bytes.find("\r\n", from); }

constexpr std::string_view kLineBreak = "\r\n";

}  // namespace

std::string_view VerbName(Verb verb) { return kVerbNames[static_cast<size_t>(verb)]; }

std::string EncodeRequest(const Command& command, const std::vector<std::string>& names) {
  if (command.verb == Verb::kExec) {
    std::string out = ArrayHeader(1) + BulkReply("MULTI");
    for (const Command& part : command.parts) out += EncodeRequest(part, names);
    return out + ArrayHeader(1) + BulkReply("EXEC");
  }
  std::vector<std::string_view> words = {VerbName(command.verb)};
  for (size_t i = 0; i < command.keys.size(); ++i) {
    words.push_back(names.at(command.keys[i]));
    if (i < command.values.size()) words.push_back(command.values[i]);
  }
  if (command.verb == Verb::kCopyReplace) words.push_back("REPLACE");
  if (command.verb == Verb::kLmove || command.verb == Verb::kBlmove) {
    words.insert(words.end(), {"LEFT", "RIGHT"});
  }
  if (command.verb == Verb::kBlmove) words.push_back("0.004");
  if (command.verb == Verb::kLrange) words.insert(words.end(), {"0", "-1"});
  std::string out = ArrayHeader(words.size());
  for (std::string_view word : words) out += BulkReply(word);
  return out;
}

size_t RepliesBefore(const Command& command) {
  return command.verb == Verb::kExec ? 1 + command.parts.size() : 0;
}

Command MakeExec(std::vector<Command> parts) {
  Command command{Verb::kExec, {}, {}};
  for (const Command& part : parts) {
    for (uint8_t key : part.keys) {
      if (std::find(command.keys.begin(), command.keys.end(), key) == command.keys.end()) {
        command.keys.push_back(key);
      }
    }
  }
  command.parts = std::move(parts);
  return command;
}

std::string ToText(const Command& command) {
  std::string out(VerbName(command.verb));
  if (command.verb == Verb::kExec) {
    for (const Command& part : command.parts) {
      out += &part == command.parts.data() ? " {" : "; ";
      out += ToText(part);
    }
    return out + "}";
  }
  for (size_t i = 0; i < command.keys.size(); ++i) {
    out += ' ';
    out += static_cast<char>('a' + command.keys[i]);
    if (i < command.values.size()) out += ' ' + command.values[i];
  }
  if (command.verb == Verb::kCopyReplace) out += " REPLACE";
  return out;
}

std::string ReplyToText(std::string_view reply) {
  if (reply.empty()) return "(none)";
  if (reply[0] == '*') {
    std::string out;
    for (std::string_view element : ElementsOf(reply)) {
      if (!out.empty()) out += ' ';
      out += ReplyToText(element);
    }
    return fmt::format("[{}]", out);
  }
  if (reply[0] == '$') {
    Contents bulks = BulksOf(reply);
    return bulks.at(0) ? fmt::format("\"{}\"", *bulks[0]) : "(nil)";
  }
  size_t end = LineEnd(reply, 0);
  std::string_view line = reply.substr(1, end == std::string_view::npos ? end : end - 1);
  return reply[0] == '-' ? fmt::format("(error) {}", line) : std::string(line);
}

std::string SimpleReply(std::string_view text) { return fmt::format("+{}\r\n", text); }
std::string ErrorReply(std::string_view text) { return fmt::format("-{}\r\n", text); }
std::string IntegerReply(int64_t value) { return fmt::format(":{}\r\n", value); }
std::string BulkReply(std::string_view value) {
  return fmt::format("${}\r\n{}\r\n", value.size(), value);
}
std::string NilReply() { return "$-1\r\n"; }
std::string ArrayHeader(size_t count) { return fmt::format("*{}\r\n", count); }

size_t ReplyLength(std::string_view bytes) {
  if (bytes.empty()) return 0;
  size_t end = LineEnd(bytes, 0);
  if (end == std::string_view::npos) return 0;
  size_t after = end + kLineBreak.size();
  if (bytes[0] == '+' || bytes[0] == '-' || bytes[0] == ':') return after;
  if (bytes[0] != '$' && bytes[0] != '*') return std::string_view::npos;
  auto count = base::ParseInt64(bytes.substr(1, end - 1));
  if (!count || *count < -1) return std::string_view::npos;
  if (bytes[0] == '$') {
    if (*count < 0) return after;
    size_t whole = after + static_cast<size_t>(*count) + kLineBreak.size();
    return bytes.size() < whole ? 0 : whole;
  }
  for (int64_t i = 0; i < *count; ++i) {
    size_t length = ReplyLength(bytes.substr(after));
    if (length == 0 || length == std::string_view::npos) return length;
    after += length;
  }
  return after;
}

std::vector<std::string_view> ElementsOf(std::string_view reply) {
  std::vector<std::string_view> elements;
  if (!reply.starts_with('*')) return elements;
  size_t at = LineEnd(reply, 0) + kLineBreak.size();
  while (at < reply.size()) {
    size_t length = ReplyLength(reply.substr(at));
    CHECK(length != 0 && length != std::string_view::npos);
    elements.push_back(reply.substr(at, length));
    at += length;
  }
  return elements;
}

Contents BulksOf(std::string_view reply) {
  Contents out;
  if (reply.empty() || (reply[0] != '$' && reply[0] != '*')) return out;
  size_t at = reply[0] == '*' ? LineEnd(reply, 0) + kLineBreak.size() : 0;
  while (at < reply.size() && reply[at] == '$') {
    size_t end = LineEnd(reply, at);
    CHECK(end != std::string_view::npos);
    auto length = base::ParseInt64(reply.substr(at + 1, end - at - 1));
    CHECK(length.has_value());
    at = end + kLineBreak.size();
    if (*length < 0) {
      out.emplace_back(std::nullopt);
    } else {
      out.emplace_back(std::string(reply.substr(at, static_cast<size_t>(*length))));
      at += static_cast<size_t>(*length) + kLineBreak.size();
    }
  }
  return out;
}

}  // namespace nuthatch::linearizability
