// Geohashes: how sorted sets keep places on the earth. A place's score is a number of 52 bits whose
// odd bits are its longitude and whose even bits are its latitude, each in 2^26 steps over its
// range (https://en.wikipedia.org/wiki/Geohash, Morton order). So places whose scores begin with
// the same bits share a cell, and a cell is a range of scores.
//
// Pure functions; any thread. Scores, coordinates and distances are those of Redis 7.0, bit for
// bit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nuthatch::values {

// In degrees.
struct GeoPoint {
  double longitude = 0;
  double latitude = 0;
};

// Beyond this latitude the square map of Web Mercator (EPSG:3857) ends.
inline constexpr double kGeoMaxLongitude = 180;
inline constexpr double kGeoMaxLatitude = 85.05112878;
inline constexpr double kGeoEarthRadiusM = 6372797.560856;

// The most steps that a coordinate is halved in.
inline constexpr unsigned kGeoMaxStep = 26;

constexpr bool IsGeoPoint(GeoPoint point) {
  return point.longitude >= -kGeoMaxLongitude && point.longitude <= kGeoMaxLongitude &&
         point.latitude >= -kGeoMaxLatitude && point.latitude <= kGeoMaxLatitude;
}

// --- Cells ---

// A cell of the map that was halved `step` times each way: the column counts eastward, the row
// northward, from 0 to 2^step - 1; but a place on the very eastern or northern border is in column
// or row 2^step.
struct GeoCell {
  uint32_t column = 0;
  uint32_t row = 0;
  unsigned step = 0;
  bool operator==(const GeoCell&) const = default;
};

struct GeoBounds {
  GeoPoint min;
  GeoPoint max;
};

// REQUIRES: IsGeoPoint(point), 1 <= step <= kGeoMaxStep.
GeoCell GeoCellOf(GeoPoint point, unsigned step);
GeoBounds GeoBoundsOf(GeoCell cell);
// Column and row in alternate bits, 2 * step of them (and two more on the borders).
uint64_t GeoCellBits(GeoCell cell);
// So many cells eastward and northward (each -1, 0 or 1), around the map where it ends.
GeoCell GeoNeighbor(GeoCell cell, int east, int north);

// --- Scores ---

// REQUIRES: IsGeoPoint(point).
uint64_t GeoScoreOf(GeoPoint point);
// The center of the score's cell. Any score will do: what is out of the map comes to its border.
GeoPoint GeoPointOf(double score);

// --- What clients see ---

// In meters, along the great circle (https://en.wikipedia.org/wiki/Haversine_formula).
double GeoDistanceM(GeoPoint from, GeoPoint to);

// The standard geohash of a place, whose latitudes go up to 90 degrees. Ten characters are the 50
// bits of a cell, the last one is always '0'.
inline constexpr size_t kGeoHashChars = 11;
std::array<char, kGeoHashChars> GeoHashText(GeoPoint point);

}  // namespace nuthatch::values
