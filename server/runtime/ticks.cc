#include "server/runtime/ticks.h"

#include <fstream>
#include <string>

namespace nuthatch::runtime {

void Ticks::Calibrate() {
#if defined(__x86_64__)
  // The kernel uses the counter for its own clock only if it is steady and the same on all cores.
  std::ifstream file("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  std::string source;
  file >> source;
  bool steady = source == "tsc";
  if (!steady) {
    // Under a hypervisor's own clock the counter is still fit if the processor says that it never
    // stops.
    std::ifstream cpu("/proc/cpuinfo");
    for (std::string line; std::getline(cpu, line) && !steady;) {
      steady = line.starts_with("flags") && line.find(" constant_tsc") != std::string::npos &&
               line.find(" nonstop_tsc") != std::string::npos;
    }
  }
  if (!steady) return;
  constexpr int64_t kMeasureNs = 2'000'000;
  int64_t start_ns = base::MonotonicNs();
  uint64_t start = __rdtsc();
  int64_t elapsed_ns = 0;
  do {
    elapsed_ns = base::MonotonicNs() - start_ns;
  } while (elapsed_ns < kMeasureNs);
  uint64_t ticks = __rdtsc() - start;
  if (ticks == 0) return;
  ns_per_tick_32_ =
      static_cast<uint64_t>((static_cast<unsigned __int128>(elapsed_ns) << 32) / ticks);
  use_tsc_ = ns_per_tick_32_ != 0;
  if (!use_tsc_) ns_per_tick_32_ = 1ull << 32;
#endif
}

}  // namespace nuthatch::runtime
