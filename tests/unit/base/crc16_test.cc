#include "server/base/crc16.h"

#include <string>

namespace nuthatch::base {
namespace {

uint16_t BitByBit(std::string_view bytes) {
  unsigned crc = 0;
  for (char byte : bytes) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(byte)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = ((crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021 : 0));
    crc &= 0xFFFF;
  }
  return static_cast<uint16_t>(crc);
}

TEST(Crc16, GivesTheStandardCheckValue) {
  EXPECT_EQ(Crc16("123456789"), 0x31C3);
  EXPECT_EQ(Crc16(""), 0);
}

TEST(Crc16, AgreesWithTheDefinitionAtAllLengths) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(Crc16(text), BitByBit(text)) << i;
    text.push_back(static_cast<char>(i * 37 + 11));
  }
}

TEST(HashSlot, KnowsTheSlotsOfTheClusterSpecification) {
  EXPECT_EQ(HashSlot("foo"), 12182);
  EXPECT_EQ(HashSlot("bar"), 5061);
  EXPECT_EQ(HashSlot("somekey"), 11058);
}

TEST(HashTag, IsBetweenTheFirstBracesIfNotEmpty) {
  EXPECT_EQ(HashTag("{user1000}.following"), "user1000");
  EXPECT_EQ(HashTag("foo{}{bar}"), "foo{}{bar}");
  EXPECT_EQ(HashTag("foo{{bar}}zap"), "{bar");
  EXPECT_EQ(HashTag("foo{bar}{zap}"), "bar");
  EXPECT_EQ(HashTag("foo}bar{"), "foo}bar{");
  EXPECT_EQ(HashTag("a}{b}"), "b");
  EXPECT_EQ(HashTag(""), "");
  EXPECT_EQ(HashTag("{"), "{");
  EXPECT_EQ(HashTag("{}"), "{}");
}

}  // namespace
}  // namespace nuthatch::base
