// INFO's sections: texts made of the sums of all shards' figures.
//
// Pure functions of what they are given and of the process; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/config/config.h"
#include "server/observe/figures.h"
#include "server/runtime/node.h"

namespace nuthatch::observe {

// In the order in which they are printed.
enum class Section : uint8_t {
  kServer,
  kClients,
  kMemory,
  kPersistence,
  kStats,
  kReplication,
  kCpu,
  kModules,
  kCommandstats,
  kErrorstats,
  kLatencystats,
  kCluster,
  kKeyspace,
  kEviction,  // ours: behind what Redis has
};
inline constexpr size_t kSectionCount = 14;

// A set of sections, as bits.
using Sections = uint32_t;
constexpr Sections Bit(Section section) { return Sections{1} << static_cast<int>(section); }

// What the arguments of INFO ask for (none: the default ones). Names in any case of letters,
// "default", "all" and "everything" included; others mean nothing.
Sections ParseSections(std::span<const std::string_view> names);

// The FigureSet that these sections need.
unsigned FiguresFor(Sections sections);

struct InfoSource {
  const Figures& figures;
  runtime::Node& node;
  const config::Config& config;
};

// The whole text.
std::string InfoText(const InfoSource& source, Sections sections);

// One section each, with its heading; info.cc puts them together.
std::string ServerSection(const InfoSource& source);
std::string ClientsSection(const InfoSource& source);
std::string MemorySection(const InfoSource& source);
std::string PersistenceSection(const InfoSource& source);
std::string StatsSection(const InfoSource& source);
std::string ReplicationSection(const InfoSource& source);
std::string CpuSection();
std::string CommandstatsSection(const InfoSource& source);
std::string ErrorstatsSection(const InfoSource& source);
std::string LatencystatsSection(const InfoSource& source);
std::string KeyspaceSection(const InfoSource& source);
std::string EvictionSection(const InfoSource& source);

}  // namespace nuthatch::observe
