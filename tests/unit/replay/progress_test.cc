#include "tools/replay/progress.h"

#include <gtest/gtest.h>

namespace nuthatch::replay {
namespace {

TEST(ProgressLine, ShowsShareAndPaceAndWhatIsLeft) {
  EXPECT_EQ(ProgressLine("lru", 0, 100, 0, "keys", 79), "lru [>                       ]   0%");
  EXPECT_EQ(ProgressLine("lru", 50, 100, 65, "keys", 79),
            "lru [============>           ]  50%  1 keys/s  1:05 left");
  EXPECT_EQ(ProgressLine("lru", 50, 100, 65, "", 79),
            "lru [============>           ]  50%  1:05 left");
  EXPECT_EQ(ProgressLine("lru", 100, 100, 65, "", 79), "lru [========================] 100%");
}

TEST(ProgressLine, FitsIntoTheTerminal) {
  for (size_t width : {1U, 10U, 40U, 60U, 200U}) {
    std::string line = ProgressLine(std::string(100, 'n'), 50, 100, 10, "requests", width);
    EXPECT_LE(line.size(), width);
    if (width > 60) {
      EXPECT_NE(line.find("left"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace nuthatch::replay
