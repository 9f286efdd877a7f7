// GeoShape: the circle or box that a search looks for places in, and the ranges of scores where
// these can be.
//
// Immutable; any thread. Which places are within, their distances, and the order of the ranges are
// those of Redis 7.0, bit for bit: a client that asks for no order sees the places range by range,
// by their scores within each.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "server/values/geohash.h"
#include "server/values/sorted_set_range.h"

namespace nuthatch::values {

// No two of the ranges have a score in common.
class GeoRanges {
 public:
  static constexpr size_t kMost = 9;
  void Add(const ScoreRange& range) { ranges_[count_++] = range; }
  std::span<const ScoreRange> all() const& { return std::span(ranges_).first(count_); }
  std::span<const ScoreRange> all() && = delete;  // of ranges that would be gone

 private:
  std::array<ScoreRange, kMost> ranges_{};
  size_t count_ = 0;
};

class GeoShape {
 public:
  // Lengths are in units of `unit_m` meters, not negative; they may be infinite. REQUIRES:
  // IsGeoPoint(center).
  static GeoShape Circle(GeoPoint center, double radius, double unit_m);
  // So wide from west to east and so high from south to north.
  static GeoShape Box(GeoPoint center, double width, double height, double unit_m);

  double unit_m() const { return unit_m_; }

  // The distance from the center in meters; nothing if the place is outside.
  std::optional<double> DistanceWithin(GeoPoint point) const;

  // Up to nine cells around the center, without those that the shape does not reach.
  GeoRanges Ranges() const;

 private:
  GeoShape(GeoPoint center, bool circle, double width, double height, double unit_m);

  unsigned Step() const;
  GeoBounds Bounds() const;
  std::optional<double> WithinCircle(GeoPoint point) const;
  std::optional<double> WithinBox(GeoPoint point) const;

  GeoPoint center_;
  bool circle_;
  // A circle's are its radius; a box's are whole.
  double width_;
  double height_;
  double unit_m_;
  // A latitude that is so many radians off the center's is outside.
  double outside_;
};

}  // namespace nuthatch::values
