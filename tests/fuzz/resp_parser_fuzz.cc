// LINKS: resp
//
// The request parser against a plain one that was written beside it, and against itself: the bytes
// in one piece, byte by byte, and cut at random must give the same commands, error and count of
// bytes. The first four bytes of the input choose limits and cuts.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "server/base/check.h"
#include "server/base/random.h"
#include "tests/unit/resp/parse_in_pieces.h"

namespace {

using nuthatch::base::Random;
using nuthatch::resp::ParseInPieces;
using nuthatch::resp::ParseOutcome;
using nuthatch::resp::ReferenceParser;
using nuthatch::resp::RequestParser;

// Small limits too, which short inputs reach.
RequestParser::Limits ChooseLimits(uint8_t choice) {
  RequestParser::Limits limits;
  limits.authenticated = (choice & 1) != 0;
  if ((choice & 2) != 0) limits.max_line_bytes = 16 + choice / 4;
  if ((choice & 4) != 0) limits.max_bulk_bytes = choice;
  if ((choice & 12) == 8) limits.max_bulk_bytes = INT64_MAX;
  return limits;
}

std::vector<size_t> ChooseCuts(Random* random, size_t size, size_t count) {
  std::vector<size_t> cuts(count);
  for (size_t& cut : cuts) cut = static_cast<size_t>(random->Below(size + 1));
  std::sort(cuts.begin(), cuts.end());
  return cuts;
}

void Expect(const ParseOutcome& expected, const std::string& input,
            const RequestParser::Limits& limits, const std::vector<size_t>& cuts) {
  std::string broken;
  ParseOutcome outcome = ParseInPieces(input, limits, cuts, &broken);
  if (!broken.empty()) std::fprintf(stderr, "broken rule: %s\n", broken.c_str());
  CHECK(broken.empty());
  if (outcome != expected) {
    std::fprintf(stderr, "%zu commands, %zu bytes, '%s'; expected %zu, %zu, '%s'\n",
                 outcome.commands.size(), outcome.consumed, outcome.error.c_str(),
                 expected.commands.size(), expected.consumed, expected.error.c_str());
  }
  CHECK(outcome == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHead = 4;
  constexpr size_t kBytewiseMax = 512;
  if (size < kHead) return 0;
  RequestParser::Limits limits = ChooseLimits(data[0]);
  Random random(data[1] + 256u * data[2]);
  std::string input(data + kHead, data + size);
  ParseOutcome expected = ReferenceParser(input, limits).Run();
  Expect(expected, input, limits, {});
  Expect(expected, input, limits, ChooseCuts(&random, input.size(), 1 + data[3] % 16));
  if (input.size() <= kBytewiseMax) {
    std::vector<size_t> cuts(input.size());
    for (size_t i = 0; i < cuts.size(); ++i) cuts[i] = i;
    Expect(expected, input, limits, cuts);
  }
  return 0;
}
