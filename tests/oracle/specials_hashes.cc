// Special generators for hashes.
//
// Few keys and few fields that meet; texts around the limits at which a listpack becomes a table,
// numbers at the edges, and now and then many fields at once. What looks at the hashes, copies
// them or takes them away stands in steps behind.
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

std::string KeyOf(Maker& maker) { return maker.Chance(93) ? maker.HashKey() : maker.Key(); }

// 64 bytes is the limit that hash-max-listpack-value has by itself.
std::string Around64(Maker& maker) {
  return std::string(62 + maker.Below(5), static_cast<char>('a' + maker.Below(3)));
}

std::string Field(Maker& maker) {
  size_t dice = maker.Below(100);
  if (dice < 55) return "f" + std::to_string(std::min(maker.Below(24), maker.Below(24)));
  if (dice < 70) return std::to_string(static_cast<int>(maker.Below(12)) - 2);
  if (dice < 85) return "n" + std::to_string(maker.Below(5));  // mostly numbers
  if (dice < 97) return maker.Value();
  return maker.Chance(30) ? Around64(maker) : "g" + std::to_string(maker.Below(2000));
}

std::string ValueOf(Maker& maker) {
  size_t dice = maker.Below(100);
  if (dice < 30) return maker.Integer();
  if (dice < 40) return maker.Double();
  if (dice < 95) return maker.Value();
  if (dice < 98) return Around64(maker);
  return maker.Chance(80) ? maker.LongText() : std::string(5000, 'v');
}

void AddPairs(Maker& maker, Argv* argv) {
  size_t dice = maker.Below(100);
  // Numbered fields, so that many are new: up to the limit of 512 and beyond.
  const bool many = dice >= 97;
  size_t count = 1 + maker.Below(dice < 60 ? 1 : dice < 92 ? 8 : dice < 99 ? 80 : 700);
  for (; count > 0; --count) {
    argv->push_back(many ? "g" + std::to_string(maker.Below(2000)) : Field(maker));
    argv->push_back(many ? std::to_string(count) : ValueOf(maker));
  }
}

// Other commands on a hash: mostly looks, sometimes it goes away or gets a deadline.
void AddMore(Maker& maker, const std::string& key, Steps* group) {
  switch (maker.Below(26)) {
    case 0:
    case 1:
      return Add(group, {"OBJECT", "ENCODING", key});
    case 2:
      return Add(group, {"COPY", key, maker.HashKey(), "REPLACE"});
    case 3:
      return Add(group, {"RENAME", key, maker.HashKey()});
    case 4:
      return Add(group, {"PEXPIREAT", key, maker.Pick({"1", "2500000000000", "99999999999999"})});
    case 5:
      return Add(group, {"PERSIST", key});
    case 6:
    case 7:
      return Add(group, {maker.Pick({"DEL", "UNLINK"}), key});
    case 8:
      return Add(group, {"SET", key, maker.Value(), "XX", "GET"});
    case 9:
      return Add(group, {"DUMP", key});
    case 10:
      return Add(group, {"HGETALL", key});
    default:
      return;
  }
}

std::string KeyWithMore(Maker& maker, Steps* group) {
  std::string key = KeyOf(maker);
  AddMore(maker, key, group);
  return key;
}

}  // namespace

void MakeHset(Maker& maker, Steps* group) {
  std::string key = KeyWithMore(maker, group);
  Words(group).push_back(key);
  AddPairs(maker, &Words(group));
  if (maker.Chance(2)) Words(group).pop_back();
}

void MakeHsetnx(Maker& maker, Steps* group) {
  std::string key = KeyWithMore(maker, group);
  Words(group).insert(Words(group).end(), {key, Field(maker), ValueOf(maker)});
}

void MakeHdel(Maker& maker, Steps* group) {
  std::string key = KeyWithMore(maker, group);
  Words(group).push_back(key);
  size_t dice = maker.Below(100);
  size_t count = 1 + maker.Below(dice < 50 ? 2 : dice < 95 ? 20 : 300);
  for (; count > 0; --count) Words(group).push_back(Field(maker));
}

void MakeHincrby(Maker& maker, Steps* group) {
  const bool real = Words(group)[0].size() > 7;
  std::string key = KeyWithMore(maker, group);
  std::string field = maker.Chance(70) ? "n" + std::to_string(maker.Below(5)) : Field(maker);
  Words(group).insert(Words(group).end(), {key, field, real ? maker.Double() : maker.Integer()});
}

void MakeHashField(Maker& maker, Steps* group) {
  Words(group).push_back(KeyOf(maker));
  Words(group).push_back(Field(maker));
}

void MakeHmget(Maker& maker, Steps* group) {
  Words(group).push_back(KeyOf(maker));
  size_t dice = maker.Below(100);
  size_t count = 1 + maker.Below(dice < 90 ? 6 : 200);
  for (; count > 0; --count) Words(group).push_back(Field(maker));
}

void MakeHashWhole(Maker& maker, Steps* group) { Words(group).push_back(KeyOf(maker)); }

void MakeHscan(Maker& maker, Steps* group) {
  Step& step = group->front();
  step.scan_loop = maker.Chance(60);
  step.argv.push_back(KeyOf(maker));
  step.argv.push_back(step.scan_loop || maker.Chance(60) ? "0" : maker.Integer());
  if (maker.Chance(40)) {
    step.argv.push_back(maker.Cased("MATCH"));
    step.argv.push_back(maker.Chance(60) ? maker.Pick({"f*", "n?", "*1*", "g[0-4]*", "1", "*"})
                                         : maker.Pattern());
  }
  if (maker.Chance(40)) {
    step.argv.push_back(maker.Cased("COUNT"));
    step.argv.push_back(step.scan_loop ? maker.Pick({"1", "2", "10", "1000"}) : maker.Integer());
  }
  if (!step.scan_loop && maker.Chance(20)) step.argv.push_back(maker.JunkWord());
  if (step.scan_loop) step.cut_after = true;
}

// A large negative count would keep the reference busy for ever.
void MakeHrandfield(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  if (maker.Chance(98)) argv.push_back(KeyOf(maker));
  if (maker.Chance(15)) return;
  if (maker.Chance(80)) {
    argv.push_back(maker.SmallInteger());
  } else if (maker.Chance(50)) {
    argv.push_back(std::to_string(static_cast<int>(maker.Below(2000)) - 1000));
  } else {
    argv.push_back(maker.Pick({"9223372036854775807", "4611686018427387904", "4611686018427387903",
                               "-9223372036854775808", "9223372036854775808", "100000", "", "x",
                               "1.5", "+1", "-0"}));
  }
  if (maker.Chance(50)) argv.push_back(maker.Cased("WITHVALUES"));
  if (maker.Chance(4)) argv.push_back(maker.JunkWord());
}

}  // namespace nuthatch::oracle
