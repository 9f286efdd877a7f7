// The pools that arguments are drawn from, and the walk over an argument tree.
//
// The pools are small on purpose: few keys that many commands meet on, with values at the edges
// (limits of integers and of the embstr encoding, binary and empty strings, odd floats). All
// choices come from one seeded generator, so a seed names a run.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/random.h"
#include "tests/oracle/catalogue.h"
#include "tests/oracle/step.h"

namespace nuthatch::oracle {

// Deadlines stay clear of the clock, or so near that one can wait for them (see hazards.h).
// Relative ones lie in [kRelativeMinMs, kRelativeMaxMs], absolute ones before kPastMs or behind
// kFarMs: so a deadline tells by its value whether both servers must agree to the millisecond.
constexpr int64_t kRelativeMinMs = 1'000'000'000;
constexpr int64_t kRelativeMaxMs = 4'000'000'000;
constexpr int64_t kPastMs = 1'700'000'000'000;
constexpr int64_t kFarMs = 2'200'000'000'000;
constexpr int64_t kSoonMaxMs = 5;

// The one key that holds big values, so that LCS (whose cost is a product) can keep away from it.
constexpr char kBigKey[] = "big";

class Maker {
 public:
  Maker(const Catalogue& catalogue, const std::vector<std::string>& payloads, uint64_t seed)
      : catalogue_(catalogue), payloads_(payloads), random_(seed) {}

  // --- chance ---
  base::Random& random() { return random_; }
  size_t Below(size_t bound) { return random_.Below(bound); }
  bool Chance(int percent) { return Below(100) < static_cast<size_t>(percent); }
  std::string Pick(std::initializer_list<std::string_view> words) {
    return std::string(words.begin()[Below(words.size())]);
  }

  // --- pools ---
  std::string Key();
  std::string HllKey();   // for HyperLogLogs
  std::string ListKey();  // for lists
  std::string HashKey();  // for hashes
  std::string Value();
  std::string ShortText();
  std::string LongText();
  std::string RunsText();  // long runs of equal bits
  std::string BigText();   // more than any buffer of a connection; for kBigKey
  std::string Pattern();
  std::string Integer();       // mostly valid
  std::string SmallInteger();  // in [-20, 20]
  std::string WrongInteger();  // overflowing, padded, signed, empty, ...
  std::string Double();
  std::string Database();
  std::string RelativeTime(bool milliseconds);
  std::string UnixTime(bool milliseconds);
  std::string Payload();  // for RESTORE: one in three is spoiled
  std::string JunkWord();
  // `word` in upper, lower or mixed case.
  std::string Cased(std::string_view word);

  // The time of the IDs of streams: it goes up with what is added.
  uint64_t stream_clock() const { return stream_clock_; }
  uint64_t AdvanceStreamClock() { return stream_clock_ += 1 + (Below(8) == 0 ? Below(300) : 0); }

  // Appends what the argument tree allows, options left out, repeated and reordered at random.
  void EmitArguments(const std::vector<Argument>& arguments, Argv* argv);
  // A random call of a command that both servers have, name included.
  Argv AnyCall();
  const Catalogue& catalogue() const { return catalogue_; }
  std::string AnyCommandName();

 private:
  void Emit(const Argument& argument, Argv* argv);
  void EmitOnce(const Argument& argument, Argv* argv);

  const Catalogue& catalogue_;
  const std::vector<std::string>& payloads_;
  base::Random random_;
  uint64_t stream_clock_ = 1;
};

}  // namespace nuthatch::oracle
