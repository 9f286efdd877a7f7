#include "tests/oracle/hazards.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "server/base/numbers.h"
#include "tests/oracle/maker.h"

namespace nuthatch::oracle {
namespace {

constexpr int kSoonWaitMs = 12;
constexpr long double kLongestWait = 0.01L;  // seconds
constexpr uint64_t kSoonIsRare = 12;         // waiting is what makes a run slow
constexpr int64_t kMaxOffset = 20'000;
constexpr int64_t kMaxPicks = 500;
constexpr int64_t kMaxString = 512LL * 1024 * 1024;

// What a deadline needs besides being sent.
struct Followup {
  bool wait = false;
  bool look = false;
};

int64_t Spread(base::Random& random, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random.Below(static_cast<uint64_t>(high - low)));
}

// `text` is a time from now, in units of `unit` ms.
void SafeRelative(base::Random& random, int64_t unit, std::string* text, Followup* followup) {
  auto value = base::ParseInt64(*text);
  if (!value || *value <= 0) return;
  if (*value > std::numeric_limits<int64_t>::max() / unit) return;  // refused: too large
  int64_t ms = *value * unit;
  if (ms <= kSoonMaxMs && random.Below(kSoonIsRare) == 0) {
    followup->wait = followup->look = true;
    return;
  }
  if (ms >= kRelativeMinMs && ms <= kRelativeMaxMs) return;
  // Larger than that up to the overflow with the clock added: refused by both.
  if (ms > std::numeric_limits<int64_t>::max() - kPastMs) return;
  *text = std::to_string(Spread(random, kRelativeMinMs, kRelativeMaxMs) / unit);
}

void SafeAbsolute(base::Random& random, int64_t unit, std::string* text, Followup* followup) {
  auto value = base::ParseInt64(*text);
  if (!value || *value > std::numeric_limits<int64_t>::max() / unit) return;
  int64_t ms = std::max(*value, std::numeric_limits<int64_t>::min() / unit) * unit;
  if (ms < kPastMs) {
    followup->look = true;
  } else if (ms < kFarMs) {
    *text = std::to_string(Spread(random, kFarMs, 2 * kFarMs) / unit);
  }
}

void SafeOptions(base::Random& random, Argv* argv, Followup* followup) {
  for (size_t i = 2; i + 1 < argv->size(); ++i) {
    std::string word = Lower((*argv)[i]);
    std::string* number = &(*argv)[i + 1];
    if (word == "ex") SafeRelative(random, 1000, number, followup);
    if (word == "px") SafeRelative(random, 1, number, followup);
    if (word == "exat") SafeAbsolute(random, 1000, number, followup);
    if (word == "pxat") SafeAbsolute(random, 1, number, followup);
  }
}

void SafeOffset(std::string* text) {
  auto value = base::ParseInt64(*text);
  if (value && *value > kMaxOffset && *value < kMaxString) *text = std::to_string(*value % 1000);
}

// The same for the offset of a bit.
void SafeBitOffset(std::string* text) {
  auto value = base::ParseInt64(*text);
  if (value && *value > kMaxOffset * 8 && *value < kMaxString * 8) {
    *text = std::to_string(*value % 1000);
  }
}

// And for those of BITFIELD's writes: "#n" counts fields; their product wraps.
void SafeFieldOffsets(Argv* argv) {
  for (size_t i = 2; i + 2 < argv->size(); ++i) {
    std::string word = Lower((*argv)[i]);
    if (word != "set" && word != "incrby") continue;
    std::string* offset = &(*argv)[i + 2];
    if (!offset->starts_with('#')) {
      SafeBitOffset(offset);
      continue;
    }
    const std::string& type = (*argv)[i + 1];
    auto bits = base::ParseInt64(type.empty() ? "" : std::string_view(type).substr(1));
    auto number = base::ParseInt64(std::string_view(*offset).substr(1));
    if (!bits || !number) continue;
    auto product =
        static_cast<int64_t>(static_cast<uint64_t>(*bits) * static_cast<uint64_t>(*number));
    if (product > kMaxOffset * 8 && product < kMaxString * 8) {
      *offset = "#" + std::to_string(static_cast<uint64_t>(*number) % 100);
    }
  }
}

constexpr std::string_view kEndOfRun("\0", 1);

// Whether it writes bytes into what may be a HyperLogLog. Where the first byte of a run of two is
// the last one then, Redis reads, and writes, a byte behind the value.
bool MayCutRun(const std::string& name, const Argv& argv) {
  static constexpr std::string_view kWriters[] = {"setbit", "bitfield", "setrange", "append"};
  if (name == "append" && argv.size() == 3 && argv[2] == kEndOfRun) return false;
  return argv.size() > 2 && argv[1].find("hll") != std::string::npos &&
         std::find(std::begin(kWriters), std::end(kWriters), name) != std::end(kWriters);
}

// A command that waits has a timeout that soon ends, or one that is refused.
void SafeTimeout(const std::string& name, Argv* argv) {
  static constexpr std::string_view kAtTheEnd[] = {"blpop",      "brpop",    "blmove",
                                                   "brpoplpush", "bzpopmin", "bzpopmax"};
  std::string* text = nullptr;
  if (name == "blmpop" || name == "bzmpop") text = argv->size() > 1 ? &(*argv)[1] : nullptr;
  if (std::find(std::begin(kAtTheEnd), std::end(kAtTheEnd), name) != std::end(kAtTheEnd)) {
    text = &argv->back();
  }
  if (text == nullptr) return;
  auto seconds = base::ParseLongDouble(*text);
  if (!seconds || *seconds <= -0.001L || (*seconds > 0 && *seconds <= kLongestWait)) return;
  // What is beyond 64 bits of milliseconds is refused.
  if (*seconds < 9.3e15L) *text = "0.002";
}

// So many elements, of which some come several times, would take gigabytes. The least number is
// refused.
void SafePickCount(std::string* text) {
  auto value = base::ParseInt64(*text);
  if (value && *value < -kMaxPicks && *value != std::numeric_limits<int64_t>::min()) {
    *text = std::to_string(*value % kMaxPicks);
  }
}

// An ID that the clock makes differs between the servers.
void SafeStreamId(Argv* argv) {
  for (size_t i = 2; i < argv->size(); ++i) {
    if ((*argv)[i] == "*") (*argv)[i] = "77-*";
  }
}

// Whether an option, which stands behind RESTORE's payload, is `wanted`. A key may have its name.
bool HasOption(const Argv& argv, std::string_view wanted) {
  return argv.size() > 4 && std::any_of(argv.begin() + 4, argv.end(), [&](const std::string& word) {
           return Lower(word) == wanted;
         });
}

Followup SafeTimes(base::Random& random, const std::string& name, Argv* argv) {
  Followup followup;
  if (name == "set" || name == "getex") SafeOptions(random, argv, &followup);
  if (argv->size() < 3) return followup;
  std::string* second = &(*argv)[2];
  if (name == "setex" || name == "expire") SafeRelative(random, 1000, second, &followup);
  if (name == "psetex" || name == "pexpire") SafeRelative(random, 1, second, &followup);
  if (name == "expireat") SafeAbsolute(random, 1000, second, &followup);
  if (name == "pexpireat") SafeAbsolute(random, 1, second, &followup);
  if (name == "setrange") SafeOffset(second);
  if (name == "setbit") SafeBitOffset(second);
  if (name == "bitfield") SafeFieldOffsets(argv);
  if (name.ends_with("randmember") || name == "hrandfield") SafePickCount(second);
  if (name == "lcs")
    std::replace(argv->begin(), argv->end(), std::string(kBigKey), std::string("a"));
  if (name == "restore") {
    if (HasOption(*argv, "absttl")) {
      SafeAbsolute(random, 1, second, &followup);
    } else {
      SafeRelative(random, 1, second, &followup);
    }
  }
  return followup;
}

}  // namespace

void MakeSafe(base::Random& random, Steps* group, size_t index) {
  if ((*group)[index].argv.empty()) return;
  const std::string name = Lower((*group)[index].argv[0]);
  if (MayCutRun(name, (*group)[index].argv)) {
    Step end;
    end.argv = {"APPEND", (*group)[index].argv[1], std::string(kEndOfRun)};
    end.glued = true;
    group->insert(group->begin() + static_cast<long>(index) + 1, end);
  }
  Step& step = (*group)[index];
  SafeTimeout(name, &step.argv);
  if (name == "xadd") SafeStreamId(&step.argv);
  Followup followup = SafeTimes(random, name, &step.argv);
  if (!followup.look) return;
  if (followup.wait) {
    step.wait_ms = kSoonWaitMs;
    step.cut_after = true;
  }
  Step look;
  look.argv = {"EXISTS", step.argv[1]};
  look.glued = true;
  group->insert(group->begin() + static_cast<long>(index) + 1, look);
}

}  // namespace nuthatch::oracle
