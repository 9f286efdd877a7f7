// Lists beside the nodes that redis-server 7.0.15 made of the same commands
// (redis_7_0_15_lists.txt).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "server/base/crc64.h"
#include "server/values/quicklist.h"

namespace nuthatch::values {
namespace {

using Direction = Quicklist::Direction;

// "x*63" is 63 times the character.
std::string TextOf(const std::string& word) {
  if (word.size() < 3 || word[1] != '*') return word;
  return std::string(std::stoul(word.substr(2)), word[0]);
}

// "3,p,1 crc64", as the file has it.
std::string LayoutOf(const Quicklist& list) {
  if (list.empty()) return "-";
  std::string counts;
  uint64_t crc = 0;
  list.ForEachNode([&](bool plain, std::string_view bytes) {
    if (!counts.empty()) counts += ',';
    counts += plain ? "p" : std::to_string(Listpack(bytes).Count());
    crc = base::Crc64(crc, bytes);
  });
  char text[20];
  std::snprintf(text, sizeof text, " %016llx", static_cast<unsigned long long>(crc));
  return counts + text;
}

void RunCommand(Quicklist& list, const std::string& command, std::istringstream& words) {
  int64_t number = 0;
  std::string word;
  if (command == "linsert") {
    words >> word >> number;
    std::string text;
    words >> text;
    Quicklist::Cursor cursor = list.Seek(number);
    word == "after" ? list.InsertAfter(cursor, TextOf(text))
                    : list.InsertBefore(cursor, TextOf(text));
    return;
  }
  words >> number >> word;
  std::string text = TextOf(word);
  if (command == "rpush") {
    for (; number > 0; --number) list.PushBack(text);
  } else if (command == "lpush") {
    for (; number > 0; --number) list.PushFront(text);
  } else if (command == "lset") {
    list.Replace(list.Seek(number), text);
  } else if (command == "lrem") {
    uint64_t count = number == 0 ? UINT64_MAX : static_cast<uint64_t>(std::abs(number));
    list.EraseEqual(text, count, number < 0 ? Direction::kBackward : Direction::kForward);
  } else if (command == "ltrim") {
    std::unique_ptr<Quicklist> behind =
        list.EraseRange(static_cast<uint64_t>(std::stoll(word)) + 1, UINT64_MAX);
    std::unique_ptr<Quicklist> before = list.EraseRange(0, static_cast<uint64_t>(number));
  } else if (command == "lpop") {
    for (; number > 0 && !list.empty(); --number) {
      Quicklist::Cursor cursor = list.First();
      list.Erase(&cursor);
    }
  } else {
    ASSERT_EQ(command, "rpop");
    uint64_t count = std::min<uint64_t>(static_cast<uint64_t>(number), list.size());
    std::unique_ptr<Quicklist> erased = list.EraseRange(list.size() - count, count);
  }
}

TEST(GoldenQuicklist, HasTheNodesOfRedis) {
  std::ifstream file(NUTHATCH_TESTS "/unit/values/redis_7_0_15_lists.txt");
  std::unique_ptr<Quicklist> list;
  size_t compared = 0;
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with('#')) continue;
    if (line.starts_with("= ")) {
      ++compared;
      ASSERT_EQ(LayoutOf(*list), line.substr(2)) << "line " << number;
      list->CheckInvariants();
      continue;
    }
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "list") {
      int64_t fill = 0;
      uint64_t threshold = 0;
      words >> fill >> threshold;
      Quicklist::SetPackedThreshold(threshold);
      list = std::make_unique<Quicklist>(fill);
    } else {
      RunCommand(*list, command, words);
    }
  }
  Quicklist::SetPackedThreshold(uint64_t{1} << 30);
  EXPECT_GT(compared, 400U);
}

}  // namespace
}  // namespace nuthatch::values
