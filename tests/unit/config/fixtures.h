// Recorded answers of redis-server 7.0.15, which stand as text files beside the tests.
#pragma once

#include <fstream>
#include <string>
#include <vector>

namespace nuthatch::config {

// The lines of a file beside this one, split at tabs, without comments ("# ..."). An empty line is
// a row with one empty field.
inline std::vector<std::vector<std::string>> ReadFixture(const std::string& name) {
  std::string path = NUTHATCH_TESTS "/unit/config/" + name;
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("# ", 0) == 0) continue;
    std::vector<std::string> fields;
    size_t start = 0;
    for (size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t', start)) {
      fields.push_back(line.substr(start, tab - start));
      start = tab + 1;
    }
    fields.push_back(line.substr(start));
    rows.push_back(fields);
  }
  return rows;
}

}  // namespace nuthatch::config
