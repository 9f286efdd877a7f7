// TraceParser: the text or the bytes of a trace to requests.
//
// Three formats, told apart by how the trace begins:
//   records    TraceRecords of 16 bytes: there is a zero byte among the first 4096
//   keys       text, a key a line
//   key,size   text, and behind the last comma of each line the size of the value in bytes; the
//              first line has such a number, or is a heading that ends in ",size"
//
// Lines end with LF or CR LF; empty ones are passed over. A key is any bytes but these, up to
// kMostLineBytes; it becomes a number by a hash of 64 bits (XXH3), so that two of a billion keys
// are taken for one with a probability of 3%. Text has no times: kUntimedPerSecond.
//
// A value; one thread. What comes out does not depend on the pieces that a trace is fed in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eviction/trace.h"
#include "server/base/result.h"

namespace nuthatch::eviction {

// The pace of requests whose time is not known.
constexpr uint64_t kUntimedPerSecond = 1000;

class TraceParser {
 public:
  static constexpr size_t kHeadBytes = 4096;
  static constexpr size_t kMostLineBytes = size_t{1} << 16;

  // Takes the first `limit` requests only, if it is not 0.
  explicit TraceParser(uint64_t limit = 0) : limit_(limit) {}

  // The next piece. An error (with the line, or the request, that is wrong) is final.
  base::Result<void> Feed(std::string_view piece);
  // All requests, after the last piece. An error if the trace is empty, or ends within a record.
  base::Result<Trace> Finish();

  // Whether `limit` requests are there; further pieces are ignored.
  bool full() const { return limit_ != 0 && trace_.size() >= limit_; }

 private:
  enum class Format : uint8_t { kUnknown, kRecords, kText, kKeys, kKeySizes };

  base::Result<void> Consume(bool is_last);
  base::Result<void> ConsumeRecords();
  base::Result<void> ConsumeLines(bool is_last);
  base::Result<void> AddLine(std::string_view line);
  base::Result<void> Add(const TraceRecord& record);

  uint64_t limit_;
  Format format_ = Format::kUnknown;
  std::string pending_;  // fed and not yet consumed
  uint64_t lines_ = 0;
  Trace trace_;
};

}  // namespace nuthatch::eviction
