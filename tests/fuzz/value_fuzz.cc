// LINKS: values
//
// Values of every type, as DUMP and RDB files write them. The first byte of the input chooses the
// limits, what follows is a byte of type and a value. A value that is read is walked from end to
// end, written, and read again: it has to be the same.
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/base/check.h"
#include "server/values/value_reader.h"
#include "server/values/value_writer.h"
#include "tests/support/value_content.h"

namespace {

using namespace nuthatch::values;  // NOLINT(google-build-using-namespace): what is tested
using nuthatch::base::Buffer;
using nuthatch::testing::ContentOf;

constexpr uint64_t kMaxString = 1 << 20;

LoadLimits LimitsOf(uint8_t choice) {
  LoadLimits limits;
  limits.max_string_bytes = kMaxString;
  if (choice % 2 == 0) return limits;
  limits.hash_max_listpack_entries = choice >> 6;
  limits.hash_max_listpack_value = choice & 0x0F;
  limits.set_max_intset_entries = choice >> 6;
  limits.zset_max_listpack_entries = choice >> 6;
  limits.zset_max_listpack_value = choice & 0x0F;
  limits.list_max_listpack_size = (choice & 8) != 0 ? choice >> 5 : -1 - (choice >> 6);
  limits.list_compact_bytes = choice;
  return limits;
}

void CheckCompact(const LoadedValue& value) {
  std::string_view bytes = value.bytes.view();
  if (value.type == Type::kString) {
    CHECK(bytes.size() <= kMaxString);
  } else if (value.encoding == Encoding::kIntset) {
    CHECK(Intset::Validate(bytes));
  } else {
    CHECK(Listpack::Validate(bytes) && !Listpack(bytes).empty());
  }
}

void CheckObject(const LoadedValue& value) {
  CHECK(value.object->MemoryBytes() > 0);
  switch (value.type) {
    case Type::kList:
      return static_cast<const Quicklist&>(*value.object).CheckInvariants();
    case Type::kHash:
      return static_cast<const HashValue&>(*value.object).CheckInvariants();
    case Type::kSortedSet:
      return static_cast<const SortedSet&>(*value.object).CheckInvariants();
    case Type::kStream:
      return static_cast<const Stream&>(*value.object).CheckInvariants();
    default:
      CHECK(value.type == Type::kSet);
  }
}

void CheckRoundTrip(const LoadedValue& value, const LoadLimits& limits) {
  auto content = ContentOf(value.view());
  CHECK(!content.empty() || value.type == Type::kStream);
  for (bool compress : {false, true}) {
    Buffer written;
    AppendValue(value.view(), compress, written);
    RdbReader reader(written.view());
    auto again = ReadValue(static_cast<uint8_t>(RdbTypeOf(value.view())), reader, limits);
    CHECK(again.ok() && reader.rest().empty());
    CHECK(again.value().type == value.type && ContentOf(again.value().view()) == content);
  }
  if (value.object == nullptr) return;
  std::unique_ptr<Object> copy = value.object->Duplicate();
  CHECK(ContentOf({value.type, value.encoding, {}, copy.get()}) == content);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  LoadLimits limits = LimitsOf(data[0]);
  RdbReader reader({reinterpret_cast<const char*>(data) + 2, size - 2});
  auto value = ReadValue(data[1], reader, limits);
  if (!value.ok()) {
    CHECK(!value.error().empty());
    return 0;
  }
  value.value().object == nullptr ? CheckCompact(value.value()) : CheckObject(value.value());
  CheckRoundTrip(value.value(), limits);
  return 0;
}
