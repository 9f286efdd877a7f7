#include "tests/oracle/pick.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "server/base/numbers.h"
#include "tests/oracle/catalogue.h"

namespace nuthatch::oracle {
namespace {

const Picker kPickers[] = {
    {"spop", true, {"SMEMBERS", ""}, ""},
    {"srandmember", false, {"SMEMBERS", ""}, ""},
    {"hrandfield", false, {"HGETALL", ""}, "withvalues"},
    {"zrandmember", false, {"ZRANGE", "", "0", "-1", "WITHSCORES"}, "withscores"},
};

// No random value has so many elements.
constexpr int64_t kAll = 1000;

void AddLeaves(const Reply& reply, std::vector<std::string>* leaves) {
  if (!reply.is_aggregate()) {
    leaves->push_back(reply.text);
    return;
  }
  for (const Reply& item : reply.items) AddLeaves(item, leaves);
}

}  // namespace

const Picker* PickerOf(const Argv& argv) {
  if (argv.empty()) return nullptr;
  std::string name = Lower(argv[0]);
  for (const Picker& picker : kPickers) {
    if (picker.command == name) return &picker;
  }
  return nullptr;
}

Argv LookOf(const Picker& picker, const Argv& argv) {
  Argv look;
  look.reserve(picker.look.size());
  for (std::string_view word : picker.look)
    look.push_back(word.empty() ? argv[1] : std::string(word));
  return look;
}

std::optional<int64_t> PickCount(const Argv& argv) {
  return argv.size() < 3 ? std::nullopt : base::ParseInt64(argv[2]);
}

bool TakesAll(const Argv& argv) { return argv.size() == 3 && PickCount(argv).value_or(0) >= kAll; }

std::vector<std::string> Leaves(const Reply& reply) {
  std::vector<std::string> leaves;
  AddLeaves(reply, &leaves);
  return leaves;
}

Picks::Picks(const Picker& picker, const Reply& look) {
  std::vector<std::string> leaves = Leaves(look);
  const size_t step = picker.with_values.empty() ? 1 : 2;
  elements.reserve(leaves.size() / step);
  for (size_t i = 0; i + step <= leaves.size(); i += step) {
    elements.emplace_back(leaves[i], step == 2 ? leaves[i + 1] : "");
  }
}

std::optional<std::string> Picks::Judge(const Picker& picker, const Argv& argv,
                                        const Reply& reply) const {
  if (reply.null || reply.is_error()) return std::nullopt;
  const bool with_values = argv.size() > 3 && Lower(argv[3]) == picker.with_values;
  const std::map<std::string, std::string> known(elements.begin(), elements.end());
  std::vector<std::string> leaves = Leaves(reply);
  std::set<std::string> seen;
  const size_t step = with_values ? 2 : 1;
  if (leaves.size() % step != 0) return "an element without a value";
  for (size_t i = 0; i < leaves.size(); i += step) {
    auto it = known.find(leaves[i]);
    if (it == known.end()) return "an element that isn't there: " + Quote(leaves[i]);
    if (with_values && it->second != leaves[i + 1]) return "another value of " + Quote(leaves[i]);
    if (!seen.insert(leaves[i]).second && PickCount(argv).value_or(1) > 0) {
      return "an element twice: " + Quote(leaves[i]);
    }
  }
  return std::nullopt;
}

}  // namespace nuthatch::oracle
