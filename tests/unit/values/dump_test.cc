#include "server/values/dump.h"

#include <string>

#include <gtest/gtest.h>

#include "server/base/random.h"

namespace nuthatch::values {
namespace {

using namespace std::string_view_literals;

constexpr uint64_t kNoLimit = ~uint64_t{0};

std::string Dump(std::string_view text, bool compress = true) {
  base::Buffer out;
  DumpValue({.bytes = text}, compress, out);
  return std::string(out.view());
}

// The string that a payload holds, or "<bad>".
std::string Undump(std::string_view payload, uint64_t max_length = kNoLimit) {
  if (!IsDump(payload)) return "<bad>";
  RdbReader reader(payload);
  if (reader.Byte() != static_cast<uint8_t>(RdbType::kString)) return "<bad>";
  base::Buffer scratch;
  std::optional<std::string_view> text = reader.String(max_length, scratch);
  return text.has_value() ? std::string(*text) : "<bad>";
}

std::optional<std::string> ReadString(std::string_view bytes, uint64_t max_length = kNoLimit) {
  RdbReader reader(bytes);
  base::Buffer scratch;
  std::optional<std::string_view> text = reader.String(max_length, scratch);
  if (!text.has_value()) return std::nullopt;
  return std::string(*text);
}

// Payloads as redis-server 7.0.15 made them.
TEST(Dump, MakesThePayloadsOfRedis) {
  EXPECT_EQ(Dump(""), "\x00\x00\x0a\x00\x5d\x9b\x5c\x40\x0f\x7f\xa2\xda"sv);
  EXPECT_EQ(Dump("hello"), "\x00\x05hello\x0a\x00\x63\x72\xdf\x76\x65\x34\x20\x0a"sv);
  EXPECT_EQ(Dump("-1"), "\x00\xc0\xff\x0a\x00\x0c\x93\x7e\x24\x85\x08\x9d\xc5"sv);
  EXPECT_EQ(Dump("-129"), "\x00\xc1\x7f\xff\x0a\x00\x17\x60\x82\x28\x54\x80\x84\x80"sv);
  EXPECT_EQ(Dump("-2147483648"),
            "\x00\xc2\x00\x00\x00\x80\x0a\x00\xc7\x4f\x87\x3e\x33\x55\x81\x87"sv);
  EXPECT_EQ(Dump("2147483648"),
            "\x00\x0a\x32\x31\x34\x37\x34\x38\x33\x36\x34\x38\x0a\x00"
            "\xe7\xb1\x29\xa3\x4c\x1d\x76\xee"sv);
  EXPECT_EQ(Dump("007"), "\x00\x03\x30\x30\x37\x0a\x00\x72\x58\xe2\x7b\x4c\x69\xba\xd9"sv);
  EXPECT_EQ(Dump(std::string(21, 'a')),
            "\x00\xc3\x06\x15\x01\x61\x61\xe0\x0a\x00\x0a\x00\xfd\x0c\xb3\x68\x07\x41\x3f\x68"sv);
  EXPECT_EQ(Dump(std::string(64, 'a')),
            "\x00\xc3\x09\x40\x40\x01\x61\x61\xe0\x33\x00\x01\x61\x61\x0a\x00"
            "\xc3\x65\x96\x12\xce\x1c\xc4\x6c"sv);
}

TEST(Dump, LeavesStringsWholeWithoutCompression) {
  std::string payload = Dump(std::string(21, 'a'), false);
  EXPECT_EQ(payload.size(), 1u + 1 + 21 + 10);
  EXPECT_EQ(Undump(payload), std::string(21, 'a'));
}

TEST(Dump, ReadsWhatItWrites) {
  base::Random random(7);
  for (size_t size : {0, 1, 10, 20, 21, 63, 64, 1000, 16383, 16384, 100000}) {
    std::string noise;
    std::string text;
    for (size_t i = 0; i < size; ++i) {
      noise.push_back(static_cast<char>(random.Next()));
      text.push_back(static_cast<char>('a' + random.Below(3)));
    }
    EXPECT_EQ(Undump(Dump(noise)), noise);
    EXPECT_EQ(Undump(Dump(text)), text);
    EXPECT_EQ(Undump(Dump(text, false)), text);
    std::string same(size, 'z');
    EXPECT_EQ(Undump(Dump(same)), same);
  }
  for (int64_t number : {0L, 1L, -128L, 127L, 128L, -32768L, 32768L, -2147483649L}) {
    EXPECT_EQ(Undump(Dump(std::to_string(number))), std::to_string(number));
  }
}

TEST(Dump, RefusesAShortPayload) {
  EXPECT_FALSE(IsDump(""));
  EXPECT_FALSE(IsDump("123456789"sv));
}

TEST(Dump, RefusesAnyChangedByte) {
  std::string payload = Dump("hello, nuthatch");
  for (size_t i = 0; i < payload.size(); ++i) {
    std::string changed = payload;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    EXPECT_FALSE(IsDump(changed)) << i;
  }
}

TEST(RdbReader, RefusesWhatIsCutShort) {
  std::string payload = Dump(std::string(300, 'x'));
  std::string_view body = std::string_view(payload).substr(0, payload.size() - 10);
  for (size_t size = 0; size + 1 < body.size(); ++size) {
    EXPECT_FALSE(ReadString(body.substr(1, size)).has_value()) << size;
  }
}

TEST(RdbReader, RefusesUnknownForms) {
  EXPECT_FALSE(ReadString("\xc4\x01").has_value());
  EXPECT_FALSE(ReadString("\x82"sv).has_value());
  EXPECT_FALSE(ReadString("\x81\xff\xff\xff\xff\xff\xff\xff\xff").has_value());
}

TEST(RdbReader, RefusesALengthAboveTheLimit) {
  EXPECT_FALSE(ReadString("\x05hello", 4).has_value());
  EXPECT_EQ(ReadString("\x05hello", 5), "hello");
  EXPECT_EQ(Undump(Dump(std::string(300, 'x')), 299), "<bad>");
}

TEST(RdbReader, RefusesCompressedDataThatCannotHaveItsLength) {
  // Six packed bytes that claim to be a gigabyte, or one byte more or less than they are.
  EXPECT_FALSE(ReadString("\xc3\x06\x80\x40\x00\x00\x00\x01\x61\x61\xe0\x0a\x00"sv).has_value());
  EXPECT_FALSE(ReadString("\xc3\x06\x14\x01\x61\x61\xe0\x0a\x00"sv).has_value());
  EXPECT_FALSE(ReadString("\xc3\x06\x16\x01\x61\x61\xe0\x0a\x00"sv).has_value());
}

TEST(RdbReader, ReadsLengthsOfEveryForm) {
  for (uint64_t length : {uint64_t{0}, uint64_t{63}, uint64_t{64}, uint64_t{16383}, uint64_t{16384},
                          uint64_t{0xffffffff}, uint64_t{0x100000000}}) {
    base::Buffer out;
    AppendRdbLength(length, out);
    RdbReader reader(out.view());
    EXPECT_EQ(reader.Length(), length);
    EXPECT_TRUE(reader.rest().empty());
  }
}

}  // namespace
}  // namespace nuthatch::values
