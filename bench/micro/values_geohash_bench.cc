// What places cost: nanoseconds to make a score of one, to decode it, to measure a distance, to
// find a search's ranges, and to judge a place that a search meets.
#include <vector>

#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/values/geo_shape.h"
#include "server/values/geohash.h"

namespace nuthatch::values {
namespace {

constexpr size_t kPoints = 4096;

std::vector<GeoPoint> Points(double spread) {
  base::Random random(1);
  auto part = [&] { return static_cast<double>(random.Below(1'000'000)) / 1e6 - 0.5; };
  std::vector<GeoPoint> points(kPoints);
  for (GeoPoint& point : points) point = {13.4 + part() * spread, 52.5 + part() * spread};
  return points;
}

std::vector<double> Scores(double spread) {
  std::vector<double> scores;
  for (GeoPoint point : Points(spread)) scores.push_back(static_cast<double>(GeoScoreOf(point)));
  return scores;
}

void BM_Encode(benchmark::State& state) {
  const auto points = Points(1);
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(GeoScoreOf(points[i++ % kPoints]));
}
BENCHMARK(BM_Encode);

void BM_Decode(benchmark::State& state) {
  const auto scores = Scores(1);
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(GeoPointOf(scores[i++ % kPoints]));
}
BENCHMARK(BM_Decode);

void BM_Text(benchmark::State& state) {
  const auto points = Points(1);
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(GeoHashText(points[i++ % kPoints]));
}
BENCHMARK(BM_Text);

void BM_Distance(benchmark::State& state) {
  const auto points = Points(1);
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(GeoDistanceM(points[i % kPoints], points[(i + 1) % kPoints]));
    ++i;
  }
}
BENCHMARK(BM_Distance);

void BM_Ranges(benchmark::State& state) {
  const auto points = Points(1);
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(GeoShape::Circle(points[i++ % kPoints], 3, 1000).Ranges());
  }
}
BENCHMARK(BM_Ranges);

// The argument is the radius, or the width and height, in kilometers.
template <typename Make>
void Judge(benchmark::State& state, const Make& make) {
  const auto scores = Scores(1);
  const GeoShape shape = make({13.4, 52.5});
  size_t i = 0;
  size_t within = 0;
  for (auto _ : state) {
    const auto distance = shape.DistanceWithin(GeoPointOf(scores[i++ % kPoints]));
    within += distance.has_value();
    benchmark::DoNotOptimize(distance);
  }
  state.counters["within"] = static_cast<double>(within) / static_cast<double>(i);
}
void BM_JudgeCircle(benchmark::State& state) {
  Judge(state, [&](GeoPoint center) {
    return GeoShape::Circle(center, static_cast<double>(state.range(0)), 1000);
  });
}
BENCHMARK(BM_JudgeCircle)->Arg(5)->Arg(20)->Arg(40)->Arg(100);
void BM_JudgeBox(benchmark::State& state) {
  Judge(state, [&](GeoPoint center) {
    return GeoShape::Box(center, static_cast<double>(state.range(0)),
                         static_cast<double>(state.range(0)), 1000);
  });
}
BENCHMARK(BM_JudgeBox)->Arg(10)->Arg(40)->Arg(200);

}  // namespace
}  // namespace nuthatch::values
