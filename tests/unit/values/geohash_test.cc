#include "server/values/geohash.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "server/values/geo_shape.h"

namespace nuthatch::values {
namespace {

double Between(base::Random& random, double low, double high) {
  constexpr uint64_t kSteps = uint64_t{1} << 53;
  return low + (high - low) * static_cast<double>(random.Below(kSteps)) / kSteps;
}

GeoPoint AnyPoint(base::Random& random) {
  return {Between(random, -kGeoMaxLongitude, kGeoMaxLongitude),
          Between(random, -kGeoMaxLatitude, kGeoMaxLatitude)};
}

bool Holds(const GeoBounds& bounds, GeoPoint point) {
  return point.longitude >= bounds.min.longitude && point.longitude <= bounds.max.longitude &&
         point.latitude >= bounds.min.latitude && point.latitude <= bounds.max.latitude;
}

// Bit by bit.
uint64_t PlainBits(GeoCell cell) {
  uint64_t bits = 0;
  for (unsigned i = 0; i < 32; ++i) {
    bits |= static_cast<uint64_t>(cell.row >> i & 1) << 2 * i;
    bits |= static_cast<uint64_t>(cell.column >> i & 1) << (2 * i + 1);
  }
  return bits;
}

TEST(GeoHash, PutsAPlaceIntoACellThatHoldsIt) {
  base::Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const GeoPoint point = AnyPoint(random);
    const auto step = static_cast<unsigned>(1 + random.Below(kGeoMaxStep));
    const GeoCell cell = GeoCellOf(point, step);
    ASSERT_TRUE(Holds(GeoBoundsOf(cell), point));
    ASSERT_EQ(GeoCellBits(cell), PlainBits(cell));
    ASSERT_LT(GeoCellBits(cell), uint64_t{1} << 2 * step);
    // A cell is the first bits of the smaller ones in it.
    ASSERT_EQ(GeoScoreOf(point) >> 2 * (kGeoMaxStep - step), GeoCellBits(cell));
  }
}

TEST(GeoHash, ComesBackToTheScoreItDecoded) {
  base::Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    const GeoPoint point = AnyPoint(random);
    const uint64_t score = GeoScoreOf(point);
    const GeoPoint center = GeoPointOf(static_cast<double>(score));
    ASSERT_EQ(GeoScoreOf(center), score);
    // A cell is 0.6 m wide at the equator and 0.3 m high.
    ASSERT_LT(GeoDistanceM(point, center), 0.4);
  }
}

TEST(GeoHash, NeighborsLieBesideTheCellAndAroundTheMap) {
  base::Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    const auto step = static_cast<unsigned>(1 + random.Below(kGeoMaxStep));
    const GeoCell cell = GeoCellOf(AnyPoint(random), step);
    const uint32_t last = (uint32_t{1} << step) - 1;
    for (int east = -1; east <= 1; ++east) {
      for (int north = -1; north <= 1; ++north) {
        const GeoCell neighbor = GeoNeighbor(cell, east, north);
        ASSERT_EQ(GeoNeighbor(neighbor, -east, -north), cell);
        ASSERT_LE(neighbor.column, last);
        ASSERT_LE(neighbor.row, last);
        if (east == 1) {
          ASSERT_EQ(neighbor.column, cell.column == last ? 0 : cell.column + 1);
        }
        if (north == -1) {
          ASSERT_EQ(neighbor.row, cell.row == 0 ? last : cell.row - 1);
        }
      }
    }
  }
}

TEST(GeoHash, BordersHaveACellOfTheirOwnBesideTheMap) {
  const GeoCell corner = GeoCellOf({kGeoMaxLongitude, kGeoMaxLatitude}, 4);
  EXPECT_EQ(corner, (GeoCell{16, 16, 4}));
  EXPECT_EQ(GeoNeighbor(corner, 1, 0), (GeoCell{1, 16, 4}));
  EXPECT_EQ(GeoNeighbor(corner, -1, -1), (GeoCell{15, 15, 4}));
  EXPECT_EQ(GeoCellOf({-kGeoMaxLongitude, -kGeoMaxLatitude}, 4), (GeoCell{0, 0, 4}));
}

TEST(GeoHash, DistancesAreSymmetricAndZeroOnlyToItself) {
  base::Random random(4);
  for (int i = 0; i < 20'000; ++i) {
    const GeoPoint a = AnyPoint(random);
    const GeoPoint b = AnyPoint(random);
    ASSERT_EQ(GeoDistanceM(a, b), GeoDistanceM(b, a));
    ASSERT_EQ(GeoDistanceM(a, a), 0);
    ASSERT_GT(GeoDistanceM(a, b), 0);
  }
}

// By the law of cosines, which is as exact for places that are not near.
TEST(GeoHash, DistancesAreThoseOfTheSphere) {
  base::Random random(5);
  const double radians = std::acos(-1.0) / 180;
  for (int i = 0; i < 20'000; ++i) {
    const GeoPoint a = AnyPoint(random);
    const GeoPoint b = AnyPoint(random);
    const double angle =
        std::acos(std::clamp(std::sin(a.latitude * radians) * std::sin(b.latitude * radians) +
                                 std::cos(a.latitude * radians) * std::cos(b.latitude * radians) *
                                     std::cos((a.longitude - b.longitude) * radians),
                             -1.0, 1.0));
    ASSERT_NEAR(GeoDistanceM(a, b), angle * kGeoEarthRadiusM, 1);
  }
}

// A search must look wherever something can be: places within the shape have a score in a range.
// (Not so in Redis across the date line, or where a shape reaches beyond a pole's border.)
void ExpectCovered(base::Random& random, const GeoShape& shape, GeoPoint center, double degrees) {
  const GeoRanges ranges = shape.Ranges();
  for (int i = 0; i < 200; ++i) {
    const GeoPoint point{center.longitude + Between(random, -degrees, degrees),
                         center.latitude + Between(random, -degrees, degrees)};
    if (!IsGeoPoint(point)) continue;
    const auto score = static_cast<double>(GeoScoreOf(point));
    if (!shape.DistanceWithin(GeoPointOf(score))) continue;
    EXPECT_EQ(std::count_if(
                  ranges.all().begin(), ranges.all().end(),
                  [&](const ScoreRange& range) { return score >= range.min && score < range.max; }),
              1)
        << center.longitude << ' ' << center.latitude << " and " << point.longitude << ' '
        << point.latitude;
  }
}

TEST(GeoShape, RangesCoverEverythingWithin) {
  base::Random random(6);
  for (int i = 0; i < 2'000; ++i) {
    const GeoPoint center{Between(random, -120, 120), Between(random, -70, 70)};
    const double reach_km = std::pow(10, Between(random, -3, 2.9));
    const double degrees = reach_km / 111 * 3;
    ExpectCovered(random, GeoShape::Circle(center, reach_km, 1000), center, degrees);
    ExpectCovered(random, GeoShape::Box(center, reach_km, reach_km * Between(random, 0.3, 2), 1000),
                  center, degrees);
  }
}

TEST(GeoShape, RangesHaveNoScoreTwice) {
  base::Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    GeoPoint center = AnyPoint(random);
    if (random.Below(8) == 0) center.longitude = kGeoMaxLongitude;
    if (random.Below(8) == 0) center.latitude = kGeoMaxLatitude;
    const double size = std::pow(10, Between(random, 0, 9));
    const GeoRanges ranges = random.Below(2) == 0 ? GeoShape::Circle(center, size, 1).Ranges()
                                                  : GeoShape::Box(center, size, size, 1).Ranges();
    std::vector<ScoreRange> sorted(ranges.all().begin(), ranges.all().end());
    ASSERT_FALSE(sorted.empty());
    std::sort(sorted.begin(), sorted.end(),
              [](const ScoreRange& a, const ScoreRange& b) { return a.min < b.min; });
    for (size_t k = 1; k < sorted.size(); ++k) ASSERT_LE(sorted[k - 1].max, sorted[k].min);
  }
}

TEST(GeoShape, MeasuresFromTheCenter) {
  const GeoPoint center{13.4, 52.5};
  const GeoPoint place{13.5, 52.6};
  const double distance = GeoDistanceM(center, place);
  EXPECT_EQ(GeoShape::Circle(center, distance, 1).DistanceWithin(place), distance);
  EXPECT_EQ(GeoShape::Circle(center, std::nextafter(distance, 0), 1).DistanceWithin(place),
            std::nullopt);
  EXPECT_EQ(GeoShape::Box(center, 14, 23, 1000).DistanceWithin(place), distance);
  EXPECT_EQ(GeoShape::Box(center, 13, 23, 1000).DistanceWithin(place), std::nullopt);
  EXPECT_EQ(GeoShape::Box(center, 14, 22, 1000).DistanceWithin(place), std::nullopt);
  EXPECT_EQ(GeoShape::Circle(center, 0, 1).DistanceWithin(center), 0);
  EXPECT_EQ(GeoShape::Circle(center, HUGE_VAL, 1).DistanceWithin(place), distance);
}

}  // namespace
}  // namespace nuthatch::values
