// Special generators for sets.
//
// Few keys and few members, so that sets overlap; integers of all widths and what only looks like
// one; limits of intsets that are so small that they are passed all the time.
#include <algorithm>

#include "tests/oracle/maker.h"
#include "tests/oracle/specials.h"

namespace nuthatch::oracle {
namespace {

Argv& Words(Steps* group) { return group->front().argv; }

std::string SetKey(Maker& maker) {
  if (maker.Chance(25)) return maker.Key();
  size_t number = std::min(maker.Below(8), maker.Below(8));
  return (number % 2 == 0 ? "set" : "{tag}set") + std::to_string(number);
}

std::string Member(Maker& maker) {
  size_t dice = maker.Below(100);
  if (dice < 70) return std::to_string(static_cast<int>(maker.Below(30)) - 4);
  if (dice < 80) {
    return maker.Pick({"32767", "32768", "-32768", "-32769", "70000", "2147483647", "2147483648",
                       "-2147483649", "5000000000", "9223372036854775807", "-9223372036854775808"});
  }
  if (dice < 94) return std::string(1, static_cast<char>('a' + maker.Below(20)));
  if (dice < 97) {
    return maker.Pick({"", "01", "+1", "-0", " 1", "1 ", "1.0", "9223372036854775808", "-"});
  }
  return dice < 98 ? std::string(200 + maker.Below(120), 'm') : maker.Value();
}

// Mostly integers alone, or there would be no intsets.
std::string LikelyInteger(Maker& maker) {
  return maker.Chance(80) ? std::to_string(static_cast<int>(maker.Below(40)) - 4) : Member(maker);
}

void AddMembers(Maker& maker, Argv* argv) {
  const size_t count = 1 + maker.Below(maker.Chance(15) ? 40 : 5);
  const bool integers = maker.Chance(80);
  for (size_t i = 0; i < count; ++i) {
    argv->push_back(integers ? std::to_string(static_cast<int>(maker.Below(40)) - 4)
                             : Member(maker));
  }
}

// Sets the limit of intsets behind the command: rarely, for it stays for the rest of the part.
void MaybeSetLimit(Maker& maker, Steps* group) {
  if (!maker.Chance(3)) return;
  Step step;
  step.argv = {"CONFIG", "SET", "set-max-intset-entries",
               maker.Pick({"0", "1", "2", "4", "8", "16", "16", "32", "32", "512", "2000000000"})};
  group->push_back(std::move(step));
}

// Empties a key now and then: sets that had a string once are tables for ever.
void MaybeEmpty(Maker& maker, const std::string& key, Steps* group) {
  if (!maker.Chance(4)) return;
  Step step;
  step.argv = {"DEL", key};
  group->push_back(std::move(step));
}

}  // namespace

void MakeSadd(Maker& maker, Steps* group) {
  std::string key = SetKey(maker);
  Words(group).push_back(key);
  AddMembers(maker, &Words(group));
  MaybeSetLimit(maker, group);
  MaybeEmpty(maker, key, group);
}

void MakeSetKey(Maker& maker, Steps* group) { Words(group).push_back(SetKey(maker)); }

void MakeSetKeys(Maker& maker, Steps* group) {
  const bool stores = Lower(Words(group)[0]).ends_with("store");
  const size_t count = (stores ? 2 : 1) + maker.Below(4);
  for (size_t i = 0; i < count; ++i) Words(group).push_back(SetKey(maker));
}

void MakeSetMember(Maker& maker, Steps* group) {
  Words(group).push_back(SetKey(maker));
  Words(group).push_back(LikelyInteger(maker));
}

void MakeSetMembers(Maker& maker, Steps* group) {
  Words(group).push_back(SetKey(maker));
  AddMembers(maker, &Words(group));
}

void MakeSintercard(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  const size_t count = 1 + maker.Below(4);
  argv.push_back(maker.Chance(90) ? std::to_string(count) : maker.Integer());
  for (size_t i = 0; i < count; ++i) argv.push_back(SetKey(maker));
  while (maker.Chance(35)) {
    argv.push_back(maker.Cased("LIMIT"));
    argv.push_back(maker.Chance(80) ? std::to_string(maker.Below(6)) : maker.Integer());
  }
}

void MakeSmove(Maker& maker, Steps* group) {
  Words(group).push_back(SetKey(maker));
  Words(group).push_back(SetKey(maker));
  Words(group).push_back(LikelyInteger(maker));
}

void MakeSpop(Maker& maker, Steps* group) {
  Words(group).push_back(SetKey(maker));
  const size_t dice = maker.Below(10);
  if (dice < 3) return;
  if (dice < 9) {
    Words(group).push_back(std::to_string(maker.Below(maker.Chance(50) ? 8 : 40)));
  } else {
    Words(group).push_back(maker.Chance(50) ? "1000" : maker.WrongInteger());
  }
  if (maker.Chance(3)) Words(group).push_back(maker.JunkWord());
}

void MakeSrandmember(Maker& maker, Steps* group) {
  Words(group).push_back(SetKey(maker));
  const size_t dice = maker.Below(10);
  if (dice < 3) return;
  if (dice < 9) {
    Words(group).push_back(std::to_string(static_cast<int>(maker.Below(80)) - 40));
  } else {
    // No large negative count: that many members would come.
    Words(group).push_back(maker.Pick({"9223372036854775807", "9223372036854775808", "x", "", "1.0",
                                       "-9223372036854775808", "+1"}));
  }
  if (maker.Chance(3)) Words(group).push_back(maker.JunkWord());
}

void MakeSscan(Maker& maker, Steps* group) {
  Step& step = group->front();
  step.argv.push_back(SetKey(maker));
  step.scan_loop = maker.Chance(70);
  const bool wrong = !step.scan_loop && maker.Chance(50);
  step.argv.push_back(wrong ? maker.WrongInteger() : "0");
  if (maker.Chance(50)) {
    step.argv.push_back(maker.Cased("MATCH"));
    step.argv.push_back(maker.Pick({"*", "1*", "?", "[a-f]", "-*", "", "2", "*1", "**"}));
  }
  if (maker.Chance(50)) {
    step.argv.push_back(maker.Cased("COUNT"));
    step.argv.push_back(step.scan_loop ? maker.Pick({"1", "2", "10", "1000"}) : maker.Integer());
  }
  if (!step.scan_loop && maker.Chance(20)) step.argv.push_back(maker.JunkWord());
  if (step.scan_loop) step.cut_after = true;
}

}  // namespace nuthatch::oracle
