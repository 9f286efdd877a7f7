#include "tests/oracle/generator.h"

#include <utility>

#include "server/base/check.h"
#include "tests/oracle/hazards.h"

namespace nuthatch::oracle {
namespace {

constexpr size_t kMaxInline = 4000;

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
