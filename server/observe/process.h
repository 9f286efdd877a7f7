// Figures of the process and the machine, for INFO and MEMORY.
//
// Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "server/base/memory.h"
#include "server/runtime/node.h"

namespace nuthatch::observe {

// To be called once, when the server is up and holds no keys: what it uses by itself.
void NoteStartupMemory();
uint64_t StartupMemory();

// The largest use of memory up to now; never less than `used`.
uint64_t PeakMemory(const runtime::Node& node, uint64_t used);

// Bytes of memory that the machine has.
uint64_t SystemMemory();

// "Linux 6.1.0 x86_64".
std::string SystemName();

// CPU time in seconds.
struct CpuTimes {
  double system = 0;
  double user = 0;
};
CpuTimes ProcessCpu();
CpuTimes ThreadCpu();  // of the calling thread

// "1.57M", as Redis prints sizes.
std::string HumanSize(uint64_t bytes);

// A ratio that is 0 where there is nothing to divide by.
inline double Ratio(uint64_t a, uint64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

}  // namespace nuthatch::observe
