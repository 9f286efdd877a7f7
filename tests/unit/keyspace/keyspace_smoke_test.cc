#include <string>

#include "server/keyspace/keyspace.h"

namespace nuthatch::keyspace {
namespace {

TEST(Keyspace, FindsWhatWasSet) {
  Keyspace keyspace({});
  for (int i = 0; i < 1000; ++i) {
    std::string name = "key:" + std::to_string(i);
    Key key = Key::Of(name);
    keyspace.SetString(0, key, keyspace.Find(0, key, 0), "value" + std::to_string(i), Ttl::None());
  }
  EXPECT_EQ(keyspace.Count(0), 1000);
  for (int i = 0; i < 1000; ++i) {
    std::string name = "key:" + std::to_string(i);
    EntryRef ref = keyspace.Find(0, Key::Of(name), 0);
    ASSERT_TRUE(ref);
    NumberText number;
    EXPECT_EQ(ref->Text(number), "value" + std::to_string(i));
  }
}

}  // namespace
}  // namespace nuthatch::keyspace
