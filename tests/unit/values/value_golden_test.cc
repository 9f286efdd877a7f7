// Reading and writing values beside payloads of redis-server 7.0.15 (redis_7_0_15_payloads.txt).
#include <cctype>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "server/values/string_value.h"
#include "server/values/value_reader.h"
#include "server/values/value_writer.h"
#include "tests/support/value_content.h"

namespace nuthatch::values {
namespace {

using namespace std::string_view_literals;

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (char byte : bytes) {
    char text[3];
    std::snprintf(text, sizeof text, "%02x", static_cast<unsigned char>(byte));
    hex += text;
  }
  return hex;
}

// What a payload's type byte and value hold. Behind them stood a footer, into which the value of a
// damaged one may reach.
base::Result<LoadedValue> Read(const std::string& hex, const LoadLimits& limits) {
  std::string payload = FromHex(hex) + std::string("\x0a\0\0\0\0\0\0\0\0\0"sv);
  RdbReader reader(payload);
  return ReadValue(*reader.Byte(), reader, limits);
}

std::string Write(const ValueView& value, bool compress) {
  base::Buffer out;
  out.Append(static_cast<char>(RdbTypeOf(value)));
  AppendValue(value, compress, out);
  return ToHex(out.view());
}

// As OBJECT ENCODING says it.
std::string EncodingOf(const LoadedValue& value) {
  if (value.type != Type::kString) return EncodingName(value.encoding);
  if (AsStoredInt(value.bytes.view())) return "int";
  return value.bytes.size() <= kEmbstrLimit ? "embstr" : "raw";
}

class Golden {
 public:
  void Line(const std::string& line) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "limits") {
      std::string compression;
      words >> limits_.hash_max_listpack_entries >> limits_.hash_max_listpack_value >>
          limits_.set_max_intset_entries >> limits_.zset_max_listpack_entries >>
          limits_.zset_max_listpack_value >> limits_.list_max_listpack_size >> compression;
      compress_ = compression == "yes";
    } else if (kind == "!") {
      std::string payload;
      words >> payload;
      EXPECT_FALSE(Read(payload, limits_).ok());
      ++refused_;
    } else {
      ASSERT_EQ(kind, "=");
      std::string type;
      std::string encoding;
      std::string payload;
      std::string expected;
      words >> type >> encoding >> payload >> expected;
      Loads(payload, type, encoding, expected == "same" ? payload : expected);
      ++read_;
    }
  }
  size_t read() const { return read_; }
  size_t refused() const { return refused_; }

 private:
  void Loads(const std::string& payload, const std::string& type, const std::string& encoding,
             const std::string& expected) {
    auto value = Read(payload, limits_);
    ASSERT_TRUE(value.ok()) << value.error();
    EXPECT_EQ(TypeName(value.value().type), type);
    EXPECT_EQ(EncodingOf(value.value()), encoding);
    if (encoding != "hashtable") {
      EXPECT_EQ(Write(value.value().view(), compress_), expected);
      return;
    }
    // The order of a table is its own.
    auto same = Read(expected, limits_);
    ASSERT_TRUE(same.ok()) << same.error();
    EXPECT_EQ(testing::ContentOf(value.value().view()), testing::ContentOf(same.value().view()));
    auto again = Read(Write(value.value().view(), compress_), limits_);
    ASSERT_TRUE(again.ok()) << again.error();
    EXPECT_EQ(testing::ContentOf(again.value().view()), testing::ContentOf(same.value().view()));
  }

  LoadLimits limits_;
  bool compress_ = true;
  size_t read_ = 0;
  size_t refused_ = 0;
};

TEST(GoldenValues, ReadsAndWritesThePayloadsOfRedis) {
  std::ifstream file(NUTHATCH_TESTS "/unit/values/redis_7_0_15_payloads.txt");
  Golden golden;
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with('#')) continue;
    SCOPED_TRACE("line " + std::to_string(number));
    golden.Line(line);
  }
  EXPECT_GT(golden.read(), 250U);
  EXPECT_GT(golden.refused(), 100U);
}

}  // namespace
}  // namespace nuthatch::values
