#include "server/observe/process.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace nuthatch::observe {
namespace {

std::atomic<uint64_t> startup_memory{0};

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

CpuTimes Usage(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return {Seconds(usage.ru_stime), Seconds(usage.ru_utime)};
}

}  // namespace

void NoteStartupMemory() { startup_memory = base::UsedMemory(); }

uint64_t StartupMemory() { return startup_memory; }

uint64_t PeakMemory(const runtime::Node& node, uint64_t used) {
  return std::max(node.peak_memory.load(std::memory_order_relaxed), used);
}

uint64_t SystemMemory() {
  auto pages = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES));
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string SystemName() {
  utsname name{};
  uname(&name);
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

CpuTimes ProcessCpu() { return Usage(RUSAGE_SELF); }

CpuTimes ThreadCpu() { return Usage(RUSAGE_THREAD); }

std::string HumanSize(uint64_t bytes) {
  constexpr char kUnits[] = {'K', 'M', 'G', 'T', 'P'};
  if (bytes < 1024) return fmt::format("{}B", bytes);
  double size = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (size >= 1024 && unit + 1 < sizeof(kUnits)) {
    size /= 1024;
    ++unit;
  }
  return fmt::format("{:.2f}{}", size, kUnits[unit]);
}

}  // namespace nuthatch::observe
