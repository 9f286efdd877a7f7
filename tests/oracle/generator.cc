#include "tests/oracle/generator.h"

#include <utility>

#include "server/base/check.h"
#include "tests/oracle/hazards.h"
#include "tests/oracle/pick.h"

namespace nuthatch::oracle {
namespace {

constexpr size_t kMaxInline = 4000;
// Of so many commands outside of transactions one is a transaction.
constexpr size_t kTransactionIsRare = 60;
constexpr size_t kMostQueued = 8;

// What the duel could not follow inside of a transaction: the replies that CLIENT REPLY leaves out,
// the look at the key that RANDOMKEY gave, what SPOP takes at random, and what ends the transaction
// itself.
bool MayBeQueued(const Steps& group) {
  for (const Step& step : group) {
    if (step.scan_loop || step.wait_ms > 0 || step.cut_after || step.argv.empty()) return false;
    std::string name = Lower(step.argv[0]);
    const Picker* picker = PickerOf(step.argv);
    if (picker != nullptr && picker->takes && !TakesAll(step.argv)) return false;
    if (name == "randomkey" || name == "reset" || name == "exec" || name == "discard") return false;
    bool reply = step.argv.size() > 1 && Lower(step.argv[1]) == "reply";
    if (name == "client" && reply) return false;
  }
  return true;
}

}  // namespace

Generator::Generator(const Catalogue& catalogue, const std::vector<std::string>& payloads,
                     uint64_t seed)
    : maker_(catalogue, payloads, seed) {
  for (const Rule& rule : AllRules()) {
    auto it = catalogue.commands.find(rule.command);
    if (it == catalogue.commands.end()) continue;
    wheel_.insert(wheel_.end(), static_cast<size_t>(rule.weight), Choice{&rule, &it->second});
  }
  CHECK(!wheel_.empty());
}

void Generator::AppendGroup(Steps* steps) {
  if (maker_.Below(kTransactionIsRare) == 0) {
    AppendTransaction(steps);
  } else {
    AppendCommand(steps);
  }
}

void Generator::AppendQueued(Steps* steps) {
  Steps group;
  do {
    group.clear();
    AppendCommand(&group);
  } while (!MayBeQueued(group));
  steps->insert(steps->end(), group.begin(), group.end());
}

void Generator::AppendIntruder(Steps* steps, const std::string& key) {
  std::string other = maker_.Key();
  Argv argv;
  switch (maker_.Below(12)) {
    case 0:
      argv = {"RENAME", key, other};
      break;
    case 1:
      argv = {"RENAME", other, key};
      break;
    case 2:
      argv = {"COPY", other, key, "REPLACE"};
      break;
    case 3:
      argv = {"MOVE", key, maker_.Database()};
      break;
    case 4:
      argv = {"PEXPIREAT", key, maker_.Pick({"1", "2500000000000"})};
      break;
    case 5:
      argv = {"PERSIST", key};
      break;
    case 6:
      argv = {"SWAPDB", maker_.Pick({"0", "1"}), maker_.Database()};
      break;
    case 7:
      argv = {maker_.Chance(80) ? "FLUSHDB" : "FLUSHALL"};
      break;
    case 8:
      argv = {"GETEX", key};
      break;
    case 9:
      argv = {"APPEND", key, ""};
      break;
    case 10:
      argv = {"DEL", key};
      break;
    default:
      argv = {"SET", key, maker_.Value()};
  }
  Step step;
  step.argv = std::move(argv);
  step.by_other = true;
  steps->push_back(std::move(step));
}

void Generator::AppendTransaction(Steps* steps) {
  const size_t begin = steps->size();
  auto add = [&](Argv argv) {
    Step step;
    argv[0] = maker_.Cased(argv[0]);
    step.argv = std::move(argv);
    steps->push_back(std::move(step));
  };
  std::string key = maker_.Key();
  auto intrude = [&](int percent) {
    if (maker_.Chance(percent)) AppendIntruder(steps, key);
  };
  if (maker_.Chance(70)) {
    Argv watch = {"WATCH", key};
    while (maker_.Chance(40)) watch.push_back(maker_.Key());
    add(watch);
    intrude(25);
    if (maker_.Chance(10)) AppendQueued(steps);
    if (maker_.Chance(5)) add({"UNWATCH"});
  }
  add({"MULTI"});
  for (size_t i = maker_.Below(kMostQueued); i > 0; --i) {
    AppendQueued(steps);
    intrude(5);
    if (maker_.Below(40) == 0) add({"MULTI"});
    if (maker_.Below(40) == 0) add({"WATCH", key});
    if (maker_.Below(40) == 0) add({"UNWATCH"});
  }
  if (maker_.Chance(12)) {
    add({maker_.Pick({"DISCARD", "DISCARD", "RESET"})});
  } else if (maker_.Chance(5)) {
    add({"EXEC", maker_.JunkWord()});
  } else {
    add({"EXEC"});
  }
  if ((*steps).back().argv[0].size() == 5) add({"HELLO", maker_.Pick({"2", "3"})});
  for (size_t i = begin + 1; i < steps->size(); ++i) (*steps)[i].glued = true;
}

void Generator::AppendCommand(Steps* steps) {
  Steps group(1);
  const Choice& choice = wheel_[maker_.Below(wheel_.size())];
  if (maker_.Below(150) == 0) {
    AppendUnknown(&group);
  } else {
    Argv& argv = group.front().argv;
    argv = CallWords(choice.rule->command);
    size_t fixed = argv.size();
    for (std::string& word : argv) word = maker_.Cased(word);
    if (choice.rule->special != nullptr) {
      choice.rule->special(maker_, &group);
    } else if (choice.command->container) {
      if (maker_.Chance(70)) argv.push_back(maker_.Pick({"foo", "", "LISTS", "he\nlp", "|"}));
      if (maker_.Chance(30)) argv.push_back(maker_.ShortText());
    } else {
      maker_.EmitArguments(choice.command->arguments, &argv);
    }
    bool loop = group.front().scan_loop;
    if (choice.rule->mutate && !loop && maker_.Chance(18)) Spoil(&group.front().argv, fixed);
  }
  for (size_t i = 0; i < group.size(); ++i) MakeSafe(maker_.random(), &group, i);
  // Not a long one: whether a line is too long hangs on how it happens to be read.
  size_t size = 0;
  for (const std::string& word : group.front().argv) size += word.size();
  group.front().inline_form = size < kMaxInline && maker_.Below(60) == 0;
  std::move(group.begin(), group.end(), std::back_inserter(*steps));
}

void Generator::AppendUnknown(Steps* group) {
  Argv& argv = group->front().argv;
  switch (maker_.Below(4)) {
    case 0:
      argv = {maker_.Pick({"foo", "", "GETT", "get ", "\r\n", "\x80\xff", "nothing:here"})};
      break;
    case 1:
      argv = {std::string(maker_.Below(300), 'x')};
      break;
    default:
      argv = {maker_.Cased("unknown")};
  }
  for (size_t i = maker_.Below(4); i > 0; --i) argv.push_back(maker_.Value());
  if (maker_.Chance(10)) argv.insert(argv.end(), 30, "argument");
}

void Generator::Spoil(Argv* argv, size_t fixed) {
  // The name stays: a swapped one could be a command that must not run.
  size_t free = argv->size() - fixed;
  auto any = [&] { return argv->begin() + static_cast<long>(fixed + maker_.Below(free)); };
  switch (free == 0 ? 7 : maker_.Below(8)) {
    case 0:
      argv->erase(any());
      return;
    case 1: {
      std::string copy = *any();
      argv->insert(any(), copy);
      return;
    }
    case 2:
      std::swap(*any(), *any());
      return;
    case 3:
      *any() = maker_.WrongInteger();
      return;
    case 4:
      *any() = maker_.JunkWord();
      return;
    case 5:
      argv->resize(fixed + maker_.Below(free));
      return;
    case 6:
      *any() = maker_.Value();
      return;
    default:
      for (size_t i = 1 + maker_.Below(2); i > 0; --i) argv->push_back(maker_.JunkWord());
  }
}

}  // namespace nuthatch::oracle
