// For the checker's tests: short notation for hand-made histories.
//
//   History history = HistoryBuilder()
//                         .Do(0, 0, 10, Set("a", "1"), SimpleReply("OK"))   connection, times
//                         .Do(1, 20, 30, Get("a"), NilReply())
//                         .history();
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/linearizability/operation.h"

namespace nuthatch::linearizability {

// Keys are letters, from 'a'.
inline std::vector<uint8_t> Keys(std::string_view letters) {
  std::vector<uint8_t> keys;
  for (char letter : letters) keys.push_back(static_cast<uint8_t>(letter - 'a'));
  return keys;
}
inline Command Plain(Verb verb, std::string_view letters) { return {verb, Keys(letters), {}}; }
inline Command Get(std::string_view letter) { return Plain(Verb::kGet, letter); }
inline Command Set(std::string_view letter, std::string value) {
  return {Verb::kSet, Keys(letter), {std::move(value)}};
}
inline Command Mget(std::string_view letters) { return Plain(Verb::kMget, letters); }
inline Command Mset(std::string_view letters, std::vector<std::string> values) {
  return {Verb::kMset, Keys(letters), std::move(values)};
}
inline std::string Ok() { return SimpleReply("OK"); }

// The reply to MGET; an empty text is nil.
inline std::string Bulks(const std::vector<std::string>& values) {
  std::string out = ArrayHeader(values.size());
  for (const std::string& value : values) out += value.empty() ? NilReply() : BulkReply(value);
  return out;
}

class HistoryBuilder {
 public:
  HistoryBuilder& Do(uint32_t connection, int64_t invoke_ns, int64_t return_ns, Command command,
                     std::string reply) {
    history_.push_back(
        {connection, invoke_ns, return_ns, std::move(command), std::move(reply), false});
    return *this;
  }
  const History& history() const { return history_; }

 private:
  History history_;
};

}  // namespace nuthatch::linearizability
