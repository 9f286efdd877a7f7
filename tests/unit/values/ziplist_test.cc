// The forms of before Redis 7 and 2.6, which are only read. What Redis makes of them, whole and
// damaged, stands in redis_7_0_15_payloads.txt.
#include "server/values/ziplist.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "server/values/zipmap.h"

namespace nuthatch::values {
namespace {

using namespace std::string_view_literals;

// Two strings in their short and middle form, and an integer of each width.
constexpr std::string_view kZiplist =
    "\x31\0\0\0\x2c\0\0\0\x09\0"
    "\x00\x02hi"
    "\x04\x40\x01x"
    "\x04\xf1"
    "\x02\xfd"
    "\x02\xfe\x80"
    "\x03\xc0\x00\x80"
    "\x04\xf0\xff\xff\x7f"
    "\x05\xd0\x00\x00\x00\x80"
    "\x06\xfe\x05"
    "\xff"sv;

// All entries, or "<bad>" at the end.
std::vector<std::string> EntriesOf(std::string_view bytes) {
  std::vector<std::string> entries;
  ZiplistReader reader(bytes);
  while (std::optional<Element> element = reader.Next()) {
    NumberText number;
    entries.emplace_back(element->Text(number));
  }
  EXPECT_FALSE(reader.Next().has_value());
  if (!reader.whole()) entries.emplace_back("<bad>");
  return entries;
}

TEST(Ziplist, ReadsEntriesOfEveryForm) {
  std::string bytes(kZiplist);
  bytes[0] = static_cast<char>(bytes.size());
  bytes[4] = static_cast<char>(bytes.size() - 4);
  EXPECT_EQ(EntriesOf(bytes), (std::vector<std::string>{"hi", "x", "0", "12", "-128", "-32768",
                                                        "8388607", "-2147483648", "5"}));
}

TEST(Ziplist, ReadsNothingBeyondItsBytes) {
  std::string bytes(kZiplist);
  bytes[0] = static_cast<char>(bytes.size());
  bytes[4] = static_cast<char>(bytes.size() - 4);
  for (size_t size = 0; size < bytes.size(); ++size) {
    // As it is, and with a header and an end that fit.
    std::string cut(bytes, 0, size);
    EXPECT_EQ(EntriesOf(cut).back(), "<bad>");
    if (size < 12) continue;
    cut[0] = static_cast<char>(size);
    cut.back() = '\xff';
    EXPECT_EQ(EntriesOf(cut).back(), "<bad>") << size;
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int change = 1; change < 256; ++change) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ change);
      EntriesOf(changed);
    }
  }
}

std::vector<std::pair<std::string, std::string>> FieldsOf(std::string_view bytes) {
  std::vector<std::pair<std::string, std::string>> fields;
  ZipmapReader reader(bytes);
  while (std::optional<ZipmapReader::Pair> pair = reader.Next()) {
    fields.emplace_back(pair->field, pair->value);
  }
  EXPECT_FALSE(reader.Next().has_value());
  if (!reader.whole()) fields.emplace_back("<bad>", "");
  return fields;
}

constexpr std::string_view kZipmap = "\x02\x03key\x05\x02value??\x00\x00\x00\xff"sv;

TEST(Zipmap, ReadsFieldsAndPassesOverWhatIsUnused) {
  EXPECT_EQ(FieldsOf(kZipmap),
            (std::vector<std::pair<std::string, std::string>>{{"key", "value"}, {"", ""}}));
}

constexpr std::string_view kLongHead = "\x01\x01k\xfe\x2c\x01\0\0\0"sv;

TEST(Zipmap, ReadsLongLengths) {
  std::string value(300, 'v');
  std::string bytes(kLongHead);
  bytes.append(value).push_back('\xff');
  EXPECT_EQ(FieldsOf(bytes), (std::vector<std::pair<std::string, std::string>>{{"k", value}}));
}

TEST(Zipmap, ReadsNothingBeyondItsBytes) {
  for (size_t size = 0; size < kZipmap.size(); ++size) {
    std::string cut(kZipmap, 0, size);
    EXPECT_EQ(FieldsOf(cut).back().first, "<bad>");
    if (size == 0) continue;
    cut.back() = '\xff';
    EXPECT_EQ(FieldsOf(cut).back().first, "<bad>") << size;
  }
  for (size_t at = 0; at < kZipmap.size(); ++at) {
    for (int change = 1; change < 256; ++change) {
      std::string changed(kZipmap);
      changed[at] = static_cast<char>(changed[at] ^ change);
      FieldsOf(changed);
    }
  }
}

}  // namespace
}  // namespace nuthatch::values
