// Special generators for strings and keys.
#include "tests/oracle/maker.h"
#include "tests/oracle/specials.h"

namespace nuthatch::oracle {
namespace {

Argv& Words(Steps* group) { return group->front().argv; }

// Adds one option word with its argument, if it takes one.
void AddTimeOption(Maker& maker, std::string_view word, Argv* argv) {
  argv->push_back(maker.Cased(word));
  bool milliseconds = word[0] == 'P' && word != "PERSIST";
  if (word == "EX" || word == "PX") argv->push_back(maker.RelativeTime(milliseconds));
  if (word == "EXAT" || word == "PXAT") argv->push_back(maker.UnixTime(milliseconds));
}

size_t OptionCount(Maker& maker) {
  size_t count = 0;
  while (count < 4 && maker.Chance(45)) ++count;
  return count;
}

}  // namespace

void MakeSet(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  bool big = maker.Below(1500) == 0;
  argv.push_back(big ? kBigKey : maker.Key());
  argv.push_back(big ? maker.BigText() : maker.Value());
  for (size_t i = OptionCount(maker); i > 0; --i) {
    std::string word =
        maker.Pick({"NX", "XX", "GET", "GET", "KEEPTTL", "EX", "PX", "EXAT", "PXAT"});
    AddTimeOption(maker, word, &argv);
  }
}

void MakeGetex(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(maker.Key());
  size_t count = maker.Chance(80) ? maker.Below(2) : OptionCount(maker);
  for (; count > 0; --count) {
    std::string word = maker.Pick({"EX", "PX", "EXAT", "PXAT", "PERSIST"});
    AddTimeOption(maker, word, &argv);
  }
}

void MakeExpire(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  std::string name = Lower(argv[0]);
  bool milliseconds = name[0] == 'p';
  bool absolute = name.ends_with("at");
  argv.push_back(maker.Key());
  argv.push_back(absolute ? maker.UnixTime(milliseconds) : maker.RelativeTime(milliseconds));
  for (size_t i = OptionCount(maker); i > 0; --i) {
    argv.push_back(maker.Cased(maker.Pick({"NX", "XX", "GT", "LT"})));
  }
}

void MakeLcs(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(maker.Key());
  argv.push_back(maker.Key());
  for (size_t i = OptionCount(maker); i > 0; --i) {
    std::string word = maker.Pick({"LEN", "IDX", "IDX", "MINMATCHLEN", "WITHMATCHLEN"});
    argv.push_back(maker.Cased(word));
    if (word == "MINMATCHLEN") argv.push_back(maker.Integer());
  }
}

void MakeCopy(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(maker.Key());
  argv.push_back(maker.Key());
  for (size_t i = OptionCount(maker); i > 0; --i) {
    std::string word = maker.Pick({"DB", "REPLACE"});
    argv.push_back(maker.Cased(word));
    if (word == "DB") argv.push_back(maker.Database());
  }
}

void MakeRestore(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(maker.Key());
  argv.push_back(maker.Chance(60) ? "0" : maker.RelativeTime(true));
  argv.push_back(maker.Payload());
  if (maker.Chance(60)) argv.push_back(maker.Cased("REPLACE"));
  for (size_t i = OptionCount(maker); i > 0; --i) {
    std::string word = maker.Pick({"REPLACE", "ABSTTL", "IDLETIME", "FREQ"});
    argv.push_back(maker.Cased(word));
    if (word == "ABSTTL") argv[2] = maker.UnixTime(true);
    if (word == "IDLETIME") argv.push_back(maker.Chance(70) ? "1000" : maker.Integer());
    if (word == "FREQ") argv.push_back(maker.Chance(70) ? "200" : maker.Integer());
  }
}

void MakeScan(Maker& maker, Steps* group) {
  Step& step = group->front();
  step.scan_loop = maker.Chance(70);
  bool wrong = !step.scan_loop && maker.Chance(50);
  step.argv.push_back(wrong ? maker.WrongInteger() : "0");
  if (maker.Chance(50)) {
    step.argv.push_back(maker.Cased("MATCH"));
    step.argv.push_back(maker.Pattern());
  }
  if (maker.Chance(50)) {
    step.argv.push_back(maker.Cased("COUNT"));
    step.argv.push_back(step.scan_loop ? maker.Pick({"1", "2", "10", "1000"}) : maker.Integer());
  }
  if (maker.Chance(25)) {
    step.argv.push_back(maker.Cased("TYPE"));
    step.argv.push_back(maker.Pick({"string", "STRING", "list", "hash", "foo", ""}));
  }
  if (!step.scan_loop && maker.Chance(20)) step.argv.push_back(maker.JunkWord());
  if (step.scan_loop) step.cut_after = true;
}

void MakeSetrange(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(maker.Key());
  std::string offset = std::to_string(maker.Below(maker.Chance(5) ? 5000 : 60));
  if (maker.Chance(15)) {
    offset = maker.Pick({"-1", "536870912", "536870911", "4294967296", "9223372036854775807",
                         "9223372036854775800", "-9223372036854775808", "abc", "", "1.5", "2000"});
  }
  argv.push_back(offset);
  argv.push_back(maker.Chance(15) ? "" : maker.Value());
}

void MakeAppend(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(maker.Key());
  argv.push_back(maker.Chance(70) ? maker.ShortText() : maker.Value());
}

void MakePairs(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  size_t pairs = 1 + maker.Below(maker.Chance(20) ? 10 : 3);
  for (size_t i = 0; i < pairs; ++i) {
    argv.push_back(maker.Key());
    argv.push_back(maker.Value());
  }
}

void MakeRandomkey(Maker& /*maker*/, Steps* group) { group->front().cut_after = true; }

void MakeDbKey(Maker& maker, Steps* group) {
  Words(group).push_back(maker.Key());
  Words(group).push_back(maker.Database());
}

// Mostly back home at once, so that the commands meet on the same keys.
void MakeSelect(Maker& maker, Steps* group) { Words(group).push_back(maker.Database()); }

void MakeSwapdb(Maker& maker, Steps* group) {
  Words(group).push_back(maker.Database());
  Words(group).push_back(maker.Database());
}

void MakeKeys(Maker& maker, Steps* group) { Words(group).push_back(maker.Pattern()); }

}  // namespace nuthatch::oracle
