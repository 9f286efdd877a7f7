// A search looks at the cell of its center and the eight around it, in cells just so large that
// these nine cover the shape: the map is halved until a cell would be smaller than the radius.
// Cells get narrow towards the poles, so there, or where the center is near its cell's edge, cells
// are taken twice as large. Then cells on the far side of an edge that the shape does not reach are
// left out. On a map of one or two cells each way all of them are searched.
#include "server/values/geo_shape.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nuthatch::values {
namespace {

// Half the width of the map at the equator, in meters of Web Mercator.
constexpr double kHalfMapM = 20037726.37;
constexpr double kRadiansPerDegree = std::numbers::pi / 180;

double Radians(double degrees) { return degrees * kRadiansPerDegree; }
double Degrees(double radians) { return radians / kRadiansPerDegree; }

// The scores of the places in a cell.
ScoreRange ScoresOf(GeoCell cell) {
  const unsigned shift = 2 * (kGeoMaxStep - cell.step);
  const uint64_t bits = GeoCellBits(cell);
  return {.min = static_cast<double>(bits << shift),
          .max = static_cast<double>((bits + 1) << shift),
          .max_exclusive = true};
}

// The neighbors in the order in which they are searched, behind the cell itself.
struct Direction {
  int east;
  int north;
};
constexpr Direction kDirections[] = {{0, 1}, {0, -1}, {1, 0},  {-1, 0},
                                     {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};

// Whether a shape of these bounds goes beyond the ring of cells around `cell`.
bool Overlaps(GeoCell cell, const GeoBounds& shape) {
  return GeoBoundsOf(GeoNeighbor(cell, 0, 1)).max.latitude < shape.max.latitude ||
         GeoBoundsOf(GeoNeighbor(cell, 0, -1)).min.latitude > shape.min.latitude ||
         GeoBoundsOf(GeoNeighbor(cell, 1, 0)).max.longitude < shape.max.longitude ||
         GeoBoundsOf(GeoNeighbor(cell, -1, 0)).min.longitude > shape.min.longitude;
}

// Whether a shape of these bounds ends within a cell before its edge in that direction.
bool EndsBefore(const Direction& edge, const GeoBounds& cell, const GeoBounds& shape) {
  return (edge.north < 0 && cell.min.latitude < shape.min.latitude) ||
         (edge.north > 0 && cell.max.latitude > shape.max.latitude) ||
         (edge.east < 0 && cell.min.longitude < shape.min.longitude) ||
         (edge.east > 0 && cell.max.longitude > shape.max.longitude);
}

}  // namespace

GeoShape GeoShape::Circle(GeoPoint center, double radius, double unit_m) {
  return {center, true, radius, radius, unit_m};
}

GeoShape GeoShape::Box(GeoPoint center, double width, double height, double unit_m) {
  return {center, false, width, height, unit_m};
}

// No two places are nearer than their latitudes are; the slack is more than rounding can add up to.
GeoShape::GeoShape(GeoPoint center, bool circle, double width, double height, double unit_m)
    : center_(center), circle_(circle), width_(width), height_(height), unit_m_(unit_m) {
  constexpr double kSlack = 1 + 1e-9;
  constexpr double kLeast = 1e-9;
  const double reach_m = circle ? height * unit_m : height * unit_m / 2;
  outside_ = reach_m / kGeoEarthRadiusM * kSlack + kLeast;
}

std::optional<double> GeoShape::DistanceWithin(GeoPoint point) const {
  if (std::fabs(Radians(point.latitude) - Radians(center_.latitude)) > outside_) {
    return std::nullopt;
  }
  return circle_ ? WithinCircle(point) : WithinBox(point);
}

std::optional<double> GeoShape::WithinCircle(GeoPoint point) const {
  const double distance = GeoDistanceM(center_, point);
  if (distance > width_ * unit_m_) return std::nullopt;
  return distance;
}

// A place must be near enough both along its own circle of latitude and along a meridian.
std::optional<double> GeoShape::WithinBox(GeoPoint point) const {
  const double off =
      kGeoEarthRadiusM * std::fabs(Radians(point.latitude) - Radians(center_.latitude));
  if (off > height_ * unit_m_ / 2) return std::nullopt;
  if (GeoDistanceM(point, {center_.longitude, point.latitude}) > width_ * unit_m_ / 2) {
    return std::nullopt;
  }
  return GeoDistanceM(center_, point);
}

unsigned GeoShape::Step() const {
  double radius = width_;
  if (!circle_) {
    radius = std::sqrt((width_ / 2) * (width_ / 2) + (height_ / 2) * (height_ / 2));
  }
  double reach_m = radius * unit_m_;
  if (reach_m == 0) return kGeoMaxStep;
  int step = 1;
  for (; reach_m < kHalfMapM; reach_m *= 2) ++step;
  // A cell that holds the whole shape, and a ring around it.
  step -= 2;
  constexpr double kHigh = 66;
  constexpr double kVeryHigh = 80;
  if (std::fabs(center_.latitude) > kHigh) --step;
  if (std::fabs(center_.latitude) > kVeryHigh) --step;
  return static_cast<unsigned>(std::clamp(step, 1, static_cast<int>(kGeoMaxStep)));
}

// Meridians draw together towards the poles, so the shape spans most degrees of longitude at the
// edge that is nearer to one. Beyond a pole these numbers mean nothing, as in Redis.
GeoBounds GeoShape::Bounds() const {
  const double height = unit_m_ * (circle_ ? height_ : height_ / 2);
  const double width = unit_m_ * (circle_ ? width_ : width_ / 2);
  const double latitudes = Degrees(height / kGeoEarthRadiusM);
  const double edge =
      center_.latitude < 0 ? center_.latitude - latitudes : center_.latitude + latitudes;
  const double longitudes = Degrees(width / kGeoEarthRadiusM / std::cos(Radians(edge)));
  return {{center_.longitude - longitudes, center_.latitude - latitudes},
          {center_.longitude + longitudes, center_.latitude + latitudes}};
}

GeoRanges GeoShape::Ranges() const {
  const GeoBounds shape = Bounds();
  GeoCell center = GeoCellOf(center_, Step());
  if (center.step > 1 && Overlaps(center, shape)) center = GeoCellOf(center_, center.step - 1);

  GeoRanges ranges;
  ranges.Add(ScoresOf(center));
  const GeoBounds bounds = GeoBoundsOf(center);
  // On a map of few cells neighbors on either side may be one and the same.
  std::optional<GeoCell> last;
  for (const Direction& direction : kDirections) {
    if (center.step > 1 && EndsBefore(direction, bounds, shape)) continue;
    const GeoCell cell = GeoNeighbor(center, direction.east, direction.north);
    if (cell == last) continue;
    ranges.Add(ScoresOf(cell));
    last = cell;
  }
  return ranges;
}

}  // namespace nuthatch::values
