// Elements for the model tests of compact forms: integers around every width, strings around every
// length that is written in another way, and words that look like numbers and are none.
#pragma once

#include <cstdint>
#include <string>

#include "server/base/numbers.h"
#include "server/base/random.h"

namespace nuthatch::values {

inline int64_t RandomInteger(base::Random& random) {
  auto bits = static_cast<int>(random.Below(64));
  auto value = static_cast<int64_t>(random.Next() >> bits);
  // On an edge as often as anywhere.
  if (random.Below(2) == 0) value = static_cast<int64_t>((uint64_t{1} << bits) - random.Below(3));
  return random.Below(2) == 0 ? value : static_cast<int64_t>(-static_cast<uint64_t>(value));
}

inline std::string RandomElement(base::Random& random) {
  static constexpr const char* kOdd[] = {"", "-", "-0", "00", "+1", "9223372036854775808", "1 "};
  static constexpr size_t kLengths[] = {63, 64, 125, 126, 127, 4095, 4096};
  switch (random.Below(16)) {
    case 0:
      return kOdd[random.Below(std::size(kOdd))];
    case 1: {
      auto fill = static_cast<char>('a' + random.Below(26));
      size_t length = kLengths[random.Below(std::size(kLengths))];
      // Long ones are rare, for everything behind them is moved.
      return std::string(random.Below(8) == 0 ? length : length % 129, fill);
    }
    case 2:
    case 3:
    case 4:
    case 5:
      return base::FormatInt64(RandomInteger(random));
    default: {
      std::string word(random.Below(20), ' ');
      for (char& c : word) c = static_cast<char>('a' + random.Below(26));
      return word;
    }
  }
}

}  // namespace nuthatch::values
