// Special generators for geo commands.
//
// Places lie near each other, in a few neighborhoods of which some are at the map's borders, so
// that searches find something, and often the same place twice. Geo sets have keys of their own;
// now and then they meet the others.
#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "tests/oracle/maker.h"
#include "tests/oracle/specials.h"

namespace nuthatch::oracle {
namespace {

constexpr double kMaxLongitude = 180;
constexpr double kMaxLatitude = 85.05112878;

struct Place {
  double longitude;
  double latitude;
};

// Two of the date line, two near the poles' borders, the corners of cells, and towns.
constexpr Place kNeighborhoods[] = {
    {0, 0},         {180, 0},     {-180, 0},     {180, kMaxLatitude}, {-180, -kMaxLatitude},
    {30, 84.9},     {-60, -84.9}, {-90, 66.5},   {179.99, -16.5},     {-45, 42.52556439},
    {13.36, 38.11}, {13.4, 52.5}, {-122.4, 37.8}};

Argv& Words(Steps* group) { return group->front().argv; }

void Add(Steps* group, Argv argv) {
  Step step;
  step.argv = std::move(argv);
  group->push_back(std::move(step));
}

std::string GeoKey(Maker& maker) {
  if (maker.Chance(4)) return maker.Key();
  size_t number = std::min(maker.Below(5), maker.Below(5));
  return (number % 2 == 0 ? "geo" : "{tag}geo") + std::to_string(number);
}

// Few enough to be met again; some are integers, and some too long for a listpack.
std::string Member(Maker& maker) {
  if (maker.Below(150) == 0) return std::string(60 + maker.Below(10), 'm');
  if (maker.Chance(3)) return maker.Value();
  size_t number = std::min(maker.Below(200), maker.Below(200));
  return (number % 3 == 0 ? "" : "m") + std::to_string(number);
}

double Between(Maker& maker, double low, double high) {
  constexpr size_t kSteps = 1'000'000'000;
  return low + (high - low) * static_cast<double>(maker.Below(kSteps)) / kSteps;
}

Place AnyPlace(Maker& maker) {
  if (maker.Chance(5)) {
    return {Between(maker, -kMaxLongitude, kMaxLongitude),
            Between(maker, -kMaxLatitude, kMaxLatitude)};
  }
  Place place = kNeighborhoods[maker.Below(std::size(kNeighborhoods))];
  if (maker.Chance(10)) return place;
  double around = std::pow(10, Between(maker, -6, 1));
  // A grid, so that places are met again.
  if (maker.Chance(30)) around = 0;
  auto step = [&] { return 0.01 * (static_cast<double>(maker.Below(7)) - 3); };
  place.longitude += around == 0 ? step() : Between(maker, -around, around);
  place.latitude += around == 0 ? step() : Between(maker, -around, around);
  return {std::clamp(place.longitude, -kMaxLongitude, kMaxLongitude),
          std::clamp(place.latitude, -kMaxLatitude, kMaxLatitude)};
}

void AddPlace(Maker& maker, Argv* argv) {
  const Place place = AnyPlace(maker);
  argv->push_back(fmt::format("{}", place.longitude));
  argv->push_back(fmt::format("{}", place.latitude));
  if (maker.Below(60) == 0) {
    argv->back() = maker.Pick({"85.05112878", "85.05112879", "-85.0511288", "90", "inf", "1e-400",
                               "1e400", "nan", "", " 1", "0x10", "-0"});
  }
  if (maker.Below(60) == 0) {
    (*argv)[argv->size() - 2] =
        maker.Pick({"180", "-180", "180.0000001", "-181", "-inf", "1e300", "abc", "-0"});
  }
}

std::string Length(Maker& maker, double unit_m) {
  if (maker.Below(60) == 0) {
    return maker.Pick({"0", "-1", "inf", "-0", "1e308", "1e-320", "nan", "x", "", "0x10"});
  }
  return fmt::format("{}", std::pow(10, Between(maker, 0, maker.Chance(90) ? 6 : 8)) / unit_m);
}

struct Unit {
  std::string_view name;
  double meters;
};

Unit AnyUnit(Maker& maker) {
  constexpr Unit kUnits[] = {{"m", 1}, {"km", 1000}, {"ft", 0.3048}, {"mi", 1609.34}};
  return kUnits[maker.Below(std::size(kUnits))];
}

void AddUnit(Maker& maker, const Unit& unit, Argv* argv) {
  argv->push_back(maker.Below(80) == 0 ? maker.JunkWord() : maker.Cased(unit.name));
}

void AddRadius(Maker& maker, Argv* argv) {
  const Unit unit = AnyUnit(maker);
  argv->push_back(Length(maker, unit.meters));
  AddUnit(maker, unit, argv);
}

void AddBox(Maker& maker, Argv* argv) {
  const Unit unit = AnyUnit(maker);
  std::string width = Length(maker, unit.meters);
  argv->push_back(width);
  argv->push_back(maker.Chance(30) ? width : Length(maker, unit.meters));
  AddUnit(maker, unit, argv);
}

// COUNT, the order, WITH...; those that a destination refuses only now and then.
void AddOptions(Maker& maker, bool stores, Argv* argv) {
  std::vector<Argv> options;
  const int with = stores ? 2 : 35;
  for (std::string_view word : {"WITHCOORD", "WITHDIST", "WITHHASH"}) {
    if (maker.Chance(with)) options.push_back({maker.Cased(word)});
  }
  if (maker.Chance(40)) options.push_back({maker.Cased(maker.Pick({"ASC", "DESC"}))});
  if (maker.Chance(35)) {
    std::string count = maker.Chance(95) ? std::to_string(1 + maker.Below(20)) : maker.Integer();
    options.push_back({maker.Cased("COUNT"), count});
    if (maker.Chance(40)) options.back().push_back(maker.Cased("ANY"));
  } else if (maker.Chance(2)) {
    options.push_back({maker.Cased("ANY")});
  }
  while (!options.empty()) {
    size_t i = maker.Below(options.size());
    argv->insert(argv->end(), options[i].begin(), options[i].end());
    options.erase(options.begin() + static_cast<long>(i));
  }
}

void AddLooks(Maker& maker, const std::string& key, Steps* group) {
  switch (maker.Below(16)) {
    case 0:
      return Add(group, {"OBJECT", "ENCODING", key});
    case 1:
      return Add(group, {"COPY", key, GeoKey(maker), "REPLACE"});
    case 2:
      return Add(group, {"TYPE", key});
    default:
      return;
  }
}

}  // namespace

void MakeGeoadd(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  const std::string key = GeoKey(maker);
  argv.push_back(key);
  if (maker.Chance(20)) argv.push_back(maker.Cased(maker.Pick({"NX", "XX"})));
  if (maker.Chance(20)) argv.push_back(maker.Cased("CH"));
  if (maker.Below(60) == 0) argv.push_back(maker.Cased(maker.Pick({"NX", "XX", "GT", "INCR"})));
  size_t dice = maker.Below(100);
  for (size_t i = dice < 70 ? 1 : 2 + maker.Below(dice < 96 ? 8 : 150); i > 0; --i) {
    AddPlace(maker, &argv);
    argv.push_back(Member(maker));
  }
  if (maker.Below(20) == 0) Add(group, {"DEL", key});
  AddLooks(maker, key, group);
}

void MakeGeodist(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(GeoKey(maker));
  argv.push_back(Member(maker));
  argv.push_back(Member(maker));
  if (maker.Chance(60)) AddUnit(maker, AnyUnit(maker), &argv);
}

void MakeGeoMembers(Maker& maker, Steps* group) {
  Argv& argv = Words(group);
  argv.push_back(GeoKey(maker));
  for (size_t i = maker.Below(maker.Chance(95) ? 5 : 40); i > 0; --i) {
    argv.push_back(Member(maker));
  }
}

void MakeGeoradius(Maker& maker, Steps* group) {
  Argv argv = Words(group);
  const std::string name = Lower(argv[0]);
  const bool stores = maker.Chance(name.ends_with("_ro") ? 3 : 30);
  argv.push_back(GeoKey(maker));
  if (name.find("member") != std::string::npos) {
    argv.push_back(Member(maker));
  } else {
    AddPlace(maker, &argv);
  }
  AddRadius(maker, &argv);
  const bool before = maker.Chance(50);
  if (before) AddOptions(maker, stores, &argv);
  for (size_t i = stores ? (maker.Chance(95) ? 1 : 2) : 0; i > 0; --i) {
    argv.push_back(maker.Cased(maker.Pick({"STORE", "STOREDIST"})));
    argv.push_back(GeoKey(maker));
    AddLooks(maker, argv.back(), group);
  }
  if (!before) AddOptions(maker, stores, &argv);
  Words(group) = argv;
}

void MakeGeosearch(Maker& maker, Steps* group) {
  Argv argv = Words(group);
  const bool stores = Lower(argv[0]).ends_with("store");
  if (stores) {
    argv.push_back(GeoKey(maker));
    AddLooks(maker, argv.back(), group);
  }
  argv.push_back(GeoKey(maker));
  Argv parts[3];
  if (maker.Chance(50)) {
    parts[0] = {maker.Cased("FROMMEMBER"), Member(maker)};
  } else {
    parts[0] = {maker.Cased("FROMLONLAT")};
    AddPlace(maker, &parts[0]);
  }
  if (maker.Chance(50)) {
    parts[1] = {maker.Cased("BYRADIUS")};
    AddRadius(maker, &parts[1]);
  } else {
    parts[1] = {maker.Cased("BYBOX")};
    AddBox(maker, &parts[1]);
  }
  AddOptions(maker, stores, &parts[2]);
  if (maker.Chance(stores ? 30 : 1)) parts[2].push_back(maker.Cased("STOREDIST"));
  if (maker.Chance(30)) std::swap(parts[0], parts[1]);
  if (maker.Chance(20)) std::swap(parts[1], parts[2]);
  for (Argv& part : parts) {
    if (maker.Below(60) == 0) continue;
    argv.insert(argv.end(), part.begin(), part.end());
    if (maker.Below(60) == 0) argv.insert(argv.end(), part.begin(), part.end());
  }
  Words(group) = argv;
}

}  // namespace nuthatch::oracle
