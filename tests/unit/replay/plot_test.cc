#include "tools/replay/plot.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

namespace nuthatch::replay {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Characters of UTF-8.
size_t Columns(const std::string& line) {
  size_t columns = 0;
  for (char c : line) columns += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return columns;
}

PlotAxes Ascii(std::vector<double> x, std::vector<std::string> labels) {
  PlotAxes axes;
  axes.x = std::move(x);
  axes.x_labels = std::move(labels);
  axes.width = 37;
  axes.height = 8;
  axes.ascii = true;
  return axes;
}

TEST(Plot, DrawsCurvesFromPointToPoint) {
  std::vector<Curve> curves = {{.name = "rise", .mark = '#', .y = {40, 48, 56}},
                               {.name = "flat", .mark = 'o', .y = {40, 40, 40}}};
  EXPECT_EQ(DrawPlot(curves, Ascii({1, 10, 100}, {"1%", "10%", "100%"})),
            "  56%+                             ##\n"
            "     |                         ####\n"
            "  52%+                     ####\n"
            "     |                 ####\n"
            "  48%+              ###\n"
            "     |          ####\n"
            "  44%+      ####\n"
            "     |  ####\n"
            "  40%+##ooooooooooooooooooooooooooooo\n"
            "     ++--------------+--------------+\n"
            "     1%             10%          100%\n"
            "      # rise   o flat\n");
}

TEST(Plot, PlacesSizesByTheirLogarithmInAnyOrder) {
  std::vector<Curve> curves = {{.name = "a", .mark = '#', .y = {60, 20, 40}}};
  std::vector<Curve> sorted = {{.name = "a", .mark = '#', .y = {20, 40, 60}}};
  EXPECT_EQ(DrawPlot(curves, Ascii({100, 1, 10}, {"100%", "1%", "10%"})),
            DrawPlot(sorted, Ascii({1, 10, 100}, {"1%", "10%", "100%"})));
}

TEST(Plot, TakesOneSizeAndValuesThatDoNotDiffer) {
  for (double y : {0.0, 55.0, 100.0}) {
    std::vector<Curve> curves = {{.name = "a", .mark = '#', .y = {y}}};
    std::string text = DrawPlot(curves, Ascii({10}, {"10%"}));
    EXPECT_EQ(std::ranges::count(text, '#'), 2) << text;
  }
}

TEST(Plot, FitsIntoEightyColumns) {
  std::vector<Curve> curves;
  for (char mark : {'a', 'b', 'c', 'd', 'e', 'f'}) {
    curves.push_back({.name = "a policy of that name", .mark = mark, .y = {1, 2, 3, 5, 8, 99.9}});
  }
  PlotAxes axes;
  axes.x = {1, 1.01, 2, 5, 10, 25};
  axes.x_labels = {"1.0000%", "1.0001%", "2%", "5%", "10%", "25%"};
  for (bool ascii : {false, true}) {
    axes.ascii = ascii;
    for (const std::string& line : Lines(DrawPlot(curves, axes))) {
      EXPECT_LE(Columns(line), 78U) << line;
      if (ascii) {
        EXPECT_EQ(Columns(line), line.size());
      }
    }
  }
}

}  // namespace
}  // namespace nuthatch::replay
