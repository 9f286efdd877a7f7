#include "server/keyspace/edit.h"

#include <memory>
#include <string>

#include "server/base/random.h"
#include "server/values/listpack_edit.h"

namespace nuthatch::keyspace {
namespace {

// An object that is as large as it is told to be.
class Sized final : public values::Object {
 public:
  explicit Sized(size_t bytes) : bytes_(bytes) {}
  std::unique_ptr<values::Object> Duplicate() const override {
    return std::make_unique<Sized>(bytes_);
  }
  size_t MemoryBytes() const override { return bytes_; }
  bool FreeSome(size_t) override { return true; }
  void set_bytes(size_t bytes) { bytes_ = bytes; }

 private:
  size_t bytes_;
};

class EditTest : public testing::Test {
 protected:
  EntryRef Find() { return keyspace_.Find(0, key_, 1000, Touch::kNone); }
  EntryRef SetListpack(std::string_view bytes, Ttl ttl = Ttl::None()) {
    return keyspace_.SetCompact(0, key_, Find(), Type::kHash, Encoding::kListpack, bytes, ttl);
  }
  // All accounts are exact.
  void CheckAccounts() {
    uint64_t bytes = 0;
    keyspace_.ForEach(0, [&](Entry& entry) { bytes += entry.MemoryBytes(); });
    EXPECT_EQ(keyspace_.memory().entries, bytes);
  }

  Keyspace keyspace_{{}};
  const Key key_ = Key::Of("key");
};

TEST_F(EditTest, KeepsBytesWhateverTheirLengthBecomes) {
  base::Random random(7);
  std::string expected(7, 'x');
  SetListpack(expected, Ttl::At(5000));
  for (int step = 0; step < 4000; ++step) {
    EntryRef ref = Find();
    ASSERT_EQ(ref->bytes(), expected);
    size_t limit = random.Below(3) == 0 ? 3000 : 600;
    size_t size = random.Below(limit);
    CompactEdit edit(keyspace_, 0, key_, ref);
    char* bytes = edit.Resize(size);
    ASSERT_EQ(edit.data(), bytes);
    ASSERT_EQ(edit.size(), size);
    size_t old = expected.size();
    expected.resize(size);
    for (size_t i = old; i < size; ++i) {
      bytes[i] = expected[i] = static_cast<char>('a' + random.Below(26));
    }
    EXPECT_EQ(ref->deadline_ms(), 5000);
    EXPECT_EQ(ref->type(), Type::kHash);
    EXPECT_EQ(ref->encoding(), Encoding::kListpack);
    CheckAccounts();
  }
}

TEST_F(EditTest, EditsAListpackInAnEntry) {
  EntryRef ref = SetListpack(std::string_view("\7\0\0\0\0\0\xff", 7));
  std::string all;
  for (int i = 0; i < 300; ++i) {
    CompactEdit edit(keyspace_, 0, key_, ref);
    values::listpack::Append(edit, values::listpack::Item("element " + std::to_string(i)));
  }
  values::Listpack pack(Find()->bytes());
  EXPECT_EQ(pack.Count(), 300U);
  values::NumberText number;
  EXPECT_EQ(pack.At(pack.Seek(-1)).Text(number), "element 299");
  CompactEdit edit(keyspace_, 0, key_, ref);
  EXPECT_EQ(values::listpack::DeleteRange(edit, 1, 299), 299U);
  EXPECT_EQ(values::Listpack(Find()->bytes()).Count(), 1U);
  EXPECT_EQ(Find()->kind(), ValueKind::kEmbedded);
  CheckAccounts();
}

TEST_F(EditTest, ReplacesOneTypeByAnother) {
  const std::string bytes(20, 'b');
  SetListpack(bytes);
  // As long as what is there, but a string now.
  keyspace_.SetString(0, key_, Find(), std::string(20, 's'), Ttl::None());
  EXPECT_EQ(Find()->type(), Type::kString);
  SetListpack(bytes);
  keyspace_.SetInt(0, key_, Find(), 5, Ttl::None());
  EXPECT_EQ(Find()->type(), Type::kString);
  const std::string longer(5000, 'b');
  SetListpack(longer);
  keyspace_.SetString(0, key_, Find(), std::string(5000, 's'), Ttl::Keep());
  EXPECT_EQ(Find()->type(), Type::kString);
  SetListpack(longer);
  EXPECT_EQ(Find()->bytes(), longer);
  CheckAccounts();
}

TEST_F(EditTest, AccountsForObjects) {
  SetListpack(std::string(700, 'b'), Ttl::At(5000));
  EntryRef ref = keyspace_.SetObject(0, key_, Find(), Type::kHash, Encoding::kHashtable,
                                     std::make_unique<Sized>(1000), Ttl::Keep());
  EXPECT_EQ(ref->deadline_ms(), 5000);
  CheckAccounts();
  {
    ObjectEdit<Sized> edit(keyspace_, 0, key_, ref);
    edit->set_bytes(100);
  }
  EXPECT_EQ(ObjectOf<Sized>(ref).MemoryBytes(), 100U);
  CheckAccounts();
  keyspace_.Erase(0, key_, Find());
  CheckAccounts();
}

TEST_F(EditTest, TellsWatchers) {
  SetListpack(std::string(50, 'b'));
  auto first = std::make_shared<Watcher>();
  keyspace_.Watch(0, key_, first, 1000);
  EntryRef ref = Find();
  { CompactEdit edit(keyspace_, 0, key_, ref); }
  EXPECT_TRUE(first->touched);
  ref = keyspace_.SetObject(0, key_, ref, Type::kHash, Encoding::kHashtable,
                            std::make_unique<Sized>(1000), Ttl::None());
  auto second = std::make_shared<Watcher>();
  keyspace_.Watch(0, key_, second, 1000);
  EXPECT_FALSE(second->touched);
  { ObjectEdit<Sized> edit(keyspace_, 0, key_, ref); }
  EXPECT_TRUE(second->touched);
}

}  // namespace
}  // namespace nuthatch::keyspace
