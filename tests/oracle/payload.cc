// CRC64 is the "Jones" polynomial, reflected in and out, as the RDB format has it. LZF: a control
// byte below 32 starts a run of literals, any other a copy from what is already unpacked.
#include "tests/oracle/payload.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

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

// A string in any of its forms.
std::optional<std::string> TakeString(std::string_view* rest) {
  Length length;
  if (!TakeLength(rest, &length)) return std::nullopt;
  auto take = [rest](uint64_t size) -> std::optional<std::string> {
    if (size > rest->size()) return std::nullopt;
    std::string taken(rest->substr(0, size));
    rest->remove_prefix(size);
    return taken;
  };
  if (!length.special) return take(length.value);
  if (length.value < 3) {
    auto bytes = take(uint64_t{1} << length.value);
    return bytes ? TakeInteger(*bytes, length.value) : std::nullopt;
  }
  Length packed;
  Length size;
  if (length.value != 3 || !TakeLength(rest, &packed) || !TakeLength(rest, &size)) {
    return std::nullopt;
  }
  if (packed.special || size.special) return std::nullopt;
  auto bytes = take(packed.value);
  return bytes ? Unpack(*bytes, size.value) : std::nullopt;
}

// What stands behind a type.
enum class Layout : uint8_t {
  kString,
  kStrings,  // a count, strings
  kPairs,    // a count, two strings each
  kScored,   // a count, a string and eight bytes each
  kNodes,    // a count, a number and a string each
  kStream,   // see TakeStream; is not written here
  kOther,
};

Layout LayoutOf(uint8_t type) {
  switch (type) {
    case 0:
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
    case 16:
    case 17:
      return Layout::kString;
    case 1:
    case 2:
    case 14:
      return Layout::kStrings;
    case 4:
      return Layout::kPairs;
    case 5:
      return Layout::kScored;
    case 18:
      return Layout::kNodes;
    case 19:
      return Layout::kStream;
    default:
      return Layout::kOther;
  }
}

bool TakeElement(Layout layout, std::string_view* rest, std::vector<std::string>* parts) {
  if (layout == Layout::kNodes) {
    Length kind;
    if (!TakeLength(rest, &kind) || kind.special || kind.value > 63) return false;
    parts->emplace_back(1, static_cast<char>(kind.value));
  }
  auto text = TakeString(rest);
  if (!text) return false;
  parts->push_back(std::move(*text));
  if (layout == Layout::kPairs) {
    auto value = TakeString(rest);
    if (!value) return false;
    parts->push_back(std::move(*value));
  } else if (layout == Layout::kScored) {
    if (rest->size() < 8) return false;
    parts->emplace_back(rest->substr(0, 8));
    rest->remove_prefix(8);
  }
  return true;
}

// Takes a stream apart; what isn't the same on two servers that were sent the same commands is left
// out: when entries were delivered and consumers seen.
class StreamTaker {
 public:
  StreamTaker(std::string_view* rest, std::vector<std::string>* parts)
      : rest_(rest), parts_(parts) {}

  bool Take() {
    bool good = Each([&] { return String() && String(); });
    constexpr int kNumbers = 8;  // length, last, first and greatest deleted ID, entries added
    for (int i = 0; i < kNumbers && good; ++i) good = Number(nullptr);
    return good && Each([&] { return Group(); });
  }

 private:
  static constexpr size_t kIdBytes = 16;
  static constexpr size_t kTimeBytes = 8;

  bool Number(uint64_t* number) {
    Length length;
    if (!TakeLength(rest_, &length) || length.special) return false;
    parts_->push_back(std::to_string(length.value));
    if (number != nullptr) *number = length.value;
    return true;
  }
  bool String() {
    auto text = TakeString(rest_);
    if (text) parts_->push_back(std::move(*text));
    return text.has_value();
  }
  bool Bytes(size_t size, bool keep) {
    if (rest_->size() < size) return false;
    if (keep) parts_->emplace_back(rest_->substr(0, size));
    rest_->remove_prefix(size);
    return true;
  }
  template <typename One>
  bool Each(const One& one) {
    uint64_t left = 0;
    bool good = Number(&left);
    for (; good && left > 0; --left) good = one();
    return good;
  }
  bool Group() {
    bool good = String() && Number(nullptr) && Number(nullptr) && Number(nullptr);
    good = good && Each([&] {
             return Bytes(kIdBytes, true) && Bytes(kTimeBytes, false) && Number(nullptr);
           });
    return good && Each([&] {
             return String() && Bytes(kTimeBytes, false) &&
                    Each([&] { return Bytes(kIdBytes, true); });
           });
  }

  std::string_view* rest_;
  std::vector<std::string>* parts_;
};

void AppendLength(uint64_t length, std::string* out) {
  if (length < 64) {
    out->push_back(static_cast<char>(length));
    return;
  }
  out->push_back('\x80');
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(length >> shift));
}

void AppendString(std::string_view text, std::string* out) {
  AppendLength(text.size(), out);
  out->append(text);
}

size_t PartsOfElement(Layout layout) {
  return layout == Layout::kString || layout == Layout::kStrings ? 1 : 2;
}

// A payload of these parts, nothing compressed.
std::string Encode(const Content& content) {
  Layout layout = LayoutOf(content.type);
  std::string payload(1, static_cast<char>(content.type));
  if (layout != Layout::kString) {
    AppendLength(content.parts.size() / PartsOfElement(layout), &payload);
  }
  for (size_t i = 0; i < content.parts.size(); ++i) {
    const std::string& part = content.parts[i];
    bool bare =
        (layout == Layout::kScored && i % 2 == 1) || (layout == Layout::kNodes && i % 2 == 0);
    bare ? void(payload += part) : AppendString(part, &payload);
  }
  return payload + std::string("\x0a\0", 2);
}

// Of these a part must keep its content: Nuthatch wants numbers for scores in a listpack, where
// Redis takes anything.
bool HoldsScores(uint8_t type) { return type == 12 || type == 17; }

void SpoilPart(uint8_t type, std::string* part, base::Random& random) {
  constexpr size_t kHeader = 6;
  if (part->empty()) return;
  size_t at = random.Below(HoldsScores(type) ? std::min(kHeader, part->size()) : part->size());
  (*part)[at] ^= static_cast<char>(1 << random.Below(8));
}

// One part is damaged, one element doubled, or one gone.
void SpoilContent(Content* content, base::Random& random) {
  size_t each = PartsOfElement(LayoutOf(content->type));
  auto& parts = content->parts;
  size_t at = random.Below(parts.size());
  auto element = parts.begin() + static_cast<long>(at - at % each);
  switch (parts.size() == 1 ? 0 : random.Below(4)) {
    case 0:
    case 1:
      SpoilPart(content->type, &parts[at], random);
      break;
    case 2: {
      std::vector<std::string> copy(element, element + static_cast<long>(each));
      parts.insert(parts.begin() + static_cast<long>(random.Below(parts.size() / each) * each),
                   copy.begin(), copy.end());
      break;
    }
    default:
      parts.erase(element, element + static_cast<long>(each));
  }
}

}  // namespace

std::optional<Content> DecodePayload(std::string_view payload) {
  if (payload.size() < kFooter + 2) return std::nullopt;
  std::string whole(payload.substr(0, payload.size() - 8));
  AppendCrc(&whole);
  if (whole != payload) return std::nullopt;
  std::string_view rest = payload.substr(1, payload.size() - 1 - kFooter);
  Content content{.type = static_cast<uint8_t>(payload[0]), .parts = {}};
  Layout layout = LayoutOf(content.type);
  if (layout == Layout::kOther) return std::nullopt;
  if (layout == Layout::kStream) {
    if (!StreamTaker(&rest, &content.parts).Take() || !rest.empty()) return std::nullopt;
    return content;
  }
  Length count{.value = 1};
  if (layout != Layout::kString && (!TakeLength(&rest, &count) || count.special)) {
    return std::nullopt;
  }
  for (uint64_t left = count.value; left > 0; --left) {
    if (!TakeElement(layout, &rest, &content.parts)) return std::nullopt;
  }
  if (!rest.empty()) return std::nullopt;
  return content;
}

void Content::Sort() {
  constexpr uint8_t kSet = 2;
  constexpr uint8_t kHash = 4;
  if (type == kHash) {
    std::vector<std::string> pairs;
    for (size_t i = 0; i + 1 < parts.size(); i += 2) {
      pairs.push_back(std::to_string(parts[i].size()) + ':' + parts[i] + parts[i + 1]);
    }
    parts = std::move(pairs);
  }
  if (type == kSet || type == kHash) std::sort(parts.begin(), parts.end());
}

std::string WithFooter(std::string body) {
  body.append("\x0a\0", 2);
  AppendCrc(&body);
  return body;
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
      if (body < kFooter + 4 || (payload[0] == 0 && (payload[1] & 0xc0) != 0)) return payload;
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
    default: {  // other content under a right checksum
      auto content = DecodePayload(payload);
      if (!content || content->parts.empty() || LayoutOf(content->type) == Layout::kStream) {
        return payload;
      }
      SpoilContent(&*content, random);
      payload = Encode(*content);
    }
  }
  AppendCrc(&payload);
  return payload;
}

}  // namespace nuthatch::oracle
