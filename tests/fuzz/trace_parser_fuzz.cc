// LINKS: eviction

// Any bytes as a trace. In one piece and in several it gives the same requests or the same error,
// with a limit it gives the first of them, and what was read survives being written as records.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "eviction/trace_parser.h"
#include "server/base/check.h"

namespace {

using nuthatch::eviction::Trace;
using nuthatch::eviction::TraceParser;
using nuthatch::eviction::TraceRecord;
namespace base = nuthatch::base;

base::Result<Trace> Parse(std::string_view bytes, size_t piece, uint64_t limit) {
  TraceParser parser(limit);
  for (size_t i = 0; i < bytes.size(); i += piece) {
    base::Result<void> fed = parser.Feed(bytes.substr(i, piece));
    if (!fed.ok()) return base::Error(fed.error());
  }
  return parser.Finish();
}

std::string Bytes(const Trace& trace, size_t requests) {
  return {reinterpret_cast<const char*>(trace.data()), requests * sizeof(TraceRecord)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  size_t piece = 1 + (size == 0 ? 0 : data[size - 1] % 16);
  base::Result<Trace> whole = Parse(bytes, std::max<size_t>(size, 1), 0);
  base::Result<Trace> in_pieces = Parse(bytes, piece, 0);
  CHECK(whole.ok() == in_pieces.ok());
  if (!whole.ok()) {
    CHECK(whole.error() == in_pieces.error());
    return 0;
  }
  const Trace& trace = whole.value();
  CHECK(Bytes(trace, trace.size()) == Bytes(in_pieces.value(), in_pieces.value().size()));

  base::Result<Trace> half = Parse(bytes, piece, (trace.size() + 1) / 2);
  CHECK(half.ok() && half.value().size() == (trace.size() + 1) / 2);
  CHECK(Bytes(half.value(), half.value().size()) == Bytes(trace, half.value().size()));

  // A text trace of huge sizes or few requests can lack a zero byte as records; then it is text.
  std::string records = Bytes(trace, trace.size());
  if (std::string_view(records).substr(0, TraceParser::kHeadBytes).find('\0') ==
      std::string_view::npos) {
    return 0;
  }
  base::Result<Trace> again = Parse(records, piece, 0);
  CHECK(again.ok() && Bytes(again.value(), again.value().size()) == records);
  return 0;
}
