#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <sstream>

namespace nuthatch::fuzz {
namespace {

// Numbers near which formats break.
constexpr const char* kNumbers[] = {"-1",
                                    "0",
                                    "1",
                                    "-0",
                                    "00",
                                    "7",
                                    "16",
                                    "64",
                                    "255",
                                    "256",
                                    "1024",
                                    "16384",
                                    "16385",
                                    "65535",
                                    "65536",
                                    "1000000",
                                    "2147483647",
                                    "2147483648",
                                    "4294967296",
                                    "-2147483649",
                                    "536870912",
                                    "536870913",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "-9223372036854775808",
                                    "18446744073709551616",
                                    "99999999999999999999999"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string Mutator::Next() {
  std::string input;
  if (!pool_.empty() && Below(16) != 0) {
    input = pool_[Below(pool_.size())];
  } else {
    input = RandomBytes(64);
  }
  for (size_t changes = size_t{1} << Below(5); changes > 0; --changes) MutateOnce(&input);
  if (input.size() > max_bytes_) input.resize(max_bytes_);
  if (Below(32) == 0) {
    if (pool_.size() < kMaxPool) {
      pool_.push_back(input);
    } else {
      pool_[Below(pool_.size())] = input;
    }
  }
  return input;
}

void Mutator::MutateOnce(std::string* input) {
  size_t at = Below(input->size() + 1);
  size_t length = Below(std::min<size_t>(input->size() - at, 64) + 1);
  const std::string* other = pool_.empty() ? nullptr : &pool_[Below(pool_.size())];
  switch (Below(10)) {
    case 0:
      if (at < input->size()) (*input)[at] ^= static_cast<char>(1 << Below(8));
      break;
    case 1:
      if (at < input->size()) (*input)[at] = static_cast<char>(random_.Next());
      break;
    case 2:
      input->insert(at, RandomBytes(8));
      break;
    case 3:
      input->erase(at, length);
      break;
    case 4:
      input->insert(Below(input->size() + 1), input->substr(at, length));
      break;
    case 5:
      if (other != nullptr) input->insert(at, other->substr(Below(other->size() + 1), 64));
      break;
    case 6:
      if (other != nullptr) *input = input->substr(0, at) + other->substr(Below(other->size() + 1));
      break;
    case 7:
      ReplaceNumber(input);
      break;
    case 8:
      if (Below(8) == 0) input->resize(at);
      break;
    default:
      if (!words_.empty()) input->insert(at, words_[Below(words_.size())]);
  }
}

// Puts another number in place of the first digits behind a random place.
void Mutator::ReplaceNumber(std::string* input) {
  auto from = input->begin() + static_cast<ptrdiff_t>(Below(input->size() + 1));
  auto first = std::find_if(from, input->end(), IsDigit);
  auto last = std::find_if_not(first, input->end(), IsDigit);
  std::string number = Below(2) == 0 ? kNumbers[Below(std::size(kNumbers))]
                                     : std::to_string(Below(size_t{1} << Below(20)));
  input->replace(first, last, number);
}

std::string Mutator::RandomBytes(size_t max) {
  std::string bytes(Below(max + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random_.Next());
  return bytes;
}

std::vector<std::string> ParseDictionary(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    size_t open = line.find('"');
    size_t close = line.rfind('"');
    if (line.starts_with('#') || open == close) continue;
    std::string word;
    for (size_t i = open + 1; i < close; ++i) {
      bool escape = line[i] == '\\' && i + 1 < close;
      if (escape) ++i;
      if (escape && line[i] == 'x') {
        word += static_cast<char>(std::stoi(line.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        word += line[i];
      }
    }
    words.push_back(word);
  }
  return words;
}

}  // namespace nuthatch::fuzz
