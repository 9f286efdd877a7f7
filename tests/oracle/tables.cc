#include "tests/oracle/tables.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace nuthatch::oracle {
namespace {

using Lines = std::vector<std::string>;

std::string Indexed(const std::string& path, size_t i) {
  return path + "[" + std::to_string(i) + "]";
}

std::string Scalar(const Reply& reply) {
  return reply.null ? std::string("null") : std::string(1, reply.type) + Quote(reply.text, 2000);
}

void FlattenArguments(const Reply& list, const std::string& path, Lines* lines) {
  for (size_t i = 0; i < list.items.size(); ++i) {
    const Reply& map = list.items[i];
    std::string here = Indexed(path, i);
    for (size_t k = 0; k + 1 < map.items.size(); k += 2) {
      const Reply& value = map.items[k + 1];
      std::string name = here + "." + map.items[k].text;
      if (map.items[k].text == "arguments") {
        FlattenArguments(value, name, lines);
      } else if (value.is_aggregate()) {
        for (const Reply& item : value.items) lines->push_back(name + " has " + Scalar(item));
      } else {
        lines->push_back(name + " = " + Scalar(value));
      }
    }
  }
}

void FlattenDoc(const Reply& doc, Lines* lines, TableLines* table) {
  for (size_t k = 0; k + 1 < doc.items.size(); k += 2) {
    const std::string& name = doc.items[k].text;
    const Reply& value = doc.items[k + 1];
    if (name == "subcommands") {
      for (auto& [sub, sub_lines] : FlattenDocs(value)) table->emplace(sub, sub_lines);
    } else if (name == "arguments") {
      FlattenArguments(value, name, lines);
    } else if (name == "history") {
      for (size_t i = 0; i < value.items.size(); ++i) {
        std::string line = Indexed(name, i);
        for (const Reply& part : value.items[i].items) line += " " + Scalar(part);
        lines->push_back(line);
      }
    } else if (value.is_aggregate()) {
      for (const Reply& item : value.items) lines->push_back(name + " has " + Scalar(item));
    } else {
      lines->push_back(name + " = " + Scalar(value));
    }
  }
}

// Everything below a key spec, which is a map of maps.
void FlattenAny(const Reply& reply, const std::string& path, Lines* lines) {
  if (!reply.is_aggregate()) {
    lines->push_back(path + " = " + Scalar(reply));
    return;
  }
  bool map = reply.items.size() % 2 == 0;
  for (size_t i = 0; map && i < reply.items.size(); i += 2) map = !reply.items[i].is_aggregate();
  if (map && !path.ends_with(".flags")) {
    for (size_t i = 0; i < reply.items.size(); i += 2) {
      FlattenAny(reply.items[i + 1], path + "." + reply.items[i].text, lines);
    }
    return;
  }
  for (const Reply& item : reply.items) lines->push_back(path + " has " + Scalar(item));
}

void FlattenCommand(const Reply& entry, TableLines* table) {
  static constexpr const char* kNames[] = {"name",           "arity",    "flags",
                                           "first key",      "last key", "step",
                                           "acl categories", "tips",     "key specs"};
  if (entry.items.size() < 10) return;
  Lines lines;
  for (size_t i = 0; i < 9; ++i) {
    const Reply& item = entry.items[i];
    std::string name = kNames[i];
    if (i == 8) {
      for (size_t k = 0; k < item.items.size(); ++k) {
        FlattenAny(item.items[k], Indexed(name, k), &lines);
      }
    } else if (item.is_aggregate()) {
      for (const Reply& flag : item.items) lines.push_back(name + " has " + Scalar(flag));
    } else {
      lines.push_back(name + " = " + Scalar(item));
    }
  }
  std::sort(lines.begin(), lines.end());
  table->emplace(entry.items[0].text, std::move(lines));
  for (const Reply& sub : entry.items[9].items) FlattenCommand(sub, table);
}

}  // namespace

TableLines FlattenDocs(const Reply& docs) {
  TableLines table;
  for (size_t i = 0; i + 1 < docs.items.size(); i += 2) {
    Lines lines;
    FlattenDoc(docs.items[i + 1], &lines, &table);
    std::sort(lines.begin(), lines.end());
    table.emplace(docs.items[i].text, std::move(lines));
  }
  return table;
}

TableLines FlattenInfo(const Reply& info) {
  TableLines table;
  for (const Reply& entry : info.items) FlattenCommand(entry, &table);
  return table;
}

std::vector<std::string> DiffTables(const TableLines& ours, const TableLines& theirs,
                                    const Catalogue& catalogue) {
  std::vector<std::string> findings;
  std::set<std::string> names;
  for (const auto& [name, lines] : ours) names.insert(name);
  for (const auto& [name, lines] : theirs) names.insert(name);
  for (const std::string& name : names) {
    if (!catalogue.Has(name)) continue;
    auto our = ours.find(name);
    auto their = theirs.find(name);
    if (our == ours.end() || their == theirs.end()) {
      findings.push_back(name + ": only in the " +
                         (our == ours.end() ? "reference's" : "tested server's") + " reply");
      continue;
    }
    Lines extra;
    Lines missing;
    std::set_difference(our->second.begin(), our->second.end(), their->second.begin(),
                        their->second.end(), std::back_inserter(extra));
    std::set_difference(their->second.begin(), their->second.end(), our->second.begin(),
                        our->second.end(), std::back_inserter(missing));
    for (const std::string& line : missing)
      findings.push_back(fmt::format("{}: reference: {}", name, line));
    for (const std::string& line : extra)
      findings.push_back(fmt::format("{}: tested:    {}", name, line));
  }
  return findings;
}

std::vector<std::string> CompareWholeTables(Link* tested, Link* reference,
                                            const Catalogue& catalogue) {
  std::vector<std::string> findings;
  for (bool docs : {true, false}) {
    Argv argv = docs ? Argv{"COMMAND", "DOCS"} : Argv{"COMMAND"};
    auto ours = Call(tested, argv);
    auto theirs = Call(reference, argv);
    if (!ours.ok() || !theirs.ok() || ours.value().is_error()) {
      findings.push_back(argv.back() + ": no readable reply");
      continue;
    }
    auto flatten = docs ? FlattenDocs : FlattenInfo;
    for (std::string& line :
         DiffTables(flatten(ours.value()), flatten(theirs.value()), catalogue)) {
      findings.push_back((docs ? "COMMAND DOCS " : "COMMAND INFO ") + line);
    }
  }
  return findings;
}

}  // namespace nuthatch::oracle
