// Special generators for lists.
//
// Few keys, elements that repeat (so that LINSERT, LREM and LPOS find some) and indexes around the
// edges. Some elements are so big that nodes split, and list-max-listpack-size changes now and
// then. What looks at the lists, moves them away or sets them up stands in steps behind.
#include <algorithm>

#include "tests/oracle/maker.h"
#include "tests/oracle/specials.h"

namespace nuthatch::oracle {
namespace {

Argv& Words(Steps* group) { return group->front().argv; }

void Add(Steps* group, Argv argv) {
  Step step;
  step.argv = std::move(argv);
  group->push_back(std::move(step));
}

std::string ListKey(Maker& maker) { return maker.Chance(94) ? maker.ListKey() : maker.Key(); }

std::string Element(Maker& maker) {
  size_t dice = maker.Below(100);
  if (dice < 40) return std::to_string(maker.Below(8));
  if (dice < 60) return std::string(1, static_cast<char>('a' + maker.Below(4)));
  if (dice < 72) return maker.Value();
  if (dice < 78) return maker.Integer();
  constexpr size_t kSizes[] = {40, 100, 100, 250, 480, 506, 1000, 2000, 2700, 4000, 8179, 8192};
  size_t size = kSizes[std::min(maker.Below(std::size(kSizes)), maker.Below(std::size(kSizes)))];
  if (maker.Below(200) == 0) size = 70'000;
  return std::string(size, static_cast<char>('x' + maker.Below(2)));
}

std::string Index(Maker& maker) {
  size_t dice = maker.Below(100);
  if (dice < 60) return std::to_string(static_cast<int>(maker.Below(12)) - 6);
  return dice < 90 ? std::to_string(static_cast<int>(maker.Below(120)) - 60) : maker.Integer();
}

std::string Where(Maker& maker) {
  return maker.Chance(97) ? maker.Cased(maker.Pick({"LEFT", "RIGHT"})) : maker.JunkWord();
}

Argv PushOf(Maker& maker, const std::string& key) {
  Argv argv = {maker.Pick({"RPUSH", "RPUSH", "LPUSH"}), key};
  size_t dice = maker.Below(100);
  for (size_t i = 1 + maker.Below(dice < 70 ? 8 : dice < 97 ? 60 : 600); i > 0; --i) {
    argv.push_back(Element(maker));
  }
  return argv;
}

void AddMore(Maker& maker, const std::string& key, Steps* group) {
  switch (maker.Below(30)) {
    case 0:
    case 1:
      return Add(group, {"DUMP", key});
    case 2:
      return Add(group, {"OBJECT", "ENCODING", key});
    case 3:
      return Add(group, {"LRANGE", key, "0", "-1"});
    case 4:
      return Add(group, {"COPY", key, maker.ListKey(), "REPLACE"});
    case 5:
      return Add(group, {"RENAME", key, ListKey(maker)});
    case 6:
      return Add(group, {"TYPE", key});
    case 7:
      if (maker.Chance(50)) return Add(group, {"DEL", key});
      return Add(group, {"PEXPIREAT", key, "2500000000000"});
    case 8: {
      // What a list was made with stays.
      std::string size = maker.Pick({"1", "2", "3", "7", "16", "128", "0", "-1", "-3", "-5"});
      Add(group, {"CONFIG", "SET", "list-max-listpack-size", size});
      Add(group, {"DEL", key});
      Add(group, PushOf(maker, key));
      if (maker.Chance(85)) Add(group, {"CONFIG", "SET", "list-max-listpack-size", "-2"});
      return;
    }
    case 9: {
      // Elements that stand alone, among others.
      if (maker.Chance(50)) return;
      Add(group, {"DEBUG", "QUICKLIST-PACKED-THRESHOLD", maker.Pick({"100b", "200", "1000"})});
      Add(group, PushOf(maker, key));
      Add(group, {"LSET", key, Index(maker), Element(maker)});
      Add(group, {"LINSERT", key, maker.Pick({"BEFORE", "AFTER"}), Element(maker), Element(maker)});
      Add(group, {"DEBUG", "QUICKLIST-PACKED-THRESHOLD", "0"});
      for (size_t i = group->size() - 4; i < group->size(); ++i) (*group)[i].glued = true;
      return;
    }
    case 10:
    case 11:
      return Add(group, PushOf(maker, key));
    default:
      return;
  }
}

}  // namespace

void MakeListPush(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  const std::string key = ListKey(maker);
  argv.push_back(key);
  size_t dice = maker.Below(100);
  size_t count = 1 + maker.Below(dice < 50 ? 1 : dice < 90 ? 5 : dice < 99 ? 40 : 400);
  for (; count > 0; --count) argv.push_back(Element(maker));
  AddMore(maker, key, group);
}

void MakeListPop(Maker& maker, Steps* group) {
  const std::string key = ListKey(maker);
  Words(group).push_back(key);
  if (maker.Chance(50)) Words(group).push_back(maker.Chance(85) ? Index(maker) : maker.Integer());
  AddMore(maker, key, group);
}

void MakeLmpop(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  size_t count = 1 + maker.Below(4);
  argv.push_back(maker.Chance(94) ? std::to_string(count) : maker.Integer());
  for (size_t i = 0; i < count; ++i) argv.push_back(ListKey(maker));
  argv.push_back(Where(maker));
  if (maker.Chance(60)) {
    argv.push_back(maker.Cased("COUNT"));
    argv.push_back(Index(maker));
  }
  const std::string key = argv[2];
  AddMore(maker, key, group);
}

void MakeLmove(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  const std::string key = ListKey(maker);
  argv.push_back(key);
  argv.push_back(maker.Chance(30) ? key : ListKey(maker));
  if (Lower(argv[0]) == "lmove") {
    argv.push_back(Where(maker));
    argv.push_back(Where(maker));
  }
  AddMore(maker, key, group);
}

void MakeListRange(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  const std::string key = ListKey(maker);
  argv.push_back(key);
  argv.push_back(Index(maker));
  argv.push_back(Index(maker));
  AddMore(maker, key, group);
}

void MakeListIndex(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  const std::string key = ListKey(maker);
  argv.push_back(key);
  argv.push_back(Index(maker));
  if (Lower(argv[0]) == "lset") argv.push_back(Element(maker));
  AddMore(maker, key, group);
}

void MakeLlen(Maker& maker, Steps* group) { Words(group).push_back(ListKey(maker)); }

void MakeLinsert(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  const std::string key = ListKey(maker);
  argv.push_back(key);
  argv.push_back(maker.Chance(97) ? maker.Cased(maker.Pick({"BEFORE", "AFTER"}))
                                  : maker.JunkWord());
  argv.push_back(Element(maker));
  argv.push_back(Element(maker));
  AddMore(maker, key, group);
}

void MakeLrem(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  const std::string key = ListKey(maker);
  argv.push_back(key);
  argv.push_back(maker.Chance(70) ? maker.Pick({"0", "1", "-1", "2", "-2", "3", "-3"})
                                  : maker.Integer());
  argv.push_back(Element(maker));
  AddMore(maker, key, group);
}

void MakeLpos(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(ListKey(maker));
  argv.push_back(Element(maker));
  for (size_t i = maker.Below(4); i > 0; --i) {
    argv.push_back(maker.Chance(97) ? maker.Cased(maker.Pick({"RANK", "COUNT", "MAXLEN"}))
                                    : maker.JunkWord());
    argv.push_back(maker.Chance(60) ? maker.Pick({"0", "1", "-1", "2", "-2", "3", "10", "50"})
                                    : Index(maker));
  }
}

}  // namespace nuthatch::oracle
