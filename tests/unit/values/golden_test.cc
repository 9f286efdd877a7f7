// The compact forms beside bytes that redis-server 7.0.15 made (redis_7_0_15_compact.txt).
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/crc64.h"
#include "server/values/byte_store.h"
#include "server/values/intset.h"
#include "server/values/listpack_edit.h"

namespace nuthatch::values {
namespace {

struct Golden {
  std::string kind;
  std::string digest;
  std::vector<std::string> elements;
};

// "x*63" is 63 times the character.
std::string ElementOf(const std::string& word) {
  if (word.size() < 3 || word[1] != '*') return word;
  return std::string(std::stoul(word.substr(2)), word[0]);
}

std::vector<Golden> ReadGolden() {
  std::ifstream file(NUTHATCH_TESTS "/unit/values/redis_7_0_15_compact.txt");
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    Golden golden;
    words >> golden.kind >> golden.digest;
    for (std::string word; words >> word;) golden.elements.push_back(ElementOf(word));
    all.push_back(std::move(golden));
  }
  return all;
}

// "size:crc64[:bytes]", as the file has it.
std::string DigestOf(std::string_view bytes) {
  char text[64];
  std::snprintf(text, sizeof text, "%zu:%016llx", bytes.size(),
                static_cast<unsigned long long>(base::Crc64(0, bytes)));
  std::string digest = text;
  constexpr size_t kMaxShown = 160;
  if (bytes.size() > kMaxShown) return digest;
  digest += ':';
  for (char byte : bytes) {
    std::snprintf(text, sizeof text, "%02x", static_cast<unsigned char>(byte));
    digest += text;
  }
  return digest;
}

TEST(GoldenListpack, AppendsPrependsAndInsertsToTheBytesOfRedis) {
  size_t seen = 0;
  for (const Golden& golden : ReadGolden()) {
    if (golden.kind != "listpack") continue;
    ++seen;
    HeapBytes appended;
    HeapBytes prepended;
    HeapBytes together;
    listpack::MakeEmpty(appended);
    listpack::MakeEmpty(prepended);
    listpack::MakeEmpty(together);
    std::vector<listpack::Item> items;
    for (const std::string& element : golden.elements) {
      listpack::Append(appended, listpack::Item(element));
      items.emplace_back(element);
    }
    for (size_t i = golden.elements.size(); i-- > 0;) {
      listpack::Prepend(prepended, listpack::Item(golden.elements[i]));
    }
    listpack::Insert(together, listpack::kHeaderSize, items);
    EXPECT_EQ(DigestOf(appended.view()), golden.digest);
    EXPECT_EQ(DigestOf(prepended.view()), golden.digest);
    EXPECT_EQ(DigestOf(together.view()), golden.digest);

    ASSERT_TRUE(Listpack::Validate(appended.view()));
    Listpack view(appended.view());
    size_t at = view.First();
    for (const std::string& element : golden.elements) {
      NumberText number;
      EXPECT_EQ(view.Read(&at).Text(number), element);
    }
    EXPECT_EQ(at, view.End());
    for (size_t i = golden.elements.size(); i-- > 0;) {
      at = view.Previous(at);
      EXPECT_TRUE(view.At(at).Equals(golden.elements[i]));
    }
    EXPECT_EQ(at, view.First());
  }
  EXPECT_GT(seen, 70U);
}

TEST(GoldenIntset, GrowsToTheBytesOfRedis) {
  size_t seen = 0;
  for (const Golden& golden : ReadGolden()) {
    if (golden.kind != "intset") continue;
    ++seen;
    HeapBytes set;
    intset::MakeEmpty(set);
    for (const std::string& element : golden.elements) intset::Add(set, std::stoll(element));
    EXPECT_EQ(DigestOf(set.view()), golden.digest);
    EXPECT_TRUE(Intset::Validate(set.view()));
  }
  EXPECT_GT(seen, 5U);
}

}  // namespace
}  // namespace nuthatch::values
