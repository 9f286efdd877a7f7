#include "tools/replay/pipeline.h"

#include <algorithm>

namespace nuthatch::replay {

size_t PipelineEnd(const eviction::Trace& trace, size_t first, const PipelineLimits& limits) {
  size_t end = first;
  uint64_t bytes = 0;
  for (; end < trace.size() && end - first < limits.depth; ++end) {
    bytes += ValueSize(trace[end], limits.default_size);
    if (end > first && bytes > limits.bytes) break;
    auto same_key = [&](const eviction::TraceRecord& record) {
      return record.key == trace[end].key;
    };
    if (std::any_of(trace.begin() + static_cast<ptrdiff_t>(first),
                    trace.begin() + static_cast<ptrdiff_t>(end), same_key)) {
      break;
    }
  }
  return std::max(end, first + 1);
}

int64_t PaceDelayNs(uint64_t done, uint64_t pace, int64_t elapsed_ns) {
  constexpr double kSecond = 1e9;
  double due_ns = static_cast<double>(done) / static_cast<double>(pace) * kSecond;
  return std::max<int64_t>(0, static_cast<int64_t>(due_ns) - elapsed_ns);
}

}  // namespace nuthatch::replay
