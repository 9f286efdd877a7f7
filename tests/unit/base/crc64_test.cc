#include "server/base/crc64.h"

#include <string>

#include <gtest/gtest.h>

namespace nuthatch::base {
namespace {

TEST(Crc64, HasTheCheckValueOfTheJonesPolynomial) {
  EXPECT_EQ(Crc64(0, "123456789"), 0xe9c6d914c4b8d9caU);
  EXPECT_EQ(Crc64(0, ""), 0u);
}

TEST(Crc64, OfPartsIsThatOfTheWhole) {
  std::string text;
  for (int i = 0; i < 100; ++i) text.push_back(static_cast<char>(i * 37));
  uint64_t whole = Crc64(0, text);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    uint64_t head = Crc64(0, std::string_view(text).substr(0, cut));
    EXPECT_EQ(Crc64(head, std::string_view(text).substr(cut)), whole) << cut;
  }
}

}  // namespace
}  // namespace nuthatch::base
