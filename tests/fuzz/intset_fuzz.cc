// LINKS: values
//
// Intsets. The first byte of the input chooses: the rest is an intset as it is; or its members,
// which get a right header; or numbers that go into and out of an intset and a std::set in step.
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <string_view>

#include "server/base/check.h"
#include "server/values/byte_store.h"
#include "server/values/intset.h"

namespace {

using nuthatch::values::HeapBytes;
using nuthatch::values::Intset;
namespace intset = nuthatch::values::intset;

void ReadAll(std::string_view given) {
  HeapBytes bytes(given);
  if (!Intset::Validate(bytes.view(), /*deep=*/false)) {
    CHECK(!Intset::Validate(bytes.view()));
    return;
  }
  Intset view(bytes.view());
  bool sorted = Intset::Validate(bytes.view());
  nuthatch::base::Random random(1);
  view.RandomMember(random);
  for (size_t i = 0; i < view.Count(); ++i) {
    // Where they are not sorted, the answer may be wrong, but is given.
    bool found = view.Contains(view.At(i));
    CHECK(!sorted || (found && view.LowerBound(view.At(i)) == i));
  }
  if (!sorted) return;
  int64_t last = view.Max();
  bool fresh = intset::Add(bytes, INT64_MIN);
  CHECK(Intset::Validate(bytes.view()));
  CHECK(Intset(bytes.view()).Min() == INT64_MIN && Intset(bytes.view()).Max() == last);
  if (fresh) CHECK(intset::Remove(bytes, INT64_MIN));
  CHECK(intset::Remove(bytes, last));
  CHECK(bytes.size() == Intset::kHeaderSize || Intset::Validate(bytes.view()));
}

std::string Framed(std::string_view members, size_t width) {
  members = members.substr(0, members.size() / width * width);
  uint32_t header[] = {static_cast<uint32_t>(width), static_cast<uint32_t>(members.size() / width)};
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), header, sizeof header);
  return bytes.append(members);
}

// A byte says what to do and how many bytes of a number follow.
void RunProgram(std::string_view program) {
  HeapBytes bytes;
  intset::MakeEmpty(bytes);
  std::set<int64_t> model;
  while (!program.empty()) {
    auto what = static_cast<uint8_t>(program[0]);
    program.remove_prefix(1);
    std::string_view digits = program.substr(0, what % 9);
    program.remove_prefix(digits.size());
    int64_t value = 0;
    std::memcpy(&value, digits.data(), digits.size());
    if (what >= 0x80) value = ~value;
    if ((what / 9) % 3 == 0) {
      CHECK(intset::Remove(bytes, value) == (model.erase(value) == 1));
    } else {
      CHECK(intset::Add(bytes, value) == model.insert(value).second);
    }
  }
  Intset view(bytes.view());
  CHECK(view.Count() == model.size());
  size_t index = 0;
  for (int64_t value : model) CHECK(view.At(index++) == value && view.Contains(value));
  CHECK(model.empty() || Intset::Validate(bytes.view()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      ReadAll(rest);
      break;
    case 1:
    case 2:
    case 3:
      ReadAll(Framed(rest, size_t{1} << (data[0] % 5)));
      break;
    default:
      RunProgram(rest);
      break;
  }
  return 0;
}
