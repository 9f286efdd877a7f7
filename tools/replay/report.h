// What the program prints: tables for people, CSV for programs.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "server/base/result.h"
#include "tools/replay/advice.h"
#include "tools/replay/replay.h"

namespace nuthatch::replay {

// A file that rows are written to; each is there for others as soon as it is written.
class CsvFile {
 public:
  static base::Result<CsvFile> Create(const std::string& path);
  // Fields with a comma, a quote or a line's end are quoted.
  base::Result<void> Write(const std::vector<std::string>& fields);

 private:
  CsvFile(std::string path, FILE* file) : path_(std::move(path)), file_(file, &std::fclose) {}
  std::string path_;
  std::unique_ptr<FILE, int (*)(FILE*)> file_;
};

// A line of CSV, with its end.
std::string CsvLine(const std::vector<std::string>& fields);

std::vector<std::string> ReplayCsvHead();
std::vector<std::string> ReplayCsvRow(const ReplayResult& result);
// Markdown, for terminals and notes.
std::string ReplayTableHead();
std::string ReplayTableRow(const ReplayResult& result);

std::vector<std::vector<std::string>> AdviceCsv(const Advice& advice);
// The table, the recommendation and the plot, of `width` columns.
std::string AdviceReport(const Advice& advice, const std::string& trace_name, size_t width,
                         bool ascii);

}  // namespace nuthatch::replay
