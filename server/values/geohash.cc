#include "server/values/geohash.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nuthatch::values {
namespace {

constexpr double kRadiansPerDegree = std::numbers::pi / 180;

double Radians(double degrees) { return degrees * kRadiansPerDegree; }

// Moves bit i to bit 2i, by halves, quarters and so on of the word.
uint64_t Spread(uint32_t value) {
  uint64_t word = value;
  word = (word | word << 16) & 0x0000ffff0000ffff;
  word = (word | word << 8) & 0x00ff00ff00ff00ff;
  word = (word | word << 4) & 0x0f0f0f0f0f0f0f0f;
  word = (word | word << 2) & 0x3333333333333333;
  return (word | word << 1) & 0x5555555555555555;
}

// Moves bit 2i to bit i; the odd bits are left out.
uint32_t Gather(uint64_t word) {
  word &= 0x5555555555555555;
  word = (word | word >> 1) & 0x3333333333333333;
  word = (word | word >> 2) & 0x0f0f0f0f0f0f0f0f;
  word = (word | word >> 4) & 0x00ff00ff00ff00ff;
  word = (word | word >> 8) & 0x0000ffff0000ffff;
  return static_cast<uint32_t>(word | word >> 16);
}

// The step that a coordinate of [-most, most] lies in.
uint32_t StepOf(double value, double most, unsigned step) {
  double part = (value + most) / (most + most);
  return static_cast<uint32_t>(part * static_cast<double>(uint64_t{1} << step));
}

// Where a step begins. A step may be out of the map.
double BeginOf(uint32_t at, double most, unsigned step) {
  return -most + at / static_cast<double>(uint64_t{1} << step) * (most + most);
}

// A score as an integer, as the x86-64 processors that Redis mostly runs on convert any number,
// though the language leaves open what becomes of one that doesn't fit.
uint64_t BitsOf(double score) {
  constexpr double kHalf = 9223372036854775808.0;  // 2^63
  if (score >= kHalf) {
    double rest = score - kHalf;
    return rest < kHalf ? static_cast<uint64_t>(rest) | uint64_t{1} << 63 : 0;
  }
  if (score < -kHalf) return uint64_t{1} << 63;
  return static_cast<uint64_t>(static_cast<int64_t>(score));
}

GeoPoint CenterOf(const GeoBounds& bounds) {
  double longitude = (bounds.min.longitude + bounds.max.longitude) / 2;
  double latitude = (bounds.min.latitude + bounds.max.latitude) / 2;
  return {std::clamp(longitude, -kGeoMaxLongitude, kGeoMaxLongitude),
          std::clamp(latitude, -kGeoMaxLatitude, kGeoMaxLatitude)};
}

}  // namespace

GeoCell GeoCellOf(GeoPoint point, unsigned step) {
  return {StepOf(point.longitude, kGeoMaxLongitude, step),
          StepOf(point.latitude, kGeoMaxLatitude, step), step};
}

GeoBounds GeoBoundsOf(GeoCell cell) {
  return {{BeginOf(cell.column, kGeoMaxLongitude, cell.step),
           BeginOf(cell.row, kGeoMaxLatitude, cell.step)},
          {BeginOf(cell.column + 1, kGeoMaxLongitude, cell.step),
           BeginOf(cell.row + 1, kGeoMaxLatitude, cell.step)}};
}

uint64_t GeoCellBits(GeoCell cell) { return Spread(cell.column) << 1 | Spread(cell.row); }

// A step sideways brings a cell of the border's extra column or row back into the map; one that is
// not asked for leaves it there.
GeoCell GeoNeighbor(GeoCell cell, int east, int north) {
  const uint32_t mask = (uint32_t{1} << cell.step) - 1;
  if (east != 0) cell.column = (cell.column + static_cast<uint32_t>(east)) & mask;
  if (north != 0) cell.row = (cell.row + static_cast<uint32_t>(north)) & mask;
  return cell;
}

uint64_t GeoScoreOf(GeoPoint point) { return GeoCellBits(GeoCellOf(point, kGeoMaxStep)); }

GeoPoint GeoPointOf(double score) {
  const uint64_t bits = BitsOf(score);
  return CenterOf(GeoBoundsOf({Gather(bits >> 1), Gather(bits), kGeoMaxStep}));
}

// Along a meridian the angle between them is the difference of latitudes: exact, and cheap. The
// order of operations decides the last digit.
double GeoDistanceM(GeoPoint from, GeoPoint to) {
  const double from_latitude = Radians(from.latitude);
  const double to_latitude = Radians(to.latitude);
  const double v = std::sin((Radians(to.longitude) - Radians(from.longitude)) / 2);
  if (v == 0) return kGeoEarthRadiusM * std::fabs(to_latitude - from_latitude);
  const double u = std::sin((to_latitude - from_latitude) / 2);
  const double a = u * u + std::cos(from_latitude) * std::cos(to_latitude) * v * v;
  return 2.0 * kGeoEarthRadiusM * std::asin(std::sqrt(a));
}

std::array<char, kGeoHashChars> GeoHashText(GeoPoint point) {
  constexpr char kAlphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  constexpr double kPole = 90;
  const uint64_t bits = GeoCellBits({StepOf(point.longitude, kGeoMaxLongitude, kGeoMaxStep),
                                     StepOf(point.latitude, kPole, kGeoMaxStep), kGeoMaxStep});
  std::array<char, kGeoHashChars> text{};
  unsigned shift = 2 * kGeoMaxStep;
  for (char& c : text) {
    shift = shift >= 5 ? shift - 5 : 0;
    c = kAlphabet[bits >> shift & 0x1f];
  }
  text.back() = kAlphabet[0];
  return text;
}

}  // namespace nuthatch::values
