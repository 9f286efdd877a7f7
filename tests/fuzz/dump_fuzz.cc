// LINKS: values
//
// DUMP payloads. The first byte of the input chooses: the rest is a payload as it is, or the body
// of one (which gets a right footer, so that the reader of strings is reached), or a string, which
// has to come back.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/base/check.h"
#include "server/base/crc64.h"
#include "server/values/dump.h"

namespace {

using nuthatch::base::Buffer;
using nuthatch::values::DumpValue;
using nuthatch::values::IsDump;
using nuthatch::values::RdbReader;

constexpr uint64_t kMaxLength = 1 << 20;

std::optional<std::string> ReadPayload(std::string_view payload) {
  if (!IsDump(payload)) return std::nullopt;
  RdbReader reader(payload);
  if (!reader.Byte().has_value()) return std::nullopt;
  Buffer scratch;
  std::optional<std::string_view> text = reader.String(kMaxLength, scratch);
  if (!text.has_value()) return std::nullopt;
  CHECK(text->size() <= kMaxLength);
  return std::string(*text);
}

void CheckRoundTrip(std::string_view text) {
  for (bool compress : {false, true}) {
    Buffer payload;
    DumpValue({.bytes = text}, compress, payload);
    CHECK(ReadPayload(payload.view()) == text);
  }
}

std::string WithFooter(std::string_view body) {
  std::string payload(body);
  payload.push_back(static_cast<char>(nuthatch::values::kRdbVersion));
  payload.push_back('\0');
  uint64_t crc = nuthatch::base::Crc64(0, payload);
  for (int i = 0; i < 8; ++i) payload.push_back(static_cast<char>(crc >> (8 * i)));
  return payload;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      ReadPayload(rest);
      break;
    case 1:
      CheckRoundTrip(rest);
      break;
    default:
      if (std::optional<std::string> text = ReadPayload(WithFooter(rest))) CheckRoundTrip(*text);
      break;
  }
  return 0;
}
