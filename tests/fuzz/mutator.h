// Mutator: makes inputs for a fuzz target out of seeds, a dictionary and nothing, from one number;
// the same number makes the same inputs. It follows no coverage (libFuzzer does): it lets every
// target run everywhere, and finds what lies near the seeds.
//
// One owner, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/base/random.h"

namespace nuthatch::fuzz {

class Mutator {
 public:
  // Inputs get up to `max_bytes` long.
  Mutator(uint64_t seed, size_t max_bytes) : random_(seed), max_bytes_(max_bytes) {}

  void AddSeed(std::string input) { pool_.push_back(std::move(input)); }
  void AddWord(std::string word) { words_.push_back(std::move(word)); }

  std::string Next();

 private:
  static constexpr size_t kMaxPool = 1024;

  void MutateOnce(std::string* input);
  void ReplaceNumber(std::string* input);
  std::string RandomBytes(size_t max);
  size_t Below(size_t bound) { return static_cast<size_t>(random_.Below(bound)); }

  base::Random random_;
  size_t max_bytes_;
  // Seeds, and now and then a made input, so that changes add up.
  std::vector<std::string> pool_;
  std::vector<std::string> words_;
};

// The words of a libFuzzer dictionary: lines of the form name="bytes", or "bytes" alone, with \xHH,
// \" and \\; '#' starts a comment. Lines of another form are passed over.
std::vector<std::string> ParseDictionary(const std::string& text);

}  // namespace nuthatch::fuzz
