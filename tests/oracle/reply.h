// Replies as bytes and as trees: a scanner that only finds where a reply ends, and a parser for the
// few replies that are not compared as bytes.
//
// The scanner belongs to one connection and keeps its place while bytes arrive. Both know RESP2 and
// RESP3; an attribute or a push counts as part of the reply behind it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nuthatch::oracle {

class ReplyScanner {
 public:
  enum class State { kPartial, kWhole, kBroken };

  // Looks at `bytes`, which holds the same bytes as before plus what arrived since. On kWhole,
  // `*end` is one past the reply, and the next call looks for the reply behind it.
  State Scan(std::string_view bytes, size_t* end);

  // The first `count` bytes of the buffer were dropped. REQUIRES: they were scanned.
  void Drop(size_t count) { position_ -= count; }

 private:
  size_t position_ = 0;
  size_t pending_ = 1;  // elements that the reply still lacks
};

// One parsed reply. `text` is the payload of scalars, without the format prefix of verbatim
// strings.
struct Reply {
  char type = '_';
  bool null = false;
  std::string text;
  std::vector<Reply> items;  // a map has its keys and values in turn

  bool is_error() const { return type == '-' || type == '!'; }
  bool is_aggregate() const { return type == '*' || type == '~' || type == '%' || type == '>'; }
  // The value behind `key` of a map, or of an array that is meant as one; null if absent.
  const Reply* Find(std::string_view key) const;
};

// The tree of exactly one reply; nothing if the bytes are anything else.
std::optional<Reply> ParseReply(std::string_view bytes);

// Text in quotes as redis-cli writes it, cut after `limit` bytes.
std::string Quote(std::string_view text, size_t limit = 400);

}  // namespace nuthatch::oracle
