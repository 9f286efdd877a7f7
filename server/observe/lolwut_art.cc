// Trunks stand side by side, each with bark of its own. A seed ('o') sits in a crack here and
// there, more of them further down, and the bird itself on one of the trunks, head first.
#include "server/observe/lolwut_art.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "server/base/random.h"

namespace nuthatch::observe {
namespace {

constexpr std::string_view kBarks[] = {"|:  :|", "|' .'|", "|.  '|", "|  : |", "|: ' |"};
constexpr std::string_view kBird[] = {" \\_/", "  v>"};

struct Trunk {
  int left = 0;
  size_t bark = 0;
};

std::vector<Trunk> Plant(int columns, base::Random& random) {
  std::vector<Trunk> trunks;
  int left = static_cast<int>(random.Below(5));
  while (left + 6 <= columns) {
    trunks.push_back({left, static_cast<size_t>(random.Below(std::size(kBarks)))});
    left += 7 + static_cast<int>(random.Below(6));
  }
  return trunks;
}

void Grow(const Trunk& trunk, std::vector<std::string>& lines, base::Random& random) {
  std::string_view bark = kBarks[trunk.bark];
  int rows = static_cast<int>(lines.size());
  for (int row = 0; row < rows; ++row) {
    for (size_t i = 0; i < bark.size(); ++i) {
      char& place = lines[static_cast<size_t>(row)][static_cast<size_t>(trunk.left) + i];
      bool edge = i == 0 || i + 1 == bark.size();
      place = edge ? bark[i] : bark[1 + (i + static_cast<size_t>(row) * 3) % (bark.size() - 2)];
      bool hides = !edge && static_cast<int>(random.Below(12 * static_cast<uint64_t>(rows))) < row;
      if (hides) place = 'o';
    }
  }
}

}  // namespace

std::string DrawWood(int columns, int rows, uint64_t seed) {
  base::Random random(seed);
  std::vector<std::string> lines(static_cast<size_t>(rows),
                                 std::string(static_cast<size_t>(columns), ' '));
  std::vector<Trunk> trunks = Plant(columns, random);
  for (const Trunk& trunk : trunks) Grow(trunk, lines, random);
  if (!trunks.empty() && rows > 3) {
    const Trunk& perch = trunks[random.Below(trunks.size())];
    size_t row = random.Below(static_cast<uint64_t>(rows) - 2);
    for (std::string_view part : kBird) {
      lines[row++].replace(static_cast<size_t>(perch.left) + 1, part.size(), part);
    }
  }
  std::string text;
  for (const std::string& line : lines) text.append(line).append("\n");
  return text;
}

}  // namespace nuthatch::observe
