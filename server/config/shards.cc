// How many cores this process may use: its affinity mask, cut to the CPU quota of its control group
// (version 2: "quota period" in microseconds, or "max").
#include <algorithm>
#include <fstream>
#include <string>

#include <sched.h>

#include "server/config/config.h"

namespace nuthatch::config {
namespace {

int CoresByAffinity() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

int CoresByQuota(int otherwise) {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return otherwise;
  double cores = std::strtod(quota.c_str(), nullptr) / period;
  return cores < 1 ? 1 : static_cast<int>(cores);
}

}  // namespace

int EffectiveShards(const Config& config) {
  if (config.shards > 0) return config.shards;
  int cores = CoresByAffinity();
  return std::clamp(std::min(cores, CoresByQuota(cores)), 1, kMaxShards);
}

}  // namespace nuthatch::config
