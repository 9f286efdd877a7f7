// Special generators for connection and server commands.
#include <array>

#include "tests/oracle/maker.h"
#include "tests/oracle/rules.h"
#include "tests/oracle/settings.h"
#include "tests/oracle/specials.h"

namespace nuthatch::oracle {
namespace {

Argv& Words(Steps* group) { return group->front().argv; }

void Add(Steps* group, std::initializer_list<std::string> words) {
  Words(group).insert(Words(group).end(), words);
}

Step Glued(Argv argv) {
  Step step;
  step.argv = std::move(argv);
  step.glued = true;
  return step;
}

}  // namespace

void MakeAuth(Maker& maker, Steps* group) {
  if (maker.Chance(50)) Add(group, {maker.Pick({"default", "nobody", "", "DEFAULT"})});
  Add(group, {maker.Value()});
}

void MakeHello(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  if (maker.Chance(10)) return;
  argv.push_back(maker.Chance(75) ? maker.Pick({"2", "3"})
                                  : maker.Pick({"1", "4", "0", "-3", "abc", "", "03", "3.0"}));
  for (size_t i = maker.Below(3); i > 0; --i) {
    std::string word = maker.Pick({"AUTH", "SETNAME", "SETNAME", "FOO"});
    argv.push_back(maker.Cased(word));
    if (word == "AUTH") Add(group, {maker.Pick({"default", "nobody"}), maker.Pick({"", "x"})});
    if (word != "FOO") argv.push_back(maker.Pick({"name", "other", "", "with space", "a\nb"}));
  }
}

void MakeReset(Maker& maker, Steps* group) {
  if (maker.Chance(70)) group->push_back(Glued({"HELLO", maker.Pick({"2", "3"})}));
}

// Filters that match no connection of the oracle.
void MakeClientKill(Maker& maker, Steps* group) {
  if (maker.Chance(20)) {
    Add(group, {maker.Pick({"127.0.0.1:1", "foo", "", "ID", "TYPE", "1", "[::1]:0"})});
    return;
  }
  for (size_t i = 1 + maker.Below(2); i > 0; --i) {
    std::string word = maker.Pick({"ID", "TYPE", "USER", "ADDR", "LADDR", "SKIPME", "FOO"});
    Add(group, {maker.Cased(word)});
    if (maker.Chance(10)) continue;
    if (word == "ID") {
      Add(group, {maker.Pick({"999999999", "0", "-1", "abc", "9223372036854775808", ""})});
    } else if (word == "TYPE") {
      Add(group, {maker.Pick({"pubsub", "PUBSUB", "replica", "slave", "foo", ""})});
    } else if (word == "USER") {
      Add(group, {maker.Pick({"nobody", "", "Default"})});
    } else if (word == "SKIPME") {
      Add(group, {maker.Pick({"foo", "maybe", ""})});
    } else {
      Add(group, {maker.Pick({"127.0.0.1:1", "foo", ""})});
    }
  }
}

void MakeClientList(Maker& maker, Steps* group) {
  if (maker.Chance(50)) return;
  std::string word = maker.Pick({"ID", "TYPE", "TYPE", "FOO"});
  Add(group, {maker.Cased(word)});
  if (word == "ID") {
    for (size_t i = maker.Below(3); i > 0; --i) {
      Add(group, {maker.Pick({"999999999", "0", "-1", "abc", ""})});
    }
  } else {
    Add(group,
        {maker.Pick({"normal", "pubsub", "replica", "master", "slave", "foo", "", "NORMAL"})});
    if (maker.Chance(10)) Add(group, {maker.JunkWord()});
  }
}

void MakeClientReply(Maker& maker, Steps* group) {
  std::string word = maker.Pick({"ON", "SKIP", "SKIP", "OFF", "OFF", "foo", ""});
  Add(group, {maker.Cased(word)});
  if (word != "SKIP" && word != "OFF") return;
  size_t silent = word == "SKIP" ? 1 : maker.Below(6);
  for (size_t i = 0; i < silent; ++i) {
    group->push_back(Glued({"SET", maker.Key(), maker.ShortText()}));
    if (maker.Chance(50)) group->back().argv = {"INCR", maker.Key()};
    if (maker.Chance(20)) group->back().argv = {"GET"};
  }
  // Something must be answered at the end: an unanswered command may run after the next pipeline's.
  group->push_back(word == "OFF" ? Glued({"CLIENT", "REPLY", "ON"}) : Glued({"PING"}));
}

void MakeClientUnblock(Maker& maker, Steps* group) {
  Add(group, {maker.Pick({"999999999", "0", "-1", "abc", "", "9223372036854775808"})});
  if (maker.Chance(50)) Add(group, {maker.Cased(maker.Pick({"TIMEOUT", "ERROR", "FOO", ""}))});
  if (maker.Chance(5)) Add(group, {"more"});
}

void MakeClientSetname(Maker& maker, Steps* group) {
  Add(group, {maker.Pick({"name", "", "other", "with space", "a\nb", "\x7f", "~!#", "\xc3\xa4"})});
}

void MakeCommandNames(Maker& maker, Steps* group) {
  for (size_t i = 1 + maker.Below(3); i > 0; --i) {
    if (maker.Chance(20)) {
      Add(group,
          {maker.Pick({"foo", "", "get|foo", "client|", "|", "config|foo", "get|", "|get"})});
    } else {
      Add(group, {maker.Cased(maker.AnyCommandName())});
    }
  }
}

void MakeCommandGetkeys(Maker& maker, Steps* group) {
  if (maker.Chance(3)) return;
  Argv call = maker.AnyCall();
  if (maker.Chance(20) && call.size() > 1) call.resize(1 + maker.Below(call.size()));
  if (maker.Chance(5)) call[0] = maker.Pick({"foo", ""});
  Argv& argv = Words(group);
  argv.insert(argv.end(), call.begin(), call.end());
}

void MakeCommandList(Maker& maker, Steps* group) {
  if (maker.Chance(30)) return;
  Add(group, {maker.Cased("FILTERBY")});
  std::string word = maker.Pick({"MODULE", "ACLCAT", "PATTERN", "FOO"});
  Add(group, {maker.Cased(word)});
  if (maker.Chance(5)) return;
  if (word == "ACLCAT") {
    Add(group, {maker.Cased(maker.Pick({"read", "write", "string", "keyspace", "connection", "fast",
                                        "slow", "dangerous", "admin", "foo", "@read", ""}))});
  } else {
    Add(group, {maker.Pick({"get*", "*", "config*", "client|*", "[a-e]*", "foo", "", "GET*"})});
  }
  if (maker.Chance(10)) Add(group, {maker.JunkWord()});
}

void MakeConfigGet(Maker& maker, Steps* group) {
  for (size_t i = 1 + maker.Below(3); i > 0; --i) {
    if (maker.Chance(50)) {
      Add(group, {maker.Cased(AnySetting(maker).name)});
    } else {
      Add(group,
          {maker.Pick({"max*", "*ziplist*", "slave*", "foo", "", "*-entries", "lfu?log*", "s*",
                       "lazyfree*", "[ab]*", "Maxmemory*", "save", "databases", "proto*"})});
    }
  }
}

void MakeConfigSet(Maker& maker, Steps* group) {
  size_t count = maker.Chance(70) ? 1 : 1 + maker.Below(3);
  for (size_t i = 0; i < count; ++i) {
    const Setting& setting = AnySetting(maker);
    Add(group, {maker.Cased(setting.name)});
    Add(group, {maker.Chance(75) ? std::string(setting.values[maker.Below(setting.values.size())])
                                 : maker.Pick({"abc", "-99999999999999999999", "1x", "1.5", "-"})});
  }
  std::string shown = Words(group)[2];
  if (maker.Chance(5)) Add(group, {maker.Pick({"foo", "", "databases", "port ", "daemonize"})});
  if (maker.Chance(5)) Add(group, {maker.Pick({"foo", "1", "yes"})});
  if (maker.Chance(40)) group->push_back(Glued({"CONFIG", "GET", shown}));
}

void MakeDebug(Maker& maker, Steps* group) {
  size_t dice = maker.Below(14);
  if (dice < 5) {
    Add(group, {maker.Cased("OBJECT"), maker.Key()});
  } else if (dice >= 12) {
    Add(group, {maker.Cased("DIGEST-VALUE"), maker.Key(), maker.Key()});
  } else if (dice >= 10) {
    Add(group, {maker.Cased(maker.Pick({"LISTPACK", "QUICKLIST"})), maker.Key()});
  } else if (dice < 7) {
    Add(group, {maker.Cased("SLEEP"), maker.Pick({"0", "0.0001"})});
  } else if (dice < 8) {
    Add(group, {maker.Pick({"foo", "OBJECT", "SLEEP", "STRINGMATCH-LEN", ""})});
  } else {
    Add(group, {maker.Cased("SET-ACTIVE-EXPIRE"), maker.Pick({"0", "1"})});
  }
}

void MakeInfo(Maker& maker, Steps* group) {
  for (size_t i = maker.Below(3); i > 0; --i) {
    Add(group, {maker.Cased(maker.Pick({"server", "clients", "memory", "stats", "keyspace", "cpu",
                                        "commandstats", "all", "default", "everything", "foo"}))});
  }
}

void MakeLolwut(Maker& maker, Steps* group) {
  if (maker.Chance(50)) return;
  Add(group, {maker.Cased("VERSION"), maker.Pick({"5", "6", "1", "abc", "", "99"})});
  if (maker.Chance(40)) Add(group, {maker.Pick({"1", "10", "abc", ""})});
}

void MakeShutdown(Maker& maker, Steps* group) {
  switch (maker.Below(4)) {
    case 0:
      return Add(group, {maker.Cased("ABORT")});
    case 1:
      return Add(group, {maker.Pick({"foo", "", "0"})});
    case 2:
      return Add(group, {"ABORT", maker.Cased(maker.Pick({"NOW", "FORCE", "SAVE"}))});
    default:
      return Add(group, {"SAVE", "NOSAVE"});
  }
}

void MakeFlush(Maker& maker, Steps* group) {
  if (maker.Chance(60)) return;
  Add(group, {maker.Cased(maker.Pick({"ASYNC", "SYNC", "foo", ""}))});
  if (maker.Chance(10)) Add(group, {"ASYNC"});
}

}  // namespace nuthatch::oracle
