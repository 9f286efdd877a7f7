#include "server/base/sha1.h"

#include <string>

#include <gtest/gtest.h>

namespace nuthatch::base {
namespace {

// The vectors of FIPS 180 and RFC 3174.
TEST(Sha1, GivesThePublishedSums) {
  EXPECT_EQ(ToHex(Sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(ToHex(Sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(ToHex(Sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(ToHex(Sha1(std::string(1000000, 'a'))), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Sha1, PadsEveryLength) {
  // Each sum enters the next one, so that one wrong length would show.
  std::string chain;
  for (size_t length = 0; length <= 130; ++length) {
    chain = ToHex(Sha1(chain + std::string(length, 'x')));
  }
  EXPECT_EQ(chain, "3c02ea268cf25f889b842a5d50c1b2c3fa454d93");
}

}  // namespace
}  // namespace nuthatch::base
