// ReplyWriter: writes replies in RESP2 or RESP3 behind what a buffer holds. One call a value; the
// caller sees to it that an aggregate is followed by as many values as it announced.
//
// A writer is two words, made where it is needed and used by the thread that owns the buffer. The
// buffer must outlive it. No call fails: what RESP2 lacks is written in the form that Redis 7.0
// gives to RESP2 clients.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "server/base/buffer.h"
#include "server/base/numbers.h"

namespace nuthatch::resp {

namespace internal {

// "?n\r\n" in one word for each small n, its length in the last byte; the first byte takes the
// type. Most lengths, counts and integers are small.
inline constexpr size_t kSmallHeaders = 512;

constexpr std::array<std::array<char, 8>, kSmallHeaders> MakeSmallHeaders() {
  std::array<std::array<char, 8>, kSmallHeaders> headers{};
  for (size_t n = 0; n < kSmallHeaders; ++n) {
    auto& header = headers[n];
    size_t at = 1;
    if (n >= 100) header[at++] = static_cast<char>('0' + n / 100);
    if (n >= 10) header[at++] = static_cast<char>('0' + n / 10 % 10);
    header[at++] = static_cast<char>('0' + n % 10);
    header[at++] = '\r';
    header[at++] = '\n';
    header[7] = static_cast<char>(at);
  }
  return headers;
}

inline constexpr auto kSmallHeaderTable = MakeSmallHeaders();

// Room for any header: the type, a 64-bit number, CR LF.
inline constexpr size_t kMaxHeaderBytes = base::kMaxInt64Chars + 3;

// Writes the type, `number` and CR LF to `out`, which has room for kMaxHeaderBytes; returns the
// length.
inline size_t WriteHeader(char type, int64_t number, char* out) {
  if (static_cast<uint64_t>(number) < kSmallHeaders) {
    const std::array<char, 8>& header = kSmallHeaderTable[static_cast<size_t>(number)];
    std::memcpy(out, header.data(), header.size());
    out[0] = type;
    return static_cast<size_t>(header[7]);
  }
  out[0] = type;
  size_t length = 1 + base::FormatInt64(number, out + 1);
  out[length] = '\r';
  out[length + 1] = '\n';
  return length + 2;
}

}  // namespace internal

class ReplyWriter {
 public:
  // `version` is the protocol of the client, 2 or 3.
  ReplyWriter(base::Buffer* out, int version) : out_(out), resp3_(version >= 3) {}

  int version() const { return resp3_ ? 3 : 2; }
  base::Buffer* buffer() { return out_; }

  // Bytes that are a reply, or several, already.
  void Raw(std::string_view bytes) { out_->Append(bytes); }

  // REQUIRES: no CR or LF in `text`.
  void SimpleString(std::string_view text) { Line('+', text); }

  // `text` starts with the code and holds no leading '-': "ERR no such key". A CR or LF in it
  // becomes a space.
  void Error(std::string_view text);

  void Integer(int64_t value) { Header(':', value); }

  void Bulk(std::string_view bytes) { Blob('$', {}, bytes); }
  // The decimal form of `value` as a bulk string.
  void BulkInteger(int64_t value);

  // A value that isn't there, and (in RESP2 another text) an array that isn't.
  void Null() { Raw(resp3_ ? std::string_view("_\r\n") : std::string_view("$-1\r\n")); }
  void NullArray() { Raw(resp3_ ? std::string_view("_\r\n") : std::string_view("*-1\r\n")); }

  // `count` values follow; 2 * `pairs` of them after Map() and Attribute().
  void Array(size_t count) { Header('*', static_cast<int64_t>(count)); }
  void Map(size_t pairs) {
    Header(resp3_ ? '%' : '*', static_cast<int64_t>(resp3_ ? pairs : 2 * pairs));
  }
  void Set(size_t count) { Header(resp3_ ? '~' : '*', static_cast<int64_t>(count)); }
  // An out-of-band message; in RESP2 the array that subscribers get.
  void Push(size_t count) { Header(resp3_ ? '>' : '*', static_cast<int64_t>(count)); }
  // REQUIRES: version() == 3. The reply that it is about follows behind its pairs.
  void Attribute(size_t pairs) {
    CHECK(resp3_);
    Header('|', static_cast<int64_t>(pairs));
  }

  void Bool(bool value);
  // In the 17 digits of Redis 7.0; a bulk string in RESP2.
  void Double(double value);
  // As INCRBYFLOAT prints it, such as a coordinate; a bulk string in RESP2. REQUIRES: finite.
  void HumanLongDouble(long double value);
  // `digits` is an integer of any length; a bulk string in RESP2.
  void BigNumber(std::string_view digits) { resp3_ ? Line('(', digits) : Bulk(digits); }
  // `extension` says the format ("txt", "mkd"): it is cut or filled with spaces to three bytes. A
  // bulk string in RESP2.
  void Verbatim(std::string_view extension, std::string_view text);

  // An aggregate whose count is known only behind its values:
  //   size_t mark = writer.BeginDeferred();  ... values ...  writer.EndDeferredArray(mark, count);
  // They nest; the inner one ends first. It costs a move of the values when there are 10 or more.
  [[nodiscard]] size_t BeginDeferred() {
    size_t mark = out_->size();
    out_->Prepare(kDeferredBytes);
    out_->Commit(kDeferredBytes);
    return mark;
  }
  void EndDeferredArray(size_t mark, size_t count) {
    EndDeferred(mark, '*', static_cast<int64_t>(count));
  }
  void EndDeferredMap(size_t mark, size_t pairs) {
    EndDeferred(mark, resp3_ ? '%' : '*', static_cast<int64_t>(resp3_ ? pairs : 2 * pairs));
  }
  void EndDeferredSet(size_t mark, size_t count) {
    EndDeferred(mark, resp3_ ? '~' : '*', static_cast<int64_t>(count));
  }
  // Nothing in place of what was begun, its values included.
  void CancelDeferred(size_t mark) { out_->Truncate(mark); }

 private:
  // The header of a count of one digit.
  static constexpr size_t kDeferredBytes = 4;

  void Header(char type, int64_t number) {
    char* out = out_->Prepare(internal::kMaxHeaderBytes);
    out_->Commit(internal::WriteHeader(type, number, out));
  }

  void Line(char type, std::string_view text) {
    char* out = out_->Prepare(text.size() + 3);
    *out++ = type;
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    out += text.size();
    *out++ = '\r';
    *out++ = '\n';
    out_->Commit(text.size() + 3);
  }

  // A string with its length before it; `prefix` counts as part of it.
  void Blob(char type, std::string_view prefix, std::string_view bytes) {
    size_t length = prefix.size() + bytes.size();
    char* start = out_->Prepare(internal::kMaxHeaderBytes + length + 2);
    char* out = start + internal::WriteHeader(type, static_cast<int64_t>(length), start);
    if (!prefix.empty()) std::memcpy(out, prefix.data(), prefix.size());
    out += prefix.size();
    if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
    out += bytes.size();
    *out++ = '\r';
    *out++ = '\n';
    out_->Commit(static_cast<size_t>(out - start));
  }

  void EndDeferred(size_t mark, char type, int64_t number);

  base::Buffer* out_;
  bool resp3_;
};

}  // namespace nuthatch::resp
