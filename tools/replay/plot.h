// A plot of curves in a terminal, of letters.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace nuthatch::replay {

struct Curve {
  std::string name;
  char mark = '*';
  std::vector<double> y;  // a point for each x
};

struct PlotAxes {
  std::vector<double> x;              // positive; at least one
  std::vector<std::string> x_labels;  // one each
  size_t width = 78;                  // columns in all
  size_t height = 16;                 // lines of the area, about
  bool ascii = false;                 // no lines of Unicode
};

// The x axis is logarithmic; between its points curves are straight lines. y runs from a round
// number below all of them to one above, "%" beside each. Where curves meet, the first one is seen.
// Lines end with LF; a legend follows.
std::string DrawPlot(const std::vector<Curve>& curves, const PlotAxes& axes);

}  // namespace nuthatch::replay
