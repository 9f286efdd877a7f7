// Traces of requests to a cache: read from files, or generated from a seed.
//
// For the simulator, the tests and the benches; not used by the server. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/base/result.h"

namespace nuthatch::eviction {

// One request, as it stands in a trace file: 16 bytes, little-endian.
struct TraceRecord {
  uint64_t key = 0;
  uint32_t size = 0;    // of the value in bytes; 0: unknown
  uint32_t time_s = 0;  // seconds since the trace's begin
};
static_assert(sizeof(TraceRecord) == 16);

using Trace = std::vector<TraceRecord>;

// The longest trace that is read or generated, and the most keys of a generated one: 4 GiB.
constexpr uint64_t kMostRequests = uint64_t{1} << 28;

// What a command line names: "zipf:EXPONENT[:KEYS[:REQUESTS]]" (100,000 keys and 2,000,000 requests
// if not said) is generated, "-" is the standard input, anything else is a file; both in one of the
// formats of trace_parser.h. Only the first `limit` requests, if it is not 0. Never empty.
base::Result<Trace> LoadTrace(const std::string& name, uint64_t limit = 0);

// `requests` independent draws of `keys` keys, of which the i-th most popular has weight
// i^-exponent; 1,000 requests a second.
Trace MakeZipfTrace(uint64_t keys, double exponent, uint64_t requests, uint64_t seed);

// The same, interrupted every `period` requests by a scan of period / 5 keys that never come again.
Trace MakeZipfScanTrace(uint64_t keys, double exponent, uint64_t requests, uint64_t period,
                        uint64_t seed);

uint64_t CountUniqueKeys(const Trace& trace);

// A popularity distribution to draw from: ranks 0 to keys - 1.
class ZipfDistribution {
 public:
  ZipfDistribution(uint64_t keys, double exponent);
  // The rank of a uniform number in [0, 1).
  uint64_t RankAt(double uniform) const;

 private:
  std::vector<double> cumulative_;
};

}  // namespace nuthatch::eviction
