// Special generators for SORT and SORT_RO.
//
// What is sorted has keys of its own, for two reasons. Redis does not clear errno before it reads a
// number here, so one beyond a double's range, in whatever command, makes it refuse all numbers
// from then on, until some other command clears errno: INCRBYFLOAT does, so it goes before, and
// such numbers must not be sorted. And where elements are equal, they come in the order of the
// collection, which for a hash table hangs on a seed: sets and sorted sets are sorted only where
// none are equal.
#include <algorithm>
#include <string>

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

// The kinds of keys: lists, sets, sets of integers, sorted sets, none of these, and what SORT
// stores.
enum class Source { kList, kSet, kIntset, kSortedSet, kOther, kOutput };

std::string KeyOf(Maker& maker, Source source) {
  constexpr std::string_view kPrefixes[] = {"sort:l", "sort:s", "sort:i", "sort:z", "", "sort:out"};
  size_t number = std::min(maker.Below(3), maker.Below(3));
  if (source == Source::kOther) return maker.Pick({"sort:none", "w1", "f1", "{tag}w2"});
  return std::string(maker.Chance(30) ? "{tag}" : "") +
         std::string(kPrefixes[static_cast<size_t>(source)]) + std::to_string(number);
}

std::string Number(Maker& maker) {
  if (maker.Chance(80)) return std::to_string(maker.Below(40));
  return maker.Pick({"-1", "0.5", "1e3", "-0", "inf", "-inf", " 7", "0x10", "3.0", "10", "", "+4",
                     "9223372036854775807", "-9223372036854775808", "1e-300", "00", "2."});
}

std::string Element(Maker& maker, Source source) {
  if (source == Source::kIntset) return std::to_string(static_cast<int>(maker.Below(60)) - 10);
  if (maker.Chance(85)) return Number(maker);
  if (source == Source::kList && maker.Chance(20)) return std::string("a\0b", 3);
  if (source == Source::kList && maker.Chance(20)) return std::string("a\0a", 3);
  return maker.Pick({"a", "b", "A", "abc", "nan", "x y", "\xff", "ab", "\xc3\xa4"});
}

std::string Weight(Maker& maker) {
  if (maker.Chance(75)) return std::to_string(maker.Below(5));
  return maker.Pick({"", "a", "b", "-3", "2.5", "1e2", "inf"});
}

std::string Pattern(Maker& maker) {
  if (maker.Chance(85)) {
    return maker.Pick({"w*", "w*", "{tag}w*", "h*->f", "h*->g", "f*", "#", "{tag}h*->f"});
  }
  return maker.Pick({"w1", "nosort", "*", "h*->", "h*-", "->*", "h1->*", "", "w*->f", "sort:l*",
                     std::string_view("#\0x", 3), std::string_view("w\0*", 3),
                     std::string_view("w*\0", 3), std::string_view("h*\0->f", 7),
                     std::string_view("h*->f\0", 6), "w**", "*w", "sort:*0"});
}

// Behind the call, for the next one: more elements and weights.
void AddElements(Maker& maker, Source source, const std::string& key, Steps* group) {
  if (!maker.Chance(50)) return;
  const Catalogue& catalogue = maker.catalogue();
  Argv argv;
  const size_t count = 1 + maker.Below(maker.Chance(90) ? 10 : 150);
  switch (source) {
    case Source::kList:
      if (catalogue.Has("rpush")) argv = {"RPUSH", key};
      break;
    case Source::kSet:
    case Source::kIntset:
      if (catalogue.Has("sadd")) argv = {"SADD", key};
      break;
    case Source::kSortedSet:
      if (catalogue.Has("zadd")) argv = {"ZADD", key};
      break;
    case Source::kOther:
    case Source::kOutput:
      break;
  }
  if (argv.empty()) return;
  for (size_t i = 0; i < count; ++i) {
    if (source == Source::kSortedSet) argv.push_back(std::to_string(maker.Below(20)));
    argv.push_back(Element(maker, source));
  }
  Add(group, std::move(argv));
  if (maker.Below(12) == 0) Add(group, {"DEL", key});
}

void AddWeights(Maker& maker, Steps* group) {
  const std::string tag = maker.Chance(25) ? "{tag}" : "";
  std::string of = std::to_string(maker.Below(40));
  switch (maker.Below(6)) {
    case 0:
    case 1: {
      Argv argv = {"MSET"};
      for (size_t i = 1 + maker.Below(6); i > 0; --i) {
        argv.push_back(tag + "w" + std::to_string(maker.Below(40)));
        argv.push_back(Weight(maker));
      }
      return Add(group, std::move(argv));
    }
    case 2:
      if (!maker.catalogue().Has("hset")) return;
      return Add(group, {"HSET", tag + "h" + of, maker.Pick({"f", "g", "12"}), Weight(maker)});
    case 3:
      return Add(group, {"SETEX", tag + "w" + of, "1000000", Weight(maker)});
    case 4:
      return Add(group, {"DEL", tag + "w" + of, tag + "h" + of});
    default:
      return;
  }
}

struct SortCall {
  Source source;
  bool stores = false;
  bool alpha = false;
  bool by = false;
};

// Whether equal elements may come out in an order that hangs on a seed.
bool IsSeeded(const SortCall& call) {
  return call.source == Source::kSet || call.source == Source::kIntset ||
         call.source == Source::kSortedSet;
}

void AddBy(Maker& maker, SortCall* call, Argv* argv) {
  if (!maker.Chance(50)) return;
  call->by = true;
  argv->push_back(maker.Cased("BY"));
  // A set that isn't sorted comes in its own order, unless it is stored.
  const bool set = call->source == Source::kSet || call->source == Source::kIntset ||
                   call->source == Source::kOutput;  // which may be of any type
  if (maker.Chance(20) && (!set || call->stores)) {
    argv->push_back(maker.Pick({"nosort", "w1", "#", ""}));
    return;
  }
  argv->push_back(maker.Pick({"w*", "w*", "{tag}w*", "h*->f", "f*", "none*"}));
}

}  // namespace

void MakeSort(Maker& maker, Steps* group) {
  Argv argv = Words(group);
  const bool may_store = Lower(argv[0]) == "sort";
  SortCall call{.source = static_cast<Source>(std::min<size_t>(maker.Below(7), 5))};
  if (maker.Chance(35)) call.source = Source::kList;
  const std::string key = KeyOf(maker, call.source);
  argv.push_back(key);
  call.stores = may_store && maker.Chance(25);

  std::vector<Argv> options;
  AddBy(maker, &call, &options.emplace_back());
  call.alpha = call.source == Source::kOutput || maker.Chance(40);
  // With equal weights, or without, the order of texts is that of the collection.
  if (call.by && IsSeeded(call)) call.alpha = false;
  if (call.alpha) options.push_back({maker.Cased("ALPHA")});
  if (maker.Chance(45)) options.push_back({maker.Cased(maker.Pick({"ASC", "DESC", "DESC"}))});
  if (maker.Chance(45)) {
    auto number = [&](size_t most) {
      return maker.Chance(95) ? std::to_string(maker.Below(most)) : maker.Integer();
    };
    options.push_back({maker.Cased("LIMIT"), number(12), number(20)});
  }
  for (size_t i = maker.Chance(40) ? 1 + maker.Below(3) : 0; i > 0; --i) {
    options.push_back({maker.Cased("GET"), Pattern(maker)});
  }
  if (call.stores) options.push_back({maker.Cased("STORE"), KeyOf(maker, Source::kOutput)});
  if (!may_store && maker.Below(40) == 0) options.push_back({"STORE", "sort:out0"});
  while (!options.empty()) {
    size_t i = maker.Below(options.size());
    argv.insert(argv.end(), options[i].begin(), options[i].end());
    options.erase(options.begin() + static_cast<long>(i));
  }
  // At the end, where it takes no other option's meaning away.
  if (maker.Below(40) == 0) argv.push_back(maker.JunkWord());
  if (maker.Below(40) == 0 && Lower(argv.back()) != "alpha") argv.pop_back();
  Words(group) = argv;
  AddElements(maker, call.source, key, group);
  AddWeights(maker, group);
  if (call.alpha) return;
  Step clear;
  clear.argv = {"INCRBYFLOAT", "sort:clear", "1"};
  group->insert(group->begin(), clear);
}

}  // namespace nuthatch::oracle
