// The runs of a sparse HyperLogLog.
//
// A register is raised by replacing the run that covers it: by the part before it, a run of its new
// value, and the part behind it. Then neighbours of one value are joined, but only a few: Redis
// looks at five runs from the one before the change on, and its strings would differ otherwise.
//
// Where a string ends within a run of two bytes, the second byte counts as 0, and the change of
// such a run loses its last byte: Redis does so.
#include <algorithm>
#include <cstring>

#include "server/base/numbers.h"
#include "server/values/hyperloglog.h"
#include "server/values/hyperloglog_runs.h"

namespace nuthatch::values {
namespace {

constexpr uint8_t kValueBit = 0x80;
constexpr uint8_t kLongZerosBit = 0x40;
constexpr size_t kMostShortZeros = 64;
constexpr size_t kMostValueRun = 4;
// How many runs are looked at after a change, and the bytes that they can reach behind it.
constexpr int kJoinLooks = 5;
constexpr size_t kJoinReach = 12;

bool IsValueRun(char first) { return (static_cast<uint8_t>(first) & kValueBit) != 0; }

struct Run {
  size_t size;    // in bytes, as the first one says it
  size_t length;  // in registers
  int value;      // 0: a run of zeros
};

// REQUIRES: at < runs.size().
Run RunAt(std::string_view runs, size_t at) {
  auto first = static_cast<uint8_t>(runs[at]);
  if ((first & kValueBit) != 0) {
    return {.size = 1, .length = (first & 3U) + 1, .value = ((first >> 2) & 31) + 1};
  }
  if ((first & kLongZerosBit) == 0) return {.size = 1, .length = first + size_t{1}, .value = 0};
  size_t second = at + 1 < runs.size() ? static_cast<uint8_t>(runs[at + 1]) : 0;
  return {.size = 2, .length = ((first & 0x3fU) << 8 | second) + 1, .value = 0};
}

char ValueRun(int value, size_t length) {
  return static_cast<char>(kValueBit | ((value - 1) << 2) | static_cast<int>(length - 1));
}

std::string_view RunsOf(std::string_view bytes) { return bytes.substr(kHllHeaderSize); }

// Calls visit(index, length, value) for each run; false if they don't cover the registers exactly
// (what comes before the fault has been visited).
template <typename Visit>
bool ForEachRun(std::string_view bytes, const Visit& visit) {
  std::string_view runs = RunsOf(bytes);
  size_t index = 0;
  for (size_t at = 0; at < runs.size();) {
    Run run = RunAt(runs, at);
    if (run.length > kHllRegisters - index) return false;
    visit(index, run);
    index += run.length;
    at += run.size;
  }
  return index == kHllRegisters;
}

// A few runs that are being made.
class Window {
 public:
  explicit Window(HllSparseChange* change) : change_(*change) {}

  void Append(std::string_view bytes) {
    std::memcpy(change_.inserted.data() + size(), bytes.data(), bytes.size());
    change_.inserted_size += bytes.size();
  }
  void AppendRun(int value, size_t length) {
    if (length == 0) return;
    if (value > 0) return Push(ValueRun(value, length));
    if (length <= kMostShortZeros) return Push(static_cast<char>(length - 1));
    Push(static_cast<char>(kLongZerosBit | ((length - 1) >> 8)));
    Push(static_cast<char>((length - 1) & 0xff));
  }
  void DropLast() { --change_.inserted_size; }
  void JoinValues();
  size_t size() const { return change_.inserted_size; }

 private:
  void Push(char byte) { change_.inserted[change_.inserted_size++] = byte; }
  std::string_view view() const { return {change_.inserted.data(), size()}; }

  HllSparseChange& change_;
};

void Window::JoinValues() {
  size_t at = 0;
  for (int looks = 0; looks < kJoinLooks && at < size(); ++looks) {
    Run run = RunAt(view(), at);
    if (run.value > 0 && at + 1 < size() && IsValueRun(view()[at + 1])) {
      Run next = RunAt(view(), at + 1);
      if (next.value == run.value && run.length + next.length <= kMostValueRun) {
        char* bytes = change_.inserted.data() + at;
        bytes[1] = ValueRun(run.value, run.length + next.length);
        std::memmove(bytes, bytes + 1, size() - at - 1);
        --change_.inserted_size;
        continue;  // it may have another neighbour
      }
    }
    at += run.size;
  }
}

}  // namespace

HllSparseChange PlanHllSparseRaise(std::string_view bytes, HllPlace place, size_t max_bytes) {
  using Kind = HllSparseChange::Kind;
  HllSparseChange change;
  change.kind = Kind::kPromote;
  if (place.rank > kHllMostSparseValue) return change;

  std::string_view runs = RunsOf(bytes);
  size_t at = 0;
  size_t previous = 0;  // where the run before it begins, if there is one
  size_t first = 0;     // the first register of the run
  Run run{};
  for (; at < runs.size(); at += run.size) {
    run = RunAt(runs, at);
    if (place.index < first + run.length) break;
    previous = at;
    first += run.length;
  }
  if (at >= runs.size()) {
    change.kind = Kind::kCorrupt;
    return change;
  }
  if (run.value >= place.rank) {
    change.kind = Kind::kNone;
    return change;
  }

  Window window(&change);
  window.Append(runs.substr(previous, at - previous));
  size_t made_at = window.size();
  window.AppendRun(run.value, place.index - first);
  window.AppendRun(place.rank, 1);
  window.AppendRun(run.value, first + run.length - 1 - place.index);
  size_t made = window.size() - made_at;
  if (made > run.size && bytes.size() + made - run.size > max_bytes) return change;
  size_t tail = std::min(at + run.size, runs.size());
  if (tail - at < run.size) window.DropLast();
  std::string_view behind = runs.substr(tail, kJoinReach);
  window.Append(behind);
  window.JoinValues();

  change.kind = Kind::kReplace;
  change.at = kHllHeaderSize + previous;
  change.removed = tail + behind.size() - previous;
  return change;
}

std::optional<std::string> HllToDense(std::string_view bytes) {
  std::string dense(kHllDenseSize, '\0');
  bytes.copy(dense.data(), kHllHeaderSize);
  dense[4] = static_cast<char>(HllEncoding::kDense);
  bool whole = ForEachRun(bytes, [&](size_t index, const Run& run) {
    if (run.value == 0) return;
    for (size_t i = 0; i < run.length; ++i) {
      HllDenseRaise(dense.data(), {.index = index + i, .rank = run.value});
    }
  });
  if (!whole) return std::nullopt;
  return dense;
}

bool CountHllRuns(std::string_view bytes, HllHistogram& histogram) {
  return ForEachRun(bytes, [&](size_t, const Run& run) {
    histogram[static_cast<size_t>(run.value)] += static_cast<uint32_t>(run.length);
  });
}

bool MergeHllRuns(std::string_view bytes, HllRegisters& registers) {
  return ForEachRun(bytes, [&](size_t index, const Run& run) {
    if (run.value == 0) return;
    for (size_t i = index; i < index + run.length; ++i) {
      registers[i] = std::max(registers[i], static_cast<uint8_t>(run.value));
    }
  });
}

std::string DescribeHllSparse(std::string_view bytes) {
  std::string text;
  char digits[base::kMaxInt64Chars];
  auto number = [&](size_t value) {
    text.append(digits, base::FormatInt64(static_cast<int64_t>(value), digits));
  };
  std::string_view runs = RunsOf(bytes);
  for (size_t at = 0; at < runs.size();) {
    Run run = RunAt(runs, at);
    if (!text.empty()) text.push_back(' ');
    if (run.value > 0) {
      text.append("v:");
      number(static_cast<size_t>(run.value));
      text.push_back(',');
    } else {
      text.append(run.size == 2 ? "Z:" : "z:");
    }
    number(run.length);
    at += run.size;
  }
  return text;
}

}  // namespace nuthatch::values
