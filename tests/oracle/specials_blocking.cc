// Special generators for commands that wait.
//
// One connection at a time has the word, so nobody wakes who waits: what is here finds its key, or
// waits for some milliseconds (hazards.cc sees to that). Who wakes whom is in scripts.
#include "tests/oracle/maker.h"
#include "tests/oracle/specials.h"

namespace nuthatch::oracle {
namespace {

Argv& Words(Steps* group) { return group->front().argv; }

std::string Timeout(Maker& maker) {
  if (maker.Chance(85)) return maker.Pick({"0.001", "0.002", "0.0005", "1e-3", "0.004"});
  return maker.Chance(50) ? maker.Pick({"-1", "nan", "inf", "0x", "1e300", "-0.5"})
                          : maker.Integer();
}

std::string End(Maker& maker) {
  return maker.Chance(97) ? maker.Cased(maker.Pick({"LEFT", "RIGHT"})) : maker.JunkWord();
}

std::string ListKey(Maker& maker) { return maker.Chance(94) ? maker.ListKey() : maker.Key(); }

// Most waits are for nothing: a push before it makes some find an element.
void MayFillList(Maker& maker, const std::string& key, Steps* group) {
  if (!maker.Chance(60)) return;
  Step push;
  push.argv = {"RPUSH", key, maker.Value(), maker.Integer()};
  group->insert(group->begin(), push);
}

}  // namespace

void MakeBlpop(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  for (size_t i = 1 + maker.Below(3); i > 0; --i) argv.push_back(ListKey(maker));
  argv.push_back(Timeout(maker));
  const std::string key = argv[1];
  MayFillList(maker, key, group);
}

void MakeBlmove(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  const std::string key = ListKey(maker);
  argv.push_back(key);
  argv.push_back(maker.Chance(30) ? key : ListKey(maker));
  if (Lower(argv[0]) == "blmove") {
    argv.push_back(End(maker));
    argv.push_back(End(maker));
  }
  argv.push_back(Timeout(maker));
  MayFillList(maker, key, group);
}

void MakeBlmpop(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(Timeout(maker));
  size_t count = 1 + maker.Below(3);
  argv.push_back(maker.Chance(94) ? std::to_string(count) : maker.Integer());
  for (size_t i = 0; i < count; ++i) argv.push_back(ListKey(maker));
  argv.push_back(End(maker));
  if (maker.Chance(60)) {
    argv.push_back(maker.Cased("COUNT"));
    argv.push_back(maker.Chance(80) ? std::to_string(maker.Below(5)) : maker.Integer());
  }
  const std::string key = argv[3];
  MayFillList(maker, key, group);
}

}  // namespace nuthatch::oracle
