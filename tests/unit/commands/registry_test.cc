// Each command that is registered has a test: a string in a unit or integration test that begins
// with its name in capitals, or a line of an oracle script that does.
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

// The lines of all tests; those of scripts as strings, in quotes.
std::string LinesOfTests() {
  std::string all;
  for (const auto& file : std::filesystem::recursive_directory_iterator(NUTHATCH_TESTS)) {
    std::string name = file.path().filename();
    bool script = name.ends_with(".txt") && file.path().parent_path().filename() == "scripts";
    if (!script && !name.ends_with("_test.cc")) continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) {
      all += script ? '"' + line + "\"\n" : line + '\n';
    }
  }
  return all;
}

std::string Capitals(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

TEST(Registry, EveryCommandHasATest) {
  TestServer server;
  std::string sources = LinesOfTests();
  ASSERT_FALSE(sources.empty());
  for (const runtime::CommandEntry* entry : server.commands().by_id()) {
    if (!entry->spec->subcommands.empty()) continue;
    std::string name = Capitals(entry->spec->name);
    if (entry->container != nullptr) name = Capitals(entry->container->name) + " " + name;
    bool tested = sources.find('"' + name + ' ') != std::string::npos ||
                  sources.find('"' + name + '"') != std::string::npos;
    EXPECT_TRUE(tested) << name << " has no test";
  }
}

// What the runtime takes for granted of a row.
TEST(Registry, RowsAreWhole) {
  TestServer server;
  for (const runtime::CommandEntry* entry : server.commands().by_id()) {
    const runtime::CommandSpec& spec = *entry->spec;
    SCOPED_TRACE(std::string(spec.name));
    EXPECT_FALSE(spec.summary.empty());
    EXPECT_FALSE(spec.since.empty());
    EXPECT_FALSE(spec.group.empty());
    EXPECT_NE(spec.arity, 0);
    if (!spec.subcommands.empty()) continue;
    bool scatters = spec.scatter.fragment != nullptr;
    EXPECT_EQ(scatters, spec.scatter.combine != nullptr);
    EXPECT_TRUE(scatters || spec.run != nullptr);
    EXPECT_EQ(spec.where == runtime::Where::kByKeys,
              !spec.key_specs.empty() || spec.get_keys != nullptr);
    EXPECT_TRUE(spec.where != runtime::Where::kScatterAll || scatters);
    EXPECT_TRUE(spec.several != runtime::Several::kScatter || scatters);
  }
}

}  // namespace
}  // namespace nuthatch::commands
