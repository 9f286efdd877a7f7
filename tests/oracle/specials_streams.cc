// Special generators for streams. IDs come from a counter that goes up, so that XADD's are new and
// the others' mostly exist; none comes from the clock. What is idle is so by IDLE or TIME, far from
// what is asked for by min-idle-time.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/oracle/maker.h"
#include "tests/oracle/specials.h"

namespace nuthatch::oracle {
namespace {

constexpr uint64_t kReach = 40;  // how far back IDs are asked for

Argv& Words(Steps* group) { return group->front().argv; }

std::string StreamKey(Maker& maker) {
  size_t number = std::min(maker.Below(6), maker.Below(6));
  return (number % 2 == 0 ? "stream" : "{tag}stream") + std::to_string(number);
}
// For commands that make no key.
std::string ReadKey(Maker& maker) {
  if (maker.Chance(3)) return maker.Key();
  return maker.Chance(2) ? "nostream" : StreamKey(maker);
}
std::string Group(Maker& maker) {
  return "g" + std::to_string(maker.Below(maker.Chance(5) ? 6 : 3));
}
std::string Consumer(Maker& maker) { return "c" + std::to_string(maker.Below(4)); }

std::string WrongId(Maker& maker) {
  return maker.Pick({"",
                     "-",
                     "+",
                     "*",
                     "$",
                     ">",
                     "abc",
                     "1-",
                     "-1",
                     "1-x",
                     "1--1",
                     "1-1-1",
                     " 1",
                     "+1",
                     "007-01",
                     "1- 5",
                     "18446744073709551616",
                     "18446744073709551615",
                     "18446744073709551615-18446744073709551615",
                     "9223372036854775808-1",
                     "0",
                     "0-0",
                     "0-1",
                     "(1",
                     "1-*",
                     "1.5",
                     "99999999999999999999999999999999999999999999999999999999999999999999999999999"
                     "9999999999999999999999999999999999999999999999999999999999999999999999-0"});
}

// An ID that probably exists.
std::string OldId(Maker& maker) {
  if (maker.Chance(3)) return WrongId(maker);
  uint64_t now = maker.stream_clock();
  uint64_t back = std::min<uint64_t>(maker.Below(maker.Chance(10) ? 20 * kReach : kReach), now);
  std::string id = std::to_string(now - back);
  if (maker.Chance(10)) return id;
  return id + "-" + std::to_string(maker.Chance(70) ? 0 : maker.Below(3));
}

void AddOldIds(Maker& maker, Argv* argv) {
  size_t count = 1;
  while (count < 8 && maker.Chance(50)) ++count;
  for (; count > 0; --count) argv->push_back(OldId(maker));
}

std::string Count(Maker& maker) {
  return maker.Chance(90) ? std::to_string(maker.Below(12)) : maker.Integer();
}

void AddCount(Maker& maker, int percent, Argv* argv) {
  if (!maker.Chance(percent)) return;
  argv->push_back(maker.Cased("COUNT"));
  if (!maker.Chance(2)) argv->push_back(Count(maker));
}

std::string MinIdle(Maker& maker) {
  if (maker.Chance(85)) return maker.Pick({"0", "0", "0", "1000000000", "-5", "-1"});
  return maker.Pick({"abc", "", "9223372036854775807", "-9223372036854775808",
                     "9223372036854775808", "1000000000000"});
}

std::string IntervalEnd(Maker& maker, std::string_view open) {
  if (maker.Chance(50)) return std::string(open);
  return (maker.Chance(15) ? "(" : "") + OldId(maker);
}

void AddTrim(Maker& maker, Argv* argv) {
  bool by_length = maker.Chance(50);
  argv->push_back(maker.Cased(by_length ? "MAXLEN" : "MINID"));
  bool approximate = maker.Chance(50);
  if (approximate || maker.Chance(30)) argv->push_back(approximate ? "~" : "=");
  if (by_length) {
    argv->push_back(maker.Chance(95) ? std::to_string(maker.Below(30)) : maker.Integer());
  } else {
    argv->push_back(OldId(maker));
  }
  if (maker.Chance(approximate ? 50 : 3)) {
    argv->push_back(maker.Cased("LIMIT"));
    argv->push_back(maker.Chance(95) ? std::to_string(maker.Below(40)) : maker.Integer());
  }
}

// Any other options that stand where these do are refused.
void AddJunk(Maker& maker, Argv* argv) {
  if (maker.Chance(2)) argv->push_back(maker.Pick({"foo", "COUNT", "LIMIT", "", "-1", "5-5"}));
}

std::string NewId(Maker& maker) {
  if (maker.Chance(4)) {
    std::string id = WrongId(maker);
    return id == "*" ? "5" : id;
  }
  if (maker.Chance(5)) return OldId(maker);
  uint64_t now = maker.Chance(80) ? maker.AdvanceStreamClock() : maker.stream_clock();
  std::string id = std::to_string(now);
  if (maker.Chance(35)) return id + "-*";
  return maker.Chance(20) ? id : id + "-" + std::to_string(maker.Below(3));
}

std::string Field(Maker& maker) { return maker.Pick({"a", "a", "field", "7", "b"}); }

}  // namespace

void MakeXadd(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(StreamKey(maker));
  if (maker.Chance(10)) argv.push_back(maker.Cased("NOMKSTREAM"));
  if (maker.Chance(12)) AddTrim(maker, &argv);
  if (maker.Chance(1)) AddTrim(maker, &argv);
  AddJunk(maker, &argv);
  argv.push_back(NewId(maker));
  size_t pairs = 1;
  while (pairs < 5 && maker.Chance(35)) ++pairs;
  for (; pairs > 0; --pairs) {
    argv.push_back(maker.Chance(95) ? Field(maker) : maker.Value());
    argv.push_back(maker.Value());
  }
  if (maker.Chance(2)) argv.push_back(maker.Value());
  // Now and then, everything begins anew: IDs may have come to their end.
  if (maker.Chance(1)) {
    Step step = group->front();
    step.argv = {"DEL", argv[1]};
    group->push_back(step);
  }
}

void MakeXtrim(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(ReadKey(maker));
  AddTrim(maker, &argv);
  AddJunk(maker, &argv);
}

void MakeXdel(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(ReadKey(maker));
  AddOldIds(maker, &argv);
}

void MakeXlen(Maker& maker, Steps* group) { Words(group).push_back(ReadKey(maker)); }

void MakeXrange(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  bool forward = Lower(argv[0]) == "xrange";
  argv.push_back(ReadKey(maker));
  argv.push_back(IntervalEnd(maker, forward ? "-" : "+"));
  argv.push_back(IntervalEnd(maker, forward ? "+" : "-"));
  AddCount(maker, 40, &argv);
  AddCount(maker, 2, &argv);
  AddJunk(maker, &argv);
}

void MakeXsetid(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(ReadKey(maker));
  argv.push_back(maker.Chance(70) ? std::to_string(maker.stream_clock()) + "-2" : OldId(maker));
  if (maker.Chance(40)) {
    argv.push_back(maker.Cased("ENTRIESADDED"));
    argv.push_back(maker.Chance(80) ? std::to_string(maker.Below(500)) : maker.Integer());
  }
  if (maker.Chance(40)) {
    argv.push_back(maker.Cased("MAXDELETEDID"));
    argv.push_back(OldId(maker));
  }
  AddJunk(maker, &argv);
}

void MakeXread(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  bool of_group = Lower(argv[0]) == "xreadgroup";
  auto add_count = [&] { AddCount(maker, 60, &argv); };
  if (maker.Chance(20)) add_count();
  if (of_group || maker.Chance(1)) {
    argv.push_back(maker.Cased("GROUP"));
    argv.push_back(Group(maker));
    argv.push_back(Consumer(maker));
  }
  if (maker.Chance(60)) add_count();
  if (maker.Chance(of_group ? 15 : 1)) argv.push_back(maker.Cased("NOACK"));
  AddJunk(maker, &argv);
  argv.push_back(maker.Cased("STREAMS"));
  size_t streams = maker.Chance(80) ? 1 : 1 + maker.Below(3);
  for (size_t i = 0; i < streams; ++i) argv.push_back(ReadKey(maker));
  for (size_t i = 0; i < streams; ++i) {
    std::string id = maker.Chance(30) ? "0" : OldId(maker);
    if (maker.Chance(of_group ? 60 : 1)) id = ">";
    if (maker.Chance(of_group ? 1 : 10)) id = "$";
    argv.push_back(id);
  }
  if (maker.Chance(1)) argv.push_back(OldId(maker));
}

void MakeXgroup(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  std::string subcommand = Lower(argv[1]);
  bool creates = subcommand == "create";
  argv.push_back(creates ? StreamKey(maker) : ReadKey(maker));
  argv.push_back(Group(maker));
  if (subcommand.ends_with("consumer")) argv.push_back(Consumer(maker));
  if (!creates && subcommand != "setid") return;
  argv.push_back(maker.Chance(25) ? "$" : maker.Chance(40) ? "0" : OldId(maker));
  if (maker.Chance(creates ? 60 : 2)) argv.push_back(maker.Cased("MKSTREAM"));
  if (maker.Chance(30)) {
    argv.push_back(maker.Cased("ENTRIESREAD"));
    argv.push_back(maker.Chance(80) ? std::to_string(maker.Below(100)) : maker.Integer());
  }
  AddJunk(maker, &argv);
}

void MakeXinfo(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  std::string subcommand = Lower(argv[1]);
  argv.push_back(ReadKey(maker));
  if (subcommand == "consumers") argv.push_back(Group(maker));
  if (subcommand == "stream" && maker.Chance(50)) {
    argv.push_back(maker.Cased("FULL"));
    AddCount(maker, 60, &argv);
    AddJunk(maker, &argv);
  }
}

void MakeXack(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(ReadKey(maker));
  argv.push_back(Group(maker));
  AddOldIds(maker, &argv);
}

void MakeXclaim(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(ReadKey(maker));
  argv.push_back(Group(maker));
  argv.push_back(Consumer(maker));
  argv.push_back(MinIdle(maker));
  AddOldIds(maker, &argv);
  if (maker.Chance(35)) {
    argv.push_back(maker.Cased("IDLE"));
    argv.push_back(maker.Pick({"0", "100000000000", "100000000000", "-5", "abc",
                               "9223372036854775807", "-9223372036854775808"}));
  }
  if (maker.Chance(15)) {
    argv.push_back(maker.Cased("TIME"));
    argv.push_back(maker.Pick({"0", "1", "1600000000000", "-1", "9223372036854775807", "x"}));
  }
  if (maker.Chance(25)) {
    argv.push_back(maker.Cased("RETRYCOUNT"));
    argv.push_back(Count(maker));
  }
  if (maker.Chance(35)) argv.push_back(maker.Cased("FORCE"));
  if (maker.Chance(25)) argv.push_back(maker.Cased("JUSTID"));
  if (maker.Chance(10)) {
    argv.push_back(maker.Cased("LASTID"));
    argv.push_back(OldId(maker));
  }
  AddJunk(maker, &argv);
}

void MakeXautoclaim(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(ReadKey(maker));
  argv.push_back(Group(maker));
  argv.push_back(Consumer(maker));
  argv.push_back(MinIdle(maker));
  argv.push_back(maker.Chance(60) ? "0" : IntervalEnd(maker, "-"));
  AddCount(maker, 50, &argv);
  if (maker.Chance(25)) argv.push_back(maker.Cased("JUSTID"));
  AddJunk(maker, &argv);
}

void MakeXpending(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(ReadKey(maker));
  argv.push_back(Group(maker));
  if (maker.Chance(25)) return;
  if (maker.Chance(30)) {
    argv.push_back(maker.Cased("IDLE"));
    argv.push_back(MinIdle(maker));
  }
  argv.push_back(IntervalEnd(maker, "-"));
  argv.push_back(IntervalEnd(maker, "+"));
  if (!maker.Chance(3)) argv.push_back(Count(maker));
  if (maker.Chance(35)) argv.push_back(Consumer(maker));
  AddJunk(maker, &argv);
}

}  // namespace nuthatch::oracle
