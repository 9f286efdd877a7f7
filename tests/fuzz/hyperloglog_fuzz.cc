// LINKS: values
//
// Strings that may be HyperLogLogs. The first two bytes of the input choose the limit of the sparse
// form and an element; the next one whether the rest is the string as it is, or the runs or
// registers behind a right header.
#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/check.h"
#include "server/values/hyperloglog.h"

namespace {

using namespace nuthatch::values;

class FuzzHll : public HllString {
 public:
  explicit FuzzHll(std::string_view bytes) { Take(bytes); }

 private:
  // In an allocation of its own and of just its size, so that a sanitizer sees what is touched
  // beside it.
  void Take(std::string_view bytes) {
    std::string copy(bytes);
    copy.shrink_to_fit();
    bytes_.swap(copy);
    data_ = bytes_.data();
    size_ = bytes_.size();
  }
  void Resize(size_t size) override {
    std::string copy = bytes_;
    copy.resize(size);
    Take(copy);
  }

  std::string bytes_;
};

std::string MakeString(uint8_t form, std::string_view rest) {
  constexpr std::string_view kMagic("HYLL", 4);
  std::string text;
  switch (form % 4) {
    case 0:
      return std::string(rest);
    case 1:
      text.assign(kMagic).append(12, '\0');
      text.append(rest.substr(0, kHllDenseSize - kHllHeaderSize));
      text.resize(kHllDenseSize);
      return text;
    default:
      text.assign(kMagic).push_back('\1');
      text.append(11, '\0');
      return text.append(rest);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 3, size - 3);
  std::string text = MakeString(data[2], rest);
  if (!IsHyperLogLog(text)) return 0;
  HllRegisters before{};
  bool whole = MergeHll(text, before);
  CHECK(EstimateHll(text).has_value() == whole);
  if (HllEncodingOf(text) == HllEncoding::kSparse) {
    CHECK(HllToDense(text).has_value() == whole);
    // Where the string ends within a run, a change of that run loses a byte, as it does in Redis.
    bool cut = DescribeHllSparse(text + '\0') == DescribeHllSparse(text);
    whole = whole && !cut;
  }
  FuzzHll hll(text);
  for (int i = 0; i < 8; ++i) {
    HllPlace place = HllPlaceOf(std::string(1, static_cast<char>(data[1] + i)));
    HllString::Raised raised = hll.Raise(place, size_t{data[0]} * 64);
    CHECK(IsHyperLogLog(hll.view()));
    if (!whole) continue;
    CHECK(raised != HllString::Raised::kCorrupt);
    CHECK((raised == HllString::Raised::kYes) == (before[place.index] < place.rank));
    if (raised == HllString::Raised::kYes) before[place.index] = static_cast<uint8_t>(place.rank);
  }
  if (!whole) return 0;
  HllRegisters after{};
  CHECK(MergeHll(hll.view(), after));
  CHECK(after == before);
  CHECK(EstimateHll(hll.view()) == EstimateHll(before));
  return 0;
}
