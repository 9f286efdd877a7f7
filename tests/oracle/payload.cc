// CRC64 is the "Jones" polynomial, reflected in and out, as the RDB format has it. LZF: a control
// byte below 32 starts a run of literals, any other a copy from what is already unpacked.
#include "tests/oracle/payload.h"

#include <array>
#include <cstdint>

namespace nuthatch::oracle {
namespace {

constexpr size_t kFooter = 10;

uint64_t Crc64(std::string_view bytes) {
  static const auto table = [] {
    std::array<uint64_t, 256> entries = {};
    for (uint64_t i = 0; i < 256; ++i) {
      uint64_t crc = i;
      // 0xad93d23594c935a9 with its bits in reverse order.
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x95ac9329ac4bc9b5U : 0);
      entries[i] = crc;
    }
    return entries;
  }();
  uint64_t crc = 0;
  for (char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 255] ^ (crc >> 8);
  return crc;
}

void AppendCrc(std::string* payload) {
  uint64_t crc = Crc64(*payload);
  for (int i = 0; i < 8; ++i) payload->push_back(static_cast<char>(crc >> (8 * i)));
}

struct Length {
  uint64_t value = 0;
  bool special = false;  // value is the kind of encoding
};

bool TakeByte(std::string_view* rest, uint8_t* byte) {
  if (rest->empty()) return false;
  *byte = static_cast<uint8_t>(rest->front());
  rest->remove_prefix(1);
  return true;
}

bool TakeLength(std::string_view* rest, Length* length) {
  uint8_t first = 0;
  if (!TakeByte(rest, &first)) return false;
  size_t more = 0;
  switch (first >> 6) {
    case 0:
      length->value = first;
      return true;
    case 1:
      length->value = first & 63;
      more = 1;
      break;
    case 3:
      length->value = first & 63;
      length->special = true;
      return true;
    default:
      if (first != 0x80 && first != 0x81) return false;
      more = first == 0x80 ? 4 : 8;
  }
  for (size_t i = 0; i < more; ++i) {
    uint8_t byte = 0;
    if (!TakeByte(rest, &byte)) return false;
    length->value = length->value << 8 | byte;
  }
  return true;
}

std::optional<std::string> Unpack(std::string_view packed, size_t size) {
  std::string out;
  uint8_t control = 0;
  while (TakeByte(&packed, &control)) {
    if (control < 32) {
      size_t run = size_t{control} + 1;
      if (packed.size() < run) return std::nullopt;
      out.append(packed.substr(0, run));
      packed.remove_prefix(run);
      continue;
    }
    size_t run = control >> 5;
    uint8_t low = 0;
    uint8_t longer = 0;
    if (run == 7 && !TakeByte(&packed, &longer)) return std::nullopt;
    if (!TakeByte(&packed, &low)) return std::nullopt;
    run += size_t{longer} + 2;
    size_t distance = (size_t{control} & 31) * 256 + low + 1;
    if (distance > out.size()) return std::nullopt;
    for (size_t i = 0; i < run; ++i) out.push_back(out[out.size() - distance]);
  }
  if (out.size() != size) return std::nullopt;
  return out;
}

std::optional<std::string> TakeInteger(std::string_view rest, uint64_t kind) {
  size_t size = size_t{1} << kind;
  if (rest.size() != size) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    value |= uint32_t{static_cast<unsigned char>(rest[i])} << (8 * i);
  }
  if (kind == 0) return std::to_string(static_cast<int8_t>(value));
  if (kind == 1) return std::to_string(static_cast<int16_t>(value));
  return std::to_string(static_cast<int32_t>(value));
}

}  // namespace

std::optional<std::string> DecodeStringPayload(std::string_view payload) {
  if (payload.size() < kFooter + 2 || payload[0] != 0) return std::nullopt;
  std::string whole(payload.substr(0, payload.size() - 8));
  AppendCrc(&whole);
  if (whole != payload) return std::nullopt;
  std::string_view rest = payload.substr(1, payload.size() - 1 - kFooter);
  Length length;
  if (!TakeLength(&rest, &length)) return std::nullopt;
  if (!length.special) {
    if (rest.size() != length.value) return std::nullopt;
    return std::string(rest);
  }
  if (length.value < 3) return TakeInteger(rest, length.value);
  Length packed;
  Length size;
  if (length.value != 3 || !TakeLength(&rest, &packed) || !TakeLength(&rest, &size)) {
    return std::nullopt;
  }
  if (packed.special || size.special || rest.size() != packed.value) return std::nullopt;
  return Unpack(rest, size.value);
}

unsigned PayloadVersion(std::string_view payload) {
  if (payload.size() < kFooter) return 0;
  auto byte = [&](size_t i) { return static_cast<unsigned char>(payload[payload.size() - i]); };
  return static_cast<unsigned>(byte(10)) | static_cast<unsigned>(byte(9)) << 8;
}

std::string SpoilPayload(std::string payload, base::Random& random) {
  if (payload.size() < kFooter + 3) return payload;
  size_t body = payload.size() - kFooter;
  switch (random.Below(8)) {
    case 0:  // a checksum that is wrong
      payload[random.Below(payload.size())] ^= static_cast<char>(1 << random.Below(8));
      return payload;
    case 1:  // cut off
      payload.resize(random.Below(payload.size()));
      return payload;
    case 2:  // of a newer server
      payload.resize(payload.size() - 8);
      payload[body] = static_cast<char>(11 + random.Below(200));
      break;
    case 3:  // of an older one: welcome
      payload.resize(payload.size() - 8);
      payload[body] = static_cast<char>(1 + random.Below(9));
      break;
    case 4:  // of no type
      payload.resize(payload.size() - 8);
      payload[0] = static_cast<char>(40 + random.Below(200));
      break;
    case 5: {  // the value is shorter than it says, by more than the footer could lend it
      if ((payload[1] & 0xc0) != 0 || body < kFooter + 4) return payload;
      std::string footer = payload.substr(body, 2);
      payload.resize(2 + random.Below(body - kFooter - 3));
      payload += footer;
      break;
    }
    case 6: {  // or followed by more
      std::string footer = payload.substr(body, 2);
      payload.resize(body);
      payload += "more" + footer;
      break;
    }
    default:  // other content under a right checksum
      payload.resize(payload.size() - 8);
      if (body > 8 && (payload[1] & 0xc0) == 0) payload[2 + random.Below(body - 2)] ^= 1;
      break;
  }
  AppendCrc(&payload);
  return payload;
}

}  // namespace nuthatch::oracle
