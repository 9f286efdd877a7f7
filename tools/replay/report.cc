#include "tools/replay/report.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "tools/replay/plot.h"
#include "tools/replay/units.h"

namespace nuthatch::replay {

namespace {

using eviction::SimulationResult;

constexpr size_t kNameWidth = 20;
constexpr size_t kCellWidth = 9;

std::string Ratio(double percent) { return fmt::format("{:.3f}", percent); }

std::string Line(const std::string& name, const std::vector<std::string>& cells) {
  std::string line = fmt::format("{:{}}", name, kNameWidth);
  for (const std::string& cell : cells) line += fmt::format("{:>{}}", cell, kCellWidth);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string Section(const Advice& advice, const std::string& title,
                    double (SimulationResult::*ratio)() const) {
  std::vector<std::string> labels;
  for (const CacheSize& size : advice.sizes) labels.push_back(size.label);
  labels.emplace_back("mean");
  std::string text = Line(title, labels);
  auto add = [&](const AdviceRow& row) {
    std::vector<std::string> cells;
    double sum = 0;
    for (const SimulationResult& result : row.results) {
      cells.push_back(fmt::format("{:.2f}", (result.*ratio)()));
      sum += (result.*ratio)();
    }
    cells.push_back(fmt::format("{:.2f}", sum / static_cast<double>(row.results.size())));
    text += Line(row.name, cells);
  };
  for (const AdviceRow& row : advice.policies) add(row);
  text += Line(std::string(kNameWidth - 2, '-'), {});
  for (const AdviceRow& row : advice.bounds) add(row);
  return text + "\n";
}

const AdviceRow* FindRow(const std::vector<AdviceRow>& rows, std::string_view name) {
  auto found = std::ranges::find(rows, name, &AdviceRow::name);
  return found == rows.end() ? nullptr : &*found;
}

std::string Recommendation(const Advice& advice) {
  const AdviceRow& chosen = advice.policies[advice.recommended];
  std::string text = fmt::format("Recommended: maxmemory-policy {}\n", chosen.name);
  text += fmt::format("  {:.2f}% of the requests are hits in the mean over these sizes",
                      chosen.mean_hit_ratio());
  const AdviceRow* lru = FindRow(advice.policies, "allkeys-lru");
  if (lru != nullptr && lru != &chosen) {
    text += fmt::format(", {:+.2f} points\n  against allkeys-lru",
                        chosen.mean_hit_ratio() - lru->mean_hit_ratio());
  }
  text += ".\n";
  if (advice.policies.front().name != chosen.name) {
    text += fmt::format("  {} is within {:.1f} points, and less simple.\n",
                        advice.policies.front().name, kTie);
  }
  const AdviceRow& by_bytes = advice.policies[advice.best_by_bytes];
  if (advice.has_sizes && by_bytes.name != chosen.name) {
    text += fmt::format("  Most bytes from the cache: {}, {:.2f}% (here {:.2f}%).\n", by_bytes.name,
                        by_bytes.mean_byte_hit_ratio(), chosen.mean_byte_hit_ratio());
  }
  return text;
}

Curve CurveOf(const AdviceRow& row, char mark) {
  Curve curve{.name = row.name, .mark = mark, .y = {}};
  for (const SimulationResult& result : row.results) curve.y.push_back(result.hit_ratio());
  return curve;
}

// Few enough to be told apart: the recommended policy, those of Redis, the two yardsticks.
std::vector<Curve> CurvesOf(const Advice& advice) {
  std::vector<Curve> curves = {CurveOf(advice.policies[advice.recommended], '#')};
  auto add = [&](const std::vector<AdviceRow>& rows, std::string_view name, char mark) {
    const AdviceRow* row = FindRow(rows, name);
    if (row != nullptr && row->name != curves.front().name) curves.push_back(CurveOf(*row, mark));
  };
  add(advice.bounds, "belady", '^');
  add(advice.policies, "allkeys-lru", 'o');
  add(advice.policies, "allkeys-lfu", 'x');
  add(advice.policies, "allkeys-random", '.');
  return curves;
}

}  // namespace

base::Result<CsvFile> CsvFile::Create(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return base::Error("Can't write " + path + ": " + std::strerror(errno));
  return CsvFile(path, file);
}

base::Result<void> CsvFile::Write(const std::vector<std::string>& fields) {
  std::string line = CsvLine(fields);
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() ||
      std::fflush(file_.get()) != 0) {
    return base::Error("Can't write " + path_ + ": " + std::strerror(errno));
  }
  return {};
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (!line.empty() || &field != &fields.front()) line += ',';
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      line += field;
      continue;
    }
    line += '"';
    for (char c : field) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line + "\n";
}

std::vector<std::string> ReplayCsvHead() {
  return {"policy",         "requests",    "hits", "misses",  "hit_ratio",
          "byte_hit_ratio", "used_memory", "keys", "seconds", "requests_per_second",
          "server"};
}

std::vector<std::string> ReplayCsvRow(const ReplayResult& result) {
  return {result.policy,
          std::to_string(result.requests),
          std::to_string(result.hits),
          std::to_string(result.misses()),
          Ratio(result.hit_ratio()),
          Ratio(result.byte_hit_ratio()),
          std::to_string(result.used_memory),
          std::to_string(result.keys),
          fmt::format("{:.3f}", result.seconds),
          fmt::format("{:.0f}", result.requests_per_second()),
          result.server};
}

std::string ReplayTableHead() {
  return "| server                | policy               |     hits |   misses |  hit % | bytes % |"
         "   memory |    keys | seconds | requests/s |\n"
         "|---|---|---|---|---|---|---|---|---|---|\n";
}

std::string ReplayTableRow(const ReplayResult& result) {
  return fmt::format(
      "| {:21} | {:20} | {:8} | {:8} | {:6.2f} | {:7.2f} | {:>8} | {:7} | {:7.2f} | {:10.0f} |\n",
      result.server, result.policy, result.hits, result.misses(), result.hit_ratio(),
      result.byte_hit_ratio(), FormatBytes(result.used_memory), result.keys, result.seconds,
      result.requests_per_second());
}

std::vector<std::vector<std::string>> AdviceCsv(const Advice& advice) {
  std::vector<std::vector<std::string>> lines = {{"policy", "size", "capacity_keys",
                                                  "capacity_bytes", "requests", "hits", "misses",
                                                  "hit_ratio", "byte_hit_ratio"}};
  constexpr uint64_t kUnlimited = eviction::Capacity{}.keys;
  auto limit = [](uint64_t value) {
    return value == kUnlimited ? std::string() : std::to_string(value);
  };
  for (const std::vector<AdviceRow>* rows : {&advice.policies, &advice.bounds}) {
    for (const AdviceRow& row : *rows) {
      for (size_t i = 0; i < advice.sizes.size(); ++i) {
        const SimulationResult& result = row.results[i];
        const eviction::Capacity& capacity = advice.sizes[i].capacity;
        lines.push_back({row.name, advice.sizes[i].label, limit(capacity.keys),
                         limit(capacity.bytes), std::to_string(result.requests),
                         std::to_string(result.hits), std::to_string(result.misses()),
                         Ratio(result.hit_ratio()), Ratio(result.byte_hit_ratio())});
      }
    }
  }
  return lines;
}

std::string AdviceReport(const Advice& advice, const std::string& trace_name, size_t width,
                         bool ascii) {
  std::string text = fmt::format("{}: {} requests for {} keys", trace_name,
                                 FormatCount(advice.requests), FormatCount(advice.keys));
  if (advice.bytes != 0) text += fmt::format(" of {}", FormatBytes(advice.bytes));
  text += "\n\n" + Section(advice, "hits, %", &SimulationResult::hit_ratio);
  if (advice.has_sizes) text += Section(advice, "bytes hit, %", &SimulationResult::byte_hit_ratio);
  text += Recommendation(advice) + "\n";
  PlotAxes axes{.x = {}, .x_labels = {}, .width = width, .ascii = ascii};
  for (const CacheSize& size : advice.sizes) {
    axes.x.push_back(size.weight);
    axes.x_labels.push_back(size.label);
  }
  return text + "hits, %, by cache size\n" + DrawPlot(CurvesOf(advice), axes);
}

}  // namespace nuthatch::replay
