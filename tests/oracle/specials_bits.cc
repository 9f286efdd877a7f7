// Special generators for bitmaps and HyperLogLog.
//
// HyperLogLogs have keys of their own, which LCS (whose cost is a product) doesn't know; now and
// then they meet the others. What looks at them, changes them by other commands or replaces them by
// odd bytes stands in steps behind.
#include <algorithm>

#include "tests/oracle/maker.h"
#include "tests/oracle/specials.h"

namespace nuthatch::oracle {
namespace {

constexpr size_t kRegisters = 16384;
constexpr size_t kDenseBytes = 12288;

Argv& Words(Steps* group) { return group->front().argv; }

void Add(Steps* group, Argv argv) {
  Step step;
  step.argv = std::move(argv);
  group->push_back(std::move(step));
}

// --- Bitmaps ---

std::string BitKey(Maker& maker) { return maker.Chance(6) ? maker.HllKey() : maker.Key(); }

std::string BitOffset(Maker& maker) {
  if (maker.Chance(85)) return std::to_string(maker.Below(maker.Chance(90) ? 400 : 20000));
  return maker.Chance(50) ? maker.Integer()
                          : maker.Pick({"-1", "4294967295", "4294967296", "4294967288",
                                        "9223372036854775807", "18446744073709551615", "#1"});
}

std::string FieldType(Maker& maker) {
  if (maker.Chance(40)) {
    return maker.Pick({"u8", "i8", "u16", "i16", "u32", "i32", "i64", "u63", "u1", "i1"});
  }
  if (maker.Chance(94)) {
    bool is_signed = maker.Chance(50);
    return (is_signed ? "i" : "u") + std::to_string(1 + maker.Below(is_signed ? 64 : 63));
  }
  return maker.Pick({"u64", "i65", "u0", "i0", "i-1", "I8", "U8", "x8", "u", "i", "", "8", "u08",
                     "u 8", "i99999999999999999999"});
}

std::string FieldOffset(Maker& maker) {
  if (maker.Chance(40)) return "#" + std::to_string(maker.Below(maker.Chance(90) ? 20 : 2000));
  if (maker.Chance(90)) return std::to_string(maker.Below(maker.Chance(90) ? 200 : 20000));
  if (maker.Chance(50)) return "#" + maker.Integer();
  return maker.Pick({"-1", "#", "##1", "#-1", "# 1", "4294967295", "4294967296",
                     "#9223372036854775807", "#4611686018427387905", "#1152921504606846976"});
}

// Numbers at the edges of fields, around them and far away.
std::string FieldNumber(Maker& maker) {
  if (maker.Chance(35)) return maker.Integer();
  uint64_t edge = uint64_t{1} << maker.Below(64);
  uint64_t number = edge + maker.Below(5) - 2;
  if (maker.Chance(50)) number = 0 - number;
  if (maker.Chance(10)) number += uint64_t{1} << 63;
  return std::to_string(static_cast<int64_t>(number));
}

void AddFieldGet(Maker& maker, Argv* argv) {
  argv->push_back(maker.Cased("GET"));
  argv->push_back(FieldType(maker));
  argv->push_back(FieldOffset(maker));
}

void AddFieldWrite(Maker& maker, Argv* argv) {
  argv->push_back(maker.Cased(maker.Pick({"SET", "INCRBY"})));
  argv->push_back(FieldType(maker));
  argv->push_back(FieldOffset(maker));
  argv->push_back(FieldNumber(maker));
}

void AddFieldOverflow(Maker& maker, Argv* argv) {
  argv->push_back(maker.Cased("OVERFLOW"));
  argv->push_back(maker.Chance(96) ? maker.Cased(maker.Pick({"WRAP", "SAT", "FAIL"}))
                                   : maker.JunkWord());
}

void AddRange(Maker& maker, bool needs_end, Argv* argv) {
  argv->push_back(maker.Integer());
  if (!needs_end && maker.Chance(30)) return;
  argv->push_back(maker.Integer());
  if (maker.Chance(55)) argv->push_back(maker.Cased(maker.Pick({"BIT", "BIT", "BYTE"})));
  if (maker.Chance(4)) argv->push_back(maker.JunkWord());
}

// --- HyperLogLog ---

std::string Element(Maker& maker) {
  return maker.Chance(85) ? "e" + std::to_string(maker.Below(100'000)) : maker.Value();
}

// Any byte but the first of a run of two bytes. At the end of a string that would be a cut run:
// once it has been changed, Redis reads behind the string's end.
char RunByte(Maker& maker) {
  size_t byte = maker.Below(192);
  return static_cast<char>(byte < 0x40 ? byte : byte + 0x40);
}

// Completes the last run, if it is cut.
void CompleteLast(std::string* runs) {
  size_t at = 0;
  while (at < runs->size()) at += (static_cast<uint8_t>((*runs)[at]) & 0xc0) == 0x40 ? 2 : 1;
  if (at > runs->size()) runs->push_back('\0');
}

// Runs that cover the registers just so, or nearly.
std::string Runs(Maker& maker) {
  std::string runs;
  size_t left = kRegisters;
  size_t long_runs = maker.Below(100);  // per cent
  while (left > 0) {
    size_t length = 1 + maker.Below(std::min<size_t>(left, 4));
    if (maker.Below(100) < 50) {
      runs.push_back(static_cast<char>(0x80 | (maker.Below(32) << 2) | (length - 1)));
    } else if (maker.Below(100) < long_runs) {
      length = 1 + maker.Below(left);
      runs.push_back(static_cast<char>(0x40 | ((length - 1) >> 8)));
      runs.push_back(static_cast<char>((length - 1) & 0xff));
    } else {
      length = 1 + maker.Below(std::min<size_t>(left, 64));
      runs.push_back(static_cast<char>(length - 1));
    }
    left -= length;
  }
  if (maker.Chance(60)) return runs;
  switch (maker.Below(4)) {
    case 0:
      runs.resize(maker.Below(runs.size()));
      break;
    case 1:
      runs.push_back(static_cast<char>(maker.Below(256)));
      break;
    case 2:
      runs[maker.Below(runs.size())] = static_cast<char>(maker.Below(256));
      break;
    default:
      runs.insert(maker.Below(runs.size()), 1, static_cast<char>(maker.Below(256)));
  }
  CompleteLast(&runs);
  return runs;
}

std::string DenseRegisters(Maker& maker) {
  std::string registers(kDenseBytes, static_cast<char>(maker.Chance(20) ? maker.Below(256) : 0));
  for (size_t i = maker.Below(maker.Chance(30) ? 20'000 : 20); i > 0; --i) {
    registers[maker.Below(kDenseBytes)] = static_cast<char>(maker.Below(256));
  }
  if (maker.Chance(15)) registers.resize(kDenseBytes + maker.Below(3) - 1);
  return registers;
}

// The string of a HyperLogLog that no PFADD made.
std::string OddHll(Maker& maker) {
  bool sparse = maker.Chance(75);
  std::string text = maker.Chance(97) ? "HYLL" : "HYLK";
  text.push_back(static_cast<char>(maker.Chance(97) ? sparse : maker.Below(256)));
  for (int i = 0; i < 3; ++i) text.push_back(static_cast<char>(maker.Below(3)));
  bool cached = maker.Chance(15);
  for (int i = 0; i < 7; ++i) text.push_back(static_cast<char>(cached ? maker.Below(256) : 0));
  text.push_back(static_cast<char>(cached ? maker.Below(256) : 0x80));
  if (maker.Chance(3)) return text.substr(0, maker.Below(text.size() + 1));
  return text + (sparse ? Runs(maker) : DenseRegisters(maker));
}

// Other commands on a HyperLogLog: mostly looks, sometimes blows.
void AddMore(Maker& maker, const std::string& key, Steps* group) {
  switch (maker.Below(18)) {
    case 0:
      return Add(group, {"GET", key});
    case 1:
      return Add(group, {"OBJECT", "ENCODING", key});
    case 2:
      return Add(group, {"STRLEN", key});
    case 3:
      return Add(group, {"COPY", key, maker.HllKey(), "REPLACE"});
    case 4:
      return Add(group, {"SETRANGE", key, std::to_string(maker.Below(30)),
                         std::string(1, RunByte(maker))});
    case 5:
      return Add(group, {"APPEND", key, std::string(1, RunByte(maker))});
    case 6:
      return Add(group, {"DEL", key});
    default:
      return;
  }
}

}  // namespace

void MakeBitcount(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(BitKey(maker));
  if (maker.Chance(80)) AddRange(maker, maker.Chance(95), &argv);
}

void MakeBitpos(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(BitKey(maker));
  argv.push_back(maker.Chance(95) ? maker.Pick({"0", "1"}) : maker.Integer());
  if (maker.Chance(75)) AddRange(maker, false, &argv);
}

void MakeGetbit(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(BitKey(maker));
  argv.push_back(BitOffset(maker));
}

void MakeSetbit(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(BitKey(maker));
  argv.push_back(BitOffset(maker));
  argv.push_back(maker.Chance(92) ? maker.Pick({"0", "1", "1"}) : maker.Integer());
}

void MakeBitop(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  std::string operation = maker.Pick({"AND", "OR", "XOR", "NOT"});
  argv.push_back(maker.Chance(98) ? maker.Cased(operation) : maker.JunkWord());
  argv.push_back(maker.Key());
  size_t count = operation == "NOT" && maker.Chance(90) ? 1 : 1 + maker.Below(4);
  for (; count > 0; --count) argv.push_back(BitKey(maker));
}

void MakeBitfield(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(BitKey(maker));
  size_t count = maker.Below(maker.Chance(10) ? 12 : 4);
  for (; count > 0; --count) {
    size_t dice = maker.Below(10);
    if (dice < 3) {
      AddFieldGet(maker, &argv);
    } else {
      if (dice < 7) AddFieldOverflow(maker, &argv);
      if (maker.Chance(95)) AddFieldWrite(maker, &argv);
    }
  }
}

void MakeBitfieldRo(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(BitKey(maker));
  for (size_t count = maker.Below(4); count > 0; --count) AddFieldGet(maker, &argv);
  if (maker.Chance(5)) AddFieldOverflow(maker, &argv);
  if (maker.Chance(8)) AddFieldWrite(maker, &argv);
}

void MakePfadd(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  std::string key = maker.Chance(95) ? maker.HllKey() : maker.Key();
  argv.push_back(key);
  size_t dice = maker.Below(100);
  size_t count = maker.Below(dice < 80 ? 4 : dice < 98 ? 100 : 3000);
  for (; count > 0; --count) argv.push_back(Element(maker));
  AddMore(maker, key, group);
}

void MakePfcount(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  size_t count = maker.Chance(60) ? 1 : 1 + maker.Below(5);
  for (; count > 0; --count) {
    argv.push_back(maker.Chance(97) ? maker.HllKey() : maker.Key());
  }
  AddMore(maker, argv[1], group);
}

void MakePfmerge(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  for (size_t count = 1 + maker.Below(4); count > 0; --count) {
    argv.push_back(maker.Chance(98) ? maker.HllKey() : maker.Key());
  }
  AddMore(maker, argv[1], group);
}

void MakePfdebug(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  std::string word = maker.Pick({"GETREG", "DECODE", "DECODE", "ENCODING", "ENCODING", "TODENSE"});
  argv.push_back(maker.Chance(96) ? maker.Cased(word) : maker.JunkWord());
  argv.push_back(maker.Chance(96) ? maker.HllKey() : maker.Key());
  if (maker.Chance(60)) return;
  std::string key = maker.HllKey();
  Add(group, {"SET", key, OddHll(maker)});
  switch (maker.Below(6)) {
    case 0:
      Add(group, {"PFCOUNT", key});
      break;
    case 1:
      Add(group, {"PFADD", key, Element(maker), Element(maker), Element(maker), Element(maker)});
      break;
    case 2:
      Add(group, {"PFMERGE", maker.HllKey(), key});
      break;
    case 3:
      Add(group, {"PFDEBUG", maker.Pick({"GETREG", "DECODE", "TODENSE"}), key});
      break;
    case 4:
      Add(group, {"PFCOUNT", key, maker.HllKey()});
      break;
    default:
      Add(group, {"PFMERGE", key, maker.HllKey()});
  }
  if (maker.Chance(50)) Add(group, {"GET", key});
}

}  // namespace nuthatch::oracle
