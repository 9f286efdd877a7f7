#include "tools/replay/plot.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include <fmt/core.h>

namespace nuthatch::replay {

namespace {

constexpr size_t kMargin = 6;  // "100% |"
constexpr size_t kTicks = 4;   // above the lowest

struct Glyphs {
  std::string_view bar, tick, corner, dash, foot;
};
constexpr Glyphs kUnicode = {"│", "┤", "└", "─", "┴"};
constexpr Glyphs kAscii = {"|", "+", "+", "-", "+"};

// Columns of the points, the curves' values at each column, and the range of y.
class Area {
 public:
  Area(const std::vector<Curve>& curves, const PlotAxes& axes)
      : width_(axes.width > kMargin + 20 ? axes.width - kMargin : 20),
        height_(std::max<size_t>(axes.height / kTicks, 1) * kTicks + 1),
        order_(axes.x.size()) {
    std::iota(order_.begin(), order_.end(), size_t{0});
    std::ranges::sort(order_, {}, [&](size_t i) { return axes.x[i]; });
    double first = std::log(axes.x[order_.front()]);
    double span = std::log(axes.x[order_.back()]) - first;
    for (size_t i : order_) {
      double share = span > 0 ? (std::log(axes.x[i]) - first) / span : 0.5;
      columns_.push_back(static_cast<size_t>(std::lround(share * static_cast<double>(width_ - 1))));
    }
    SetRange(curves);
  }

  size_t width() const { return width_; }
  size_t height() const { return height_; }
  const std::vector<size_t>& order() const { return order_; }
  const std::vector<size_t>& columns() const { return columns_; }
  double ValueOfLine(size_t line) const {
    return high_ - (high_ - low_) * static_cast<double>(line) / static_cast<double>(height_ - 1);
  }
  size_t LineOf(double y) const {
    double share = (high_ - y) / (high_ - low_);
    return static_cast<size_t>(
        std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(height_ - 1)));
  }
  // The curve's lines at its columns from the first point to the last.
  void Draw(const Curve& curve, std::vector<std::string>& lines) const {
    for (size_t i = 0; i < columns_.size(); ++i) {
      Mark(lines, columns_[i], curve.y[order_[i]], curve.mark);
      if (i + 1 == columns_.size()) break;
      auto steps = static_cast<double>(columns_[i + 1] - columns_[i]);
      for (size_t column = columns_[i] + 1; column < columns_[i + 1]; ++column) {
        double share = static_cast<double>(column - columns_[i]) / steps;
        Mark(lines, column, std::lerp(curve.y[order_[i]], curve.y[order_[i + 1]], share),
             curve.mark);
      }
    }
  }

 private:
  void SetRange(const std::vector<Curve>& curves) {
    constexpr double kRound = kTicks;  // so that each tick is a whole number
    double low = 100, high = 0;
    for (const Curve& curve : curves) {
      for (double y : curve.y) {
        low = std::min(low, y);
        high = std::max(high, y);
      }
    }
    low_ = std::floor(low / kRound) * kRound;
    high_ = std::min(std::max(std::ceil(high / kRound) * kRound, low_ + kRound), 100.0);
    low_ = std::min(low_, high_ - kRound);
  }
  void Mark(std::vector<std::string>& lines, size_t column, double y, char mark) const {
    lines[LineOf(y)][column] = mark;
  }

  size_t width_;
  size_t height_;
  std::vector<size_t> order_;    // of the points, by x
  std::vector<size_t> columns_;  // in that order
  double low_ = 0;
  double high_ = 100;
};

std::string XAxis(const Area& area, const PlotAxes& axes, const Glyphs& glyphs) {
  std::string line = fmt::format("{:>{}}{}", "", kMargin - 1, glyphs.corner);
  for (size_t column = 0; column < area.width(); ++column) {
    bool is_point = std::ranges::find(area.columns(), column) != area.columns().end();
    line += is_point ? glyphs.foot : glyphs.dash;
  }
  std::string labels(kMargin + area.width(), ' ');
  size_t free = 0;  // where the last label ended
  for (size_t i = 0; i < area.order().size(); ++i) {
    const std::string& label = axes.x_labels[area.order()[i]];
    size_t middle = kMargin + area.columns()[i];
    size_t begin = middle - std::min(middle, label.size() / 2);
    begin = std::min(begin, labels.size() - std::min(labels.size(), label.size()));
    if (begin < free) continue;
    labels.replace(begin, label.size(), label);
    free = begin + label.size() + 1;
  }
  labels.erase(labels.find_last_not_of(' ') + 1);
  return line + "\n" + labels + "\n";
}

std::string Legend(const std::vector<Curve>& curves, size_t width) {
  std::string text;
  std::string line;
  for (const Curve& curve : curves) {
    std::string item = fmt::format("{} {}", curve.mark, curve.name);
    if (!line.empty() && kMargin + line.size() + 3 + item.size() > width) {
      text += std::string(kMargin, ' ') + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : "   ") + item;
  }
  return text + std::string(kMargin, ' ') + line + "\n";
}

}  // namespace

std::string DrawPlot(const std::vector<Curve>& curves, const PlotAxes& axes) {
  const Glyphs& glyphs = axes.ascii ? kAscii : kUnicode;
  Area area(curves, axes);
  std::vector<std::string> lines(area.height(), std::string(area.width(), ' '));
  for (size_t i = curves.size(); i-- > 0;) area.Draw(curves[i], lines);
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    bool is_tick = i % (area.height() / kTicks) == 0;
    text += is_tick ? fmt::format("{:4.0f}%{}", area.ValueOfLine(i), glyphs.tick)
                    : fmt::format("{:>{}}{}", "", kMargin - 1, glyphs.bar);
    lines[i].erase(lines[i].find_last_not_of(' ') + 1);
    text += lines[i] + "\n";
  }
  return text + XAxis(area, axes, glyphs) + Legend(curves, axes.width);
}

}  // namespace nuthatch::replay
