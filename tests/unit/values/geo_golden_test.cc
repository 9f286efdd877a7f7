// Places, distances and searches beside what redis-server 7.0.15 says (redis_7_0_15_geo.txt).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/numbers.h"
#include "server/values/geo_shape.h"
#include "server/values/geohash.h"

namespace nuthatch::values {
namespace {

// The lines that begin with `kind`, without that word.
std::vector<std::vector<std::string>> Golden(const std::string& kind) {
  std::ifstream file(NUTHATCH_TESTS "/unit/values/redis_7_0_15_geo.txt");
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word != kind) continue;
    std::vector<std::string>& rest = lines.emplace_back();
    while (words >> word) rest.push_back(word);
  }
  return lines;
}

double Number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

GeoPoint PointAt(const std::vector<std::string>& words, size_t i) {
  return {Number(words[i]), Number(words[i + 1])};
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + ' ';
  return text;
}

TEST(GeoGolden, GivesPlacesTheScoresOfRedis) {
  size_t seen = 0;
  for (const auto& words : Golden("score")) {
    ++seen;
    EXPECT_EQ(std::to_string(GeoScoreOf(PointAt(words, 0))), words[2]) << Join(words);
  }
  EXPECT_EQ(seen, 203u);
}

TEST(GeoGolden, DecodesAnyScoreToThePlaceAndTheGeohashOfRedis) {
  size_t seen = 0;
  for (const auto& words : Golden("point")) {
    ++seen;
    const GeoPoint point = GeoPointOf(Number(words[0]));
    EXPECT_EQ(base::FormatLongDoubleHuman(point.longitude), words[1]) << Join(words);
    EXPECT_EQ(base::FormatLongDoubleHuman(point.latitude), words[2]) << Join(words);
    const auto text = GeoHashText(point);
    EXPECT_EQ(std::string(text.begin(), text.end()), words[3]) << Join(words);
  }
  EXPECT_EQ(seen, 165u);
}

TEST(GeoGolden, MeasuresTheDistancesOfRedis) {
  size_t seen = 0;
  for (const auto& words : Golden("distance")) {
    ++seen;
    char text[64];
    std::snprintf(text, sizeof text, "%.4f", GeoDistanceM(PointAt(words, 0), PointAt(words, 2)));
    EXPECT_EQ(std::string(text), words[4]) << Join(words);
  }
  EXPECT_EQ(seen, 124u);
}

// All digits, unlike GEODIST: the shape of just this size has the place, a smaller one has not.
void ExpectReach(const std::string& kind, const std::function<GeoShape(GeoPoint, double)>& shape) {
  size_t seen = 0;
  for (const auto& words : Golden(kind)) {
    ++seen;
    const GeoPoint from = PointAt(words, 0);
    const GeoPoint to = PointAt(words, 2);
    const double reach = Number(words[4]);
    EXPECT_TRUE(shape(from, reach).DistanceWithin(to)) << kind << ' ' << Join(words);
    EXPECT_FALSE(shape(from, std::nextafter(reach, 0)).DistanceWithin(to))
        << kind << ' ' << Join(words);
  }
  EXPECT_GT(seen, 70u) << kind;
}

TEST(GeoGolden, ReachesAsFarAsRedis) {
  constexpr double kWidth = 8e7;
  constexpr double kHeight = 4e7;
  ExpectReach("circle", [](GeoPoint from, double m) { return GeoShape::Circle(from, m, 1); });
  ExpectReach("box-width",
              [](GeoPoint from, double m) { return GeoShape::Box(from, m, kHeight, 1); });
  ExpectReach("box-height",
              [](GeoPoint from, double m) { return GeoShape::Box(from, kWidth, m, 1); });
}

class Searched {
 public:
  Searched() {
    for (const auto& words : Golden("member")) scores_.push_back(Number(words[0]));
  }
  size_t size() const { return scores_.size(); }

  // What a search visits, by number.
  std::vector<std::string> Search(const GeoShape& shape) const {
    std::vector<std::string> found;
    const GeoRanges ranges = shape.Ranges();
    for (const ScoreRange& range : ranges.all()) {
      for (size_t i : Within(range)) {
        if (shape.DistanceWithin(GeoPointOf(scores_[i]))) found.push_back(std::to_string(i));
      }
    }
    return found;
  }

 private:
  // In the order of a sorted set whose members are the numbers in decimal.
  std::vector<size_t> Within(const ScoreRange& range) const {
    std::vector<size_t> found;
    for (size_t i = 0; i < scores_.size(); ++i) {
      if (scores_[i] >= range.min && scores_[i] < range.max) found.push_back(i);
    }
    std::sort(found.begin(), found.end(), [&](size_t a, size_t b) {
      if (scores_[a] != scores_[b]) return scores_[a] < scores_[b];
      return std::to_string(a) < std::to_string(b);
    });
    return found;
  }

  std::vector<double> scores_;
};

TEST(GeoGolden, FindsWhatRedisFindsInItsOrder) {
  const Searched set;
  ASSERT_EQ(set.size(), 420u);
  size_t seen = 0;
  for (const auto& words : Golden("search")) {
    ++seen;
    const GeoPoint center = PointAt(words, 1);
    const bool circle = words[0] == "circle";
    const size_t unit = circle ? 4 : 5;
    const double unit_m = Number(words[unit]);
    const GeoShape shape = circle
                               ? GeoShape::Circle(center, Number(words[3]), unit_m)
                               : GeoShape::Box(center, Number(words[3]), Number(words[4]), unit_m);
    const std::vector<std::string> expected(words.begin() + static_cast<ptrdiff_t>(unit) + 1,
                                            words.end());
    EXPECT_EQ(set.Search(shape), expected) << Join(words);
  }
  EXPECT_EQ(seen, 420u);
}

}  // namespace
}  // namespace nuthatch::values
