#include "server/observe/info.h"

#include <array>
#include <string>

#include "server/commands/args.h"
#include "server/observe/groups.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/node.h"

namespace nuthatch::observe {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): a table of rows in its words

struct SectionName {
  std::string_view name;
  Section section;
};

constexpr SectionName kNames[] = {
    {"server", Section::kServer},
    {"clients", Section::kClients},
    {"memory", Section::kMemory},
    {"persistence", Section::kPersistence},
    {"stats", Section::kStats},
    {"replication", Section::kReplication},
    {"cpu", Section::kCpu},
    {"module_list", Section::kModules},
    {"modules", Section::kModules},
    {"commandstats", Section::kCommandstats},
    {"errorstats", Section::kErrorstats},
    {"latencystats", Section::kLatencystats},
    {"cluster", Section::kCluster},
    {"keyspace", Section::kKeyspace},
    {"eviction", Section::kEviction},
};

constexpr Sections kAll = (Sections{1} << kSectionCount) - 1;
constexpr Sections kDefault = kAll & ~(Bit(Section::kCommandstats) | Bit(Section::kLatencystats));

std::string TextOf(Section section, const InfoSource& source) {
  switch (section) {
    case Section::kServer:
      return ServerSection(source);
    case Section::kClients:
      return ClientsSection(source);
    case Section::kMemory:
      return MemorySection(source);
    case Section::kPersistence:
      return PersistenceSection(source);
    case Section::kStats:
      return StatsSection(source);
    case Section::kReplication:
      return ReplicationSection(source);
    case Section::kCpu:
      return CpuSection();
    case Section::kModules:
      return "# Modules\r\n";
    case Section::kCommandstats:
      return CommandstatsSection(source);
    case Section::kErrorstats:
      return ErrorstatsSection(source);
    case Section::kLatencystats:
      return LatencystatsSection(source);
    case Section::kCluster:
      return "# Cluster\r\ncluster_enabled:0\r\n";
    case Section::kKeyspace:
      return KeyspaceSection(source);
    case Section::kEviction:
      return EvictionSection(source);
  }
  return {};
}

void InfoFragment(CommandContext& context) {
  Take(context, FiguresFor(ParseSections(context.args().subspan(1))));
}

void InfoCombine(CommandContext& context) {
  Figures figures = Sum(context.parts());
  InfoSource source{figures, context.node(), context.config()};
  context.reply().Verbatim("txt", InfoText(source, ParseSections(context.args().subspan(1))));
}

constexpr HistoryLine kInfoHistory[] = {
    {"7.0.0", "Added support for taking multiple section arguments."}};

constexpr std::string_view kInfoTips[] = {"nondeterministic_output", "request_policy:all_shards",
                                          "response_policy:special"};

constexpr ArgSpec kInfoArgs[] = {{.name = "section", .flags = kArgOptional | kArgMultiple}};

constexpr CommandSpec kRows[] = {{.name = "info",
                                  .arity = -1,
                                  .flags = kLoading | kStale,
                                  .acl_categories = kAclDangerous,
                                  .where = Where::kScatterAll,
                                  .scatter = {InfoFragment, InfoCombine},
                                  .summary = "Get information and statistics about the server",
                                  .complexity = "O(1)",
                                  .since = "1.0.0",
                                  .group = "server",
                                  .history = kInfoHistory,
                                  .tips = kInfoTips,
                                  .args = kInfoArgs}};

}  // namespace

Sections ParseSections(std::span<const std::string_view> names) {
  if (names.empty()) return kDefault;
  Sections sections = 0;
  for (std::string_view name : names) {
    if (commands::IsWord(name, "default")) sections |= kDefault;
    if (commands::IsWord(name, "all") || commands::IsWord(name, "everything")) sections |= kAll;
    for (const SectionName& known : kNames) {
      if (commands::IsWord(name, known.name)) sections |= Bit(known.section);
    }
  }
  return sections;
}

unsigned FiguresFor(Sections sections) {
  unsigned sets = kBaseFigures;
  if ((sections & (Bit(Section::kClients) | Bit(Section::kMemory))) != 0) sets |= kClientFigures;
  if ((sections & (Bit(Section::kKeyspace) | Bit(Section::kMemory))) != 0) sets |= kKeyspaceFigures;
  if ((sections & Bit(Section::kEviction)) != 0) sets |= kEvictionFigures;
  if ((sections & Bit(Section::kCommandstats)) != 0) sets |= kCommandFigures;
  if ((sections & Bit(Section::kLatencystats)) != 0) sets |= kLatencyFigures;
  return sets;
}

std::string InfoText(const InfoSource& source, Sections sections) {
  std::string text;
  for (size_t i = 0; i < kSectionCount; ++i) {
    auto section = static_cast<Section>(i);
    if ((sections & Bit(section)) == 0) continue;
    if (!text.empty()) text += "\r\n";
    text += TextOf(section, source);
  }
  return text;
}

std::span<const CommandSpec> InfoCommands() { return kRows; }

}  // namespace nuthatch::observe
