#include "eviction/trace.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "eviction/trace_parser.h"
#include "server/base/numbers.h"
#include "server/base/random.h"

namespace nuthatch::eviction {

namespace {

constexpr std::string_view kZipf = "zipf:";
// Keys of scans start here, far from those of the popular ones.
constexpr uint64_t kScanKeys = uint64_t{1} << 40;

double Uniform(base::Random& random) { return static_cast<double>(random.Next() >> 11) * 0x1p-53; }

// A fixed permutation of the ranks, so that popular keys are not neighbours.
std::vector<uint64_t> ShuffledKeys(uint64_t keys, base::Random& random) {
  std::vector<uint64_t> shuffled(keys);
  for (uint64_t i = 0; i < keys; ++i) shuffled[i] = i;
  for (uint64_t i = keys; i > 1; --i) std::swap(shuffled[i - 1], shuffled[random.Below(i)]);
  return shuffled;
}

void Append(Trace& trace, uint64_t key) {
  trace.push_back(
      {.key = key, .size = 0, .time_s = static_cast<uint32_t>(trace.size() / kUntimedPerSecond)});
}

}  // namespace

namespace {

// A generated trace, or why there is none.
base::Result<Trace> GenerateTrace(const std::string& name, uint64_t limit) {
  constexpr uint64_t kSeed = 9;
  double numbers[] = {0, 100'000, 2'000'000};
  std::string_view rest = name;
  rest.remove_prefix(kZipf.size());
  for (size_t i = 0; !rest.empty(); ++i) {
    size_t colon = rest.find(':');
    std::optional<double> number = base::ParseDouble(rest.substr(0, colon));
    bool is_count = i > 0;
    if (i == std::size(numbers) || !number || *number <= 0 || (is_count && *number < 1) ||
        *number > static_cast<double>(kMostRequests)) {
      return base::Error("Not zipf:EXPONENT[:KEYS[:REQUESTS]]: " + name);
    }
    numbers[i] = *number;
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  if (numbers[0] == 0) return base::Error("Not zipf:EXPONENT[:KEYS[:REQUESTS]]: " + name);
  auto requests = static_cast<uint64_t>(numbers[2]);
  if (limit != 0) requests = std::min(requests, limit);
  return MakeZipfTrace(static_cast<uint64_t>(numbers[1]), numbers[0], requests, kSeed);
}

base::Error ReadError(const std::string& name) {
  return base::Error("Can't read the trace " + name + ": " + std::strerror(errno));
}

}  // namespace

base::Result<Trace> LoadTrace(const std::string& name, uint64_t limit) {
  if (name.starts_with(kZipf)) return GenerateTrace(name, limit);
  bool is_input = name == "-";
  std::unique_ptr<FILE, void (*)(FILE*)> file(is_input ? stdin : std::fopen(name.c_str(), "rb"),
                                              [](FILE* open) {
                                                if (open != stdin) std::fclose(open);
                                              });
  if (file == nullptr) return ReadError(name);
  TraceParser parser(limit);
  std::vector<char> piece(size_t{1} << 16);
  while (!parser.full()) {
    errno = 0;
    size_t size = std::fread(piece.data(), 1, piece.size(), file.get());
    if (size == 0 && std::ferror(file.get()) != 0) return ReadError(name);
    if (size == 0) break;
    base::Result<void> fed = parser.Feed({piece.data(), size});
    if (!fed.ok()) return base::Error(name + ": " + fed.error());
  }
  base::Result<Trace> trace = parser.Finish();
  if (!trace.ok()) return base::Error(name + ": " + trace.error());
  return trace;
}

ZipfDistribution::ZipfDistribution(uint64_t keys, double exponent) : cumulative_(keys) {
  double sum = 0;
  for (uint64_t i = 0; i < keys; ++i) {
    sum += std::pow(static_cast<double>(i + 1), -exponent);
    cumulative_[i] = sum;
  }
  for (double& value : cumulative_) value /= sum;
}

uint64_t ZipfDistribution::RankAt(double uniform) const {
  auto place = std::upper_bound(cumulative_.begin(), cumulative_.end(), uniform);
  return std::min<uint64_t>(place - cumulative_.begin(), cumulative_.size() - 1);
}

Trace MakeZipfTrace(uint64_t keys, double exponent, uint64_t requests, uint64_t seed) {
  return MakeZipfScanTrace(keys, exponent, requests, 0, seed);
}

Trace MakeZipfScanTrace(uint64_t keys, double exponent, uint64_t requests, uint64_t period,
                        uint64_t seed) {
  base::Random random(seed);
  ZipfDistribution zipf(keys, exponent);
  std::vector<uint64_t> key_of_rank = ShuffledKeys(keys, random);
  Trace trace;
  trace.reserve(requests + period);
  uint64_t next_scan_key = kScanKeys;
  uint64_t drawn = 0;
  while (trace.size() < requests) {
    Append(trace, key_of_rank[zipf.RankAt(Uniform(random))]);
    if (period == 0 || ++drawn % period != 0) continue;
    for (uint64_t i = 0; i < period / 5; ++i) Append(trace, next_scan_key++);
  }
  trace.resize(requests);
  return trace;
}

uint64_t CountUniqueKeys(const Trace& trace) {
  std::unordered_set<uint64_t> keys;
  for (const TraceRecord& record : trace) keys.insert(record.key);
  return keys.size();
}

}  // namespace nuthatch::eviction
