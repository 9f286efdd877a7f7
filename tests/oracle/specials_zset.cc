// Special generators for sorted sets.
//
// Few keys and few members that meet; scores at the edges; the limits at which a listpack becomes a
// skip list are set small now and then. Lex ranges have keys of their own, whose members all have
// the score 0: elsewhere what Redis replies hangs on the random levels of its skip list. Looks and
// blows stand in steps behind.
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

std::string ZsetKey(Maker& maker) {
  size_t number = std::min(maker.Below(8), maker.Below(8));
  return (number % 2 == 0 ? "zs" : "{tag}zs") + std::to_string(number);
}
std::string AnyKey(Maker& maker) {
  if (maker.Chance(4)) return "nozset";
  return maker.Chance(97) ? ZsetKey(maker) : maker.HllKey();
}
std::string LexKey(Maker& maker) { return maker.Pick({"lex0", "lex1", "{tag}lex2", "{tag}lex3"}); }

std::string Member(Maker& maker) {
  size_t dice = maker.Below(100);
  if (dice < 60) return "m" + std::to_string(std::min(maker.Below(20), maker.Below(20)));
  if (dice < 75) return std::to_string(static_cast<int>(maker.Below(12)) - 3);
  if (dice < 85) return std::string(1 + maker.Below(3), static_cast<char>('a' + maker.Below(3)));
  if (dice < 88) return std::string(62 + maker.Below(5), static_cast<char>('a' + maker.Below(2)));
  if (dice < 90) return "n" + std::to_string(maker.Below(1000));
  if (dice < 92) return maker.Integer();
  return maker.Value();
}

std::string Score(Maker& maker) {
  size_t dice = maker.Below(100);
  if (dice < 45) return std::to_string(static_cast<int>(maker.Below(11)) - 5);
  if (dice < 60)
    return std::to_string(maker.Below(100'000)) + "." + std::to_string(maker.Below(100'000'000));
  if (dice < 70)
    return maker.Pick({"0.1", "1.5", "-2.25", "3.0", "1e3", "1e-7", "0.30000000000000004"});
  if (dice < 78) return maker.Pick({"inf", "-inf", "+inf", "INF", "Infinity", "-0", "0"});
  if (dice < 88) {
    return maker.Pick({"1e15", "1e16", "1e17", "123456789012345678", "4611686018427387904",
                       "4611686018427387905", "-4611686018427387904", "4.7e18", "-4.7e18",
                       "9223372036854775807", "1e300", "-1e308", "1.7976931348623157e308", "5e-324",
                       "2.2250738585072014e-308", "9007199254740993"});
  }
  return dice < 95 ? maker.Double() : maker.Integer();
}

// A bound of a range of scores.
std::string ScoreBound(Maker& maker) {
  if (maker.Chance(4))
    return maker.Pick({"(", "", "((1", "[1", "(inf", "nan", "(nan", " 1", "x", "1x"});
  return (maker.Chance(30) ? "(" : "") + Score(maker);
}
void AddScoreRange(Maker& maker, Argv* argv) {
  std::string min = maker.Chance(25) ? "-inf" : ScoreBound(maker);
  std::string max = maker.Chance(25) ? "+inf" : ScoreBound(maker);
  if (Lower(argv->front()).find("rev") != std::string::npos && maker.Chance(90))
    std::swap(min, max);
  argv->push_back(min);
  argv->push_back(max);
}

std::string LexBound(Maker& maker) {
  if (maker.Chance(4)) return maker.Pick({"", "a", "--", "++", "-a", "(", "[", "]a"});
  return maker.Pick({"[", "("}) + Member(maker);
}
// `whole`: of a key whose scores are not all the same.
void AddLexRange(Maker& maker, bool whole, bool reversed, Argv* argv) {
  std::string min = whole || maker.Chance(25) ? "-" : LexBound(maker);
  std::string max = whole || maker.Chance(25) ? "+" : LexBound(maker);
  if (!whole && maker.Chance(4)) std::swap(min, max);
  argv->push_back(reversed ? max : min);
  argv->push_back(reversed ? min : max);
}

void AddLimit(Maker& maker, Argv* argv) {
  argv->push_back(maker.Cased("LIMIT"));
  argv->push_back(maker.Chance(90) ? std::to_string(maker.Below(6)) : maker.Integer());
  if (maker.Chance(2)) return;
  argv->push_back(maker.Chance(80) ? std::to_string(static_cast<int>(maker.Below(8)) - 1)
                                   : maker.Integer());
}

std::string Rank(Maker& maker) {
  return maker.Chance(95) ? std::to_string(static_cast<int>(maker.Below(30)) - 12)
                          : maker.Integer();
}

void SetLimits(Maker& maker, Steps* group) {
  if (maker.Chance(60)) {
    Add(group, {"CONFIG", "SET", "zset-max-listpack-entries",
                maker.Pick({"0", "1", "3", "6", "12", "128"})});
  } else {
    Add(group, {"CONFIG", "SET", "zset-max-listpack-value", maker.Pick({"0", "2", "8", "64"})});
  }
}

// Other commands on a sorted set.
void AddMore(Maker& maker, const std::string& key, Steps* group) {
  switch (maker.Below(30)) {
    case 0:
    case 1:
    case 2:
      return Add(group, {"OBJECT", "ENCODING", key});
    case 3:
    case 4:
      return Add(group, {"ZRANGE", key, "0", "-1", "WITHSCORES"});
    case 5:
      return Add(group, {"ZCARD", key});
    case 6:
      return Add(group, {"COPY", key, ZsetKey(maker), "REPLACE"});
    case 7:
      return Add(group, {"RENAME", key, ZsetKey(maker)});
    case 8:
      return Add(group, {"DEL", key});
    case 9:
      return Add(group, {"PEXPIREAT", key, maker.Pick({"1", "2500000000000"})});
    case 10:
      if (maker.Chance(30)) Add(group, {"SET", key, "string"});
      return Add(group, {"TYPE", key});
    case 11:
      if (maker.Chance(40)) SetLimits(maker, group);
      return;
    case 12:
      return Add(group, {"PEXPIRETIME", key});
    default:
      return;
  }
}

void AddPairs(Maker& maker, Argv* argv) {
  size_t dice = maker.Below(100);
  size_t count = 1 + maker.Below(dice < 60 ? 1 : dice < 92 ? 8 : 60);
  bool many = dice == 99;
  if (many) count = 100 + maker.Below(200);
  for (; count > 0; --count) {
    argv->push_back(Score(maker));
    argv->push_back(many ? "n" + std::to_string(maker.Below(1000)) : Member(maker));
  }
}

}  // namespace

void MakeZadd(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(AnyKey(maker));
  const std::string key = argv.back();
  bool increments = false;
  if (maker.Chance(35)) {
    for (size_t i = 1 + maker.Below(2); i > 0; --i) {
      argv.push_back(maker.Cased(maker.Pick({"NX", "XX", "GT", "LT", "CH", "CH", "INCR"})));
      increments = increments || Lower(argv.back()) == "incr";
    }
  }
  if (increments && maker.Chance(90)) {
    argv.push_back(Score(maker));
    argv.push_back(Member(maker));
  } else {
    AddPairs(maker, &argv);
  }
  AddMore(maker, key, group);
}

void MakeZincrby(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(AnyKey(maker));
  argv.push_back(Score(maker));
  argv.push_back(Member(maker));
  AddMore(maker, argv[1], group);
}

void MakeZmembers(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  bool several = Lower(argv[0]) == "zrem" || Lower(argv[0]) == "zmscore";
  argv.push_back(AnyKey(maker));
  for (size_t i = several ? 1 + maker.Below(maker.Chance(90) ? 4 : 40) : 1; i > 0; --i) {
    argv.push_back(Member(maker));
  }
  AddMore(maker, argv[1], group);
}

void MakeZcard(Maker& maker, Steps* group) { Words(group).push_back(AnyKey(maker)); }

void MakeZscores(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(AnyKey(maker));
  AddScoreRange(maker, &argv);
  if (Lower(argv[0]).ends_with("rangebyscore") && Lower(argv[0]) != "zremrangebyscore") {
    if (maker.Chance(50)) argv.push_back(maker.Cased("WITHSCORES"));
    if (maker.Chance(45)) AddLimit(maker, &argv);
  }
  if (Lower(argv[0]) == "zremrangebyscore") AddMore(maker, argv[1], group);
}

void MakeZranks(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(AnyKey(maker));
  argv.push_back(Rank(maker));
  argv.push_back(Rank(maker));
  if (Lower(argv[0]) == "zremrangebyrank") return AddMore(maker, argv[1], group);
  if (maker.Chance(50)) argv.push_back(maker.Cased("WITHSCORES"));
  if (maker.Chance(3)) AddLimit(maker, &argv);
}

void MakeZlex(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  bool whole = maker.Chance(15);
  std::string key = whole ? AnyKey(maker) : LexKey(maker);
  std::string name = Lower(argv[0]);
  argv.push_back(key);
  AddLexRange(maker, whole, name.starts_with("zrev"), &argv);
  if (name.ends_with("rangebylex") && name != "zremrangebylex") {
    if (maker.Chance(45)) AddLimit(maker, &argv);
    if (maker.Chance(3)) argv.push_back(maker.Cased("WITHSCORES"));
  }
  Argv more = {"ZADD", LexKey(maker)};
  for (size_t i = 1 + maker.Below(maker.Chance(95) ? 6 : 150); i > 0; --i) {
    more.push_back("0");
    more.push_back(Member(maker));
  }
  Add(group, more);
  if (maker.Chance(8)) Add(group, {"DEL", key});
}

void MakeZrange(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  bool stores = Lower(argv[0]) == "zrangestore";
  std::string to = AnyKey(maker);
  if (stores) argv.push_back(to);
  size_t by = maker.Below(3);
  bool reversed = maker.Chance(40);
  bool whole = maker.Chance(15);
  argv.push_back(by == 2 && !whole ? LexKey(maker) : AnyKey(maker));
  Argv range{reversed ? "rev" : ""};
  if (by == 0) {
    range.push_back(Rank(maker));
    range.push_back(Rank(maker));
  } else if (by == 1) {
    AddScoreRange(maker, &range);
  } else {
    AddLexRange(maker, whole, reversed, &range);
  }
  argv.insert(argv.end(), range.begin() + 1, range.end());
  if (by == 1) argv.push_back(maker.Cased("BYSCORE"));
  if (by == 2) argv.push_back(maker.Cased("BYLEX"));
  if (reversed) argv.push_back(maker.Cased("REV"));
  if (maker.Chance(by == 0 ? 3 : 40)) AddLimit(maker, &argv);
  if (maker.Chance(stores || by == 2 ? 3 : 50)) argv.push_back(maker.Cased("WITHSCORES"));
  if (maker.Chance(2)) argv.push_back(maker.JunkWord());
  if (stores) AddMore(maker, to, group);
}

void MakeZpop(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(AnyKey(maker));
  if (maker.Chance(50)) {
    argv.push_back(maker.Chance(85) ? std::to_string(maker.Below(5)) : maker.Integer());
  }
  AddMore(maker, argv[1], group);
}

void MakeZmpop(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  size_t keys = 1 + maker.Below(3);
  argv.push_back(maker.Chance(96) ? std::to_string(keys) : maker.Integer());
  for (; keys > 0; --keys) argv.push_back(AnyKey(maker));
  argv.push_back(maker.Cased(maker.Pick({"MIN", "MAX"})));
  if (maker.Chance(50)) {
    argv.push_back(maker.Cased("COUNT"));
    argv.push_back(maker.Chance(90) ? std::to_string(1 + maker.Below(4)) : maker.Integer());
  }
  AddMore(maker, argv[2], group);
}

// Counts are small: they are how often a member is drawn where they are negative.
void MakeZrandmember(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(AnyKey(maker));
  if (maker.Chance(25)) return;
  argv.push_back(maker.Chance(85) ? std::to_string(static_cast<int>(maker.Below(41)) - 20)
                                  : maker.Pick({"x", "", "-9223372036854775808", "1000000",
                                                "9223372036854775807", "4611686018427387904",
                                                "99999999999999999999", "-200", "1.5"}));
  if (maker.Chance(50)) argv.push_back(maker.Cased("WITHSCORES"));
  if (maker.Chance(4)) argv.push_back(maker.JunkWord());
}

void MakeZscan(Maker& maker, Steps* group) {
  Step& step = group->front();
  step.scan_loop = maker.Chance(70);
  step.argv.push_back(maker.Chance(50) ? LexKey(maker) : ZsetKey(maker));
  step.argv.push_back(step.scan_loop || maker.Chance(80) ? "0" : maker.Integer());
  if (maker.Chance(40)) {
    step.argv.push_back(maker.Cased("MATCH"));
    step.argv.push_back(maker.Chance(60) ? maker.Pick({"m*", "*1", "n?*", "[ab]*", "*"})
                                         : maker.Pattern());
  }
  if (maker.Chance(40)) {
    step.argv.push_back(maker.Cased("COUNT"));
    step.argv.push_back(step.scan_loop ? maker.Pick({"1", "2", "10", "1000"}) : maker.Integer());
  }
  if (!step.scan_loop && maker.Chance(15)) step.argv.push_back(maker.JunkWord());
}

void MakeZcombine(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  std::string name = Lower(argv[0]);
  bool stores = name.ends_with("store");
  std::string to = AnyKey(maker);
  if (stores) argv.push_back(to);
  size_t keys = 1 + maker.Below(maker.Chance(90) ? 3 : 7);
  argv.push_back(maker.Chance(97) ? std::to_string(keys) : maker.Integer());
  for (size_t i = keys; i > 0; --i) argv.push_back(AnyKey(maker));
  bool odd = maker.Chance(3);
  bool combines = name != "zintercard" && !name.starts_with("zdiff");
  if ((combines || odd) && maker.Chance(40)) {
    argv.push_back(maker.Cased("WEIGHTS"));
    for (size_t i = maker.Chance(97) ? keys : maker.Below(5); i > 0; --i) {
      argv.push_back(Score(maker));
    }
  }
  if ((combines || odd) && maker.Chance(40)) {
    argv.push_back(maker.Cased("AGGREGATE"));
    argv.push_back(maker.Cased(maker.Pick({"SUM", "MIN", "MAX", "MAX", "MIN", "AVG"})));
  }
  if (name == "zintercard" ? maker.Chance(50) : odd) {
    argv.push_back(maker.Cased("LIMIT"));
    argv.push_back(maker.Chance(90) ? std::to_string(maker.Below(5)) : maker.Integer());
  }
  if (stores || name == "zintercard" ? odd : maker.Chance(50)) {
    argv.push_back(maker.Cased("WITHSCORES"));
  }
  if (stores) AddMore(maker, to, group);
}

}  // namespace nuthatch::oracle
