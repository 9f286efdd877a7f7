#include "server/values/stream.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/random.h"
#include "tests/unit/values/random_elements.h"

namespace nuthatch::values {
namespace {

using Direction = StreamReader::Direction;
using Pairs = std::vector<std::string>;
using Model = std::map<StreamId, Pairs>;
using Entries = std::vector<std::pair<StreamId, Pairs>>;
using Limits = Stream::NodeLimits;

void Append(Stream& stream, StreamId id, const Pairs& pairs, const Limits& limits = {}) {
  std::vector<std::string_view> views(pairs.begin(), pairs.end());
  stream.Append(id, views, limits);
}

Entries Read(const Stream& stream, StreamId start = {}, StreamId end = StreamId::Max(),
             Direction direction = Direction::kForward) {
  Entries entries;
  StreamReader reader(stream, start, end, direction);
  while (reader.Next()) {
    Pairs pairs;
    // Some readers don't look at the fields.
    if (reader.id().seq % 3 == 0) {
      entries.emplace_back(reader.id(), pairs);
      continue;
    }
    reader.ForEachField([&](Element field, Element value) {
      NumberText number;
      pairs.emplace_back(field.Text(number));
      pairs.emplace_back(value.Text(number));
    });
    EXPECT_EQ(static_cast<size_t>(reader.field_count()) * 2, pairs.size());
    entries.emplace_back(reader.id(), std::move(pairs));
  }
  EXPECT_FALSE(reader.Next());
  return entries;
}

Entries Expected(const Model& model, StreamId start = {}, StreamId end = StreamId::Max()) {
  Entries entries;
  for (auto at = model.lower_bound(start); at != model.end() && at->first <= end; ++at) {
    entries.emplace_back(at->first, at->first.seq % 3 == 0 ? Pairs() : at->second);
  }
  return entries;
}

void ExpectSame(const Stream& stream, const Model& model) {
  stream.CheckInvariants();
  ASSERT_EQ(stream.length(), model.size());
  ASSERT_EQ(Read(stream), Expected(model));
  Entries backwards = Read(stream, {}, StreamId::Max(), Direction::kBackward);
  std::reverse(backwards.begin(), backwards.end());
  ASSERT_EQ(backwards, Expected(model));
  ASSERT_EQ(stream.first_id(), model.empty() ? StreamId{} : model.begin()->first);
  ASSERT_EQ(stream.FirstId().has_value(), !model.empty());
  ASSERT_EQ(stream.LastId().value_or(StreamId{}),
            model.empty() ? StreamId{} : model.rbegin()->first);
}

uint64_t TrimAll(Stream& stream, Stream::TrimRule rule, size_t nodes = SIZE_MAX) {
  uint64_t trimmed = 0;
  for (bool more = true; more;) trimmed += stream.Trim(rule, nodes, &more);
  return trimmed;
}

Pairs RandomPairs(base::Random& random) {
  Pairs pairs;
  for (uint64_t i = 0; i <= random.Below(3); ++i) {
    pairs.push_back(random.Below(3) == 0 ? RandomElement(random) : "field" + std::to_string(i));
    pairs.push_back(RandomElement(random));
  }
  return pairs;
}

StreamId RandomId(base::Random& random, const Model& model) {
  if (model.empty() || random.Below(4) == 0) return {random.Below(3000), random.Below(4)};
  auto at = model.lower_bound({random.Below(model.rbegin()->first.ms + 1), 0});
  return at == model.end() ? model.begin()->first : at->first;
}

void RunRandomly(uint64_t seed, const Limits& limits) {
  base::Random random(seed);
  auto stream = std::make_unique<Stream>();
  Model model;
  StreamId last;
  uint64_t added = 0;
  for (int step = 0; step < 4000; ++step) {
    uint64_t what = random.Below(100);
    if (what < 60) {
      last = random.Below(2) == 0 ? StreamId{last.ms, last.seq + 1}
                                  : StreamId{last.ms + 1 + random.Below(2), random.Below(5)};
      Pairs pairs = RandomPairs(random);
      Append(*stream, last, pairs, limits);
      model[last] = pairs;
      ++added;
    } else if (what < 85) {
      std::vector<StreamId> ids;
      for (uint64_t i = 0; i <= random.Below(4); ++i) ids.push_back(RandomId(random, model));
      uint64_t expected = 0;
      for (StreamId id : ids) {
        if (expected == 0) {
          ASSERT_EQ(stream->Contains(id), model.contains(id));
        }
        expected += model.erase(id);
      }
      ASSERT_EQ(stream->Delete(ids), expected);
    } else if (what < 88) {
      Stream::TrimRule rule{.max_length =
                                model.size() - std::min<size_t>(model.size(), random.Below(30))};
      ASSERT_EQ(TrimAll(*stream, rule, 1 + random.Below(3)), model.size() - *rule.max_length);
      while (model.size() > *rule.max_length) model.erase(model.begin());
    } else if (what < 91) {
      StreamId id =
          model.empty()
              ? StreamId{}
              : std::next(model.begin(),
                          static_cast<int64_t>(random.Below(std::min<size_t>(model.size(), 20))))
                    ->first;
      uint64_t expected = 0;
      for (; !model.empty() && model.begin()->first < id; ++expected) model.erase(model.begin());
      ASSERT_EQ(TrimAll(*stream, {.min_id = id}), expected);
    } else if (what < 93) {
      uint64_t length = model.size() / 2;
      uint64_t trimmed = TrimAll(*stream, {.max_length = length, .approximate = true, .limit = 40});
      ASSERT_LE(trimmed, std::min<uint64_t>(40, model.size() - length));
      for (; trimmed > 0; --trimmed) model.erase(model.begin());
    } else if (what < 94) {
      std::unique_ptr<Object> copy = stream->Duplicate();
      ASSERT_LE(copy->MemoryBytes(), stream->MemoryBytes());
      stream.reset(static_cast<Stream*>(copy.release()));
    } else {
      StreamId start = RandomId(random, model);
      StreamId end = RandomId(random, model);
      ASSERT_EQ(Read(*stream, start, end), Expected(model, start, end));
      Entries backwards = Read(*stream, start, end, Direction::kBackward);
      std::reverse(backwards.begin(), backwards.end());
      ASSERT_EQ(backwards, Expected(model, start, end));
    }
    ASSERT_EQ(stream->last_id(), last);
    ASSERT_EQ(stream->entries_added(), added);
    if (step % 50 == 0) ExpectSame(*stream, model);
  }
  ExpectSame(*stream, model);
}

TEST(Stream, AgreesWithAMapOfEntries) {
  RunRandomly(1, {});
  RunRandomly(2, {.bytes = 200, .entries = 100});
  RunRandomly(3, {.bytes = 4096, .entries = 3});
  RunRandomly(4, {.bytes = 0, .entries = 1});
  RunRandomly(5, {.bytes = 300, .entries = 0});
}

TEST(Stream, EmptyHasNothing) {
  Stream stream;
  EXPECT_EQ(stream.length(), 0U);
  EXPECT_TRUE(Read(stream).empty());
  EXPECT_FALSE(stream.FirstId().has_value());
  EXPECT_FALSE(stream.LastId().has_value());
  EXPECT_FALSE(stream.Contains({1, 1}));
  StreamId id{1, 1};
  EXPECT_EQ(stream.Delete({&id, 1}), 0U);
  EXPECT_EQ(TrimAll(stream, {.max_length = 0}), 0U);
  EXPECT_TRUE(stream.FreeSome(0));
}

TEST(Stream, BytesAreBackWhereTheyWere) {
  Stream stream;
  size_t before = stream.MemoryBytes();
  for (uint64_t i = 1; i <= 10'000; ++i) Append(stream, {i, 0}, {"field", std::to_string(i)});
  EXPECT_GT(stream.MemoryBytes(), before + 10'000 * 8);
  StreamGroup* group = stream.AddGroup("group", {}, 0);
  StreamConsumer* consumer = group->AddConsumer("a consumer with a long name", 5);
  for (uint64_t i = 1; i <= 1000; ++i) group->SetPending({{i, 0}, 7, 1, consumer});
  EXPECT_GT(stream.MemoryBytes(), group->MemoryBytes() + 10'000 * 8);
  std::unique_ptr<StreamGroup> taken = stream.TakeOutGroup(group);
  size_t without = stream.MemoryBytes();
  EXPECT_FALSE(taken->FreeSome(3));
  while (!taken->FreeSome(1)) {
  }
  taken.reset();
  EXPECT_EQ(stream.MemoryBytes(), without);
  TrimAll(stream, {.max_length = 0});
  // What is left is the list of groups at most.
  EXPECT_LE(stream.MemoryBytes(), before + 8);
}

TEST(Stream, FreesInSlices) {
  Stream stream;
  for (uint64_t i = 1; i <= 1000; ++i) Append(stream, {i, 0}, {"a", "b"});
  for (const char* name : {"one", "two"}) {
    StreamGroup* group = stream.AddGroup(name, {}, 0);
    StreamConsumer* consumer = group->AddConsumer("c", 0);
    for (uint64_t i = 1; i <= 500; ++i) group->SetPending({{i, 0}, 7, 1, consumer});
  }
  int slices = 0;
  for (size_t before = stream.MemoryBytes(); !stream.FreeSome(2); ++slices) {
    EXPECT_LT(stream.MemoryBytes(), before);
    before = stream.MemoryBytes();
  }
  EXPECT_GE(slices, 10);
  EXPECT_LE(stream.MemoryBytes(), base::SizeClass(sizeof(Stream)) + 8);
}

TEST(Stream, ReplacesANodeOfDeletedEntriesThatXsetidWentBackBehind) {
  Stream stream;
  Limits one{.bytes = 4096, .entries = 2};
  Append(stream, {1, 0}, {"a", "1"}, one);
  Append(stream, {2, 0}, {"a", "2"}, one);
  Append(stream, {5, 0}, {"a", "5"}, one);
  Append(stream, {9, 0}, {"a", "9"}, one);
  // The node of 5 has a deleted entry behind the trimmed one, and so it stays.
  StreamId nine{9, 0};
  ASSERT_EQ(stream.Delete({&nine, 1}), 1U);
  ASSERT_EQ(TrimAll(stream, {.min_id = {6, 0}}), 3U);
  ASSERT_EQ(stream.nodes().size(), 1U);
  ASSERT_EQ(stream.length(), 0U);
  stream.set_last_id({4, 0});
  Append(stream, {5, 0}, {"b", "5"}, {.bytes = 4096, .entries = 1});
  stream.CheckInvariants();
  EXPECT_EQ(stream.nodes().size(), 1U);
  EXPECT_EQ(Read(stream), (Entries{{{5, 0}, {}}}));
  EXPECT_EQ(stream.length(), 1U);
  EXPECT_TRUE(stream.Contains({5, 0}));
}

// --- Groups ---

TEST(StreamGroup, KeepsConsumersInTheOrderOfTheirNames) {
  StreamGroup group("g", {}, 0, nullptr);
  for (const char* name : {"m", "a", "z", "b", "", "ab"}) {
    ASSERT_NE(group.AddConsumer(name, 1), nullptr);
    ASSERT_EQ(group.AddConsumer(name, 1), nullptr);
  }
  std::vector<std::string> names;
  for (const StreamConsumer* consumer : group.consumers().items()) {
    names.emplace_back(consumer->name());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"", "a", "ab", "b", "m", "z"}));
  group.CheckInvariants();
}

struct Pending {
  std::string consumer;
  int64_t delivered_ms;
  uint64_t deliveries;
  bool operator==(const Pending&) const = default;
};

void ExpectSame(const StreamGroup& group, const std::map<StreamId, Pending>& model) {
  group.CheckInvariants();
  std::map<StreamId, Pending> found;
  const PendingEntries& pending = group.pending();
  for (PendingEntries::Place at = pending.First(); at; at = pending.Next(at)) {
    const PendingEntry& entry = pending.At(at);
    found[entry.id] = {std::string(entry.consumer->name()), entry.delivered_ms, entry.deliveries};
  }
  ASSERT_EQ(found, model);
}

TEST(StreamGroup, AgreesWithAMapOfPendingEntries) {
  base::Random random(1);
  auto group = std::make_unique<StreamGroup>("g", StreamId{}, 0, nullptr);
  std::map<StreamId, Pending> model;
  for (int step = 0; step < 20'000; ++step) {
    StreamId id{random.Below(2000), random.Below(2)};
    std::string name = "c" + std::to_string(random.Below(5));
    StreamConsumer* consumer = group->FindConsumer(name);
    uint64_t what = random.Below(100);
    if (what < 70) {
      if (consumer == nullptr) consumer = group->AddConsumer(name, step);
      group->SetPending({id, step, what, consumer});
      model[id] = {name, step, what};
    } else if (what < 98) {
      ASSERT_EQ(group->FindPending(id) != nullptr, model.contains(id));
      ASSERT_EQ(group->ErasePending(id), model.erase(id) == 1);
    } else if (what < 99 && consumer != nullptr) {
      while (!group->DropPending(consumer, 10)) {
      }
      group->EraseConsumer(consumer);
      std::erase_if(model, [&](const auto& entry) { return entry.second.consumer == name; });
    } else {
      std::unique_ptr<StreamGroup> copy = group->Copy(nullptr);
      group = std::move(copy);
    }
    if (step % 500 == 0) ExpectSame(*group, model);
  }
  ExpectSame(*group, model);
}

TEST(StreamGroup, LagIsUnknownBehindADeletion) {
  Stream stream;
  StreamGroup* group = stream.AddGroup("g", {}, StreamGroup::kUnknown);
  EXPECT_EQ(stream.LagOf(*group), 0);
  for (uint64_t i = 1; i <= 5; ++i) Append(stream, {i, 0}, {"a", "b"});
  EXPECT_EQ(stream.LagOf(*group), 5);
  stream.NoteDelivery(*group, {1, 0});
  EXPECT_EQ(group->entries_read(), 1);
  EXPECT_EQ(stream.LagOf(*group), 4);
  StreamId three{3, 0};
  stream.Delete({&three, 1});
  EXPECT_EQ(stream.LagOf(*group), std::nullopt);
  // What is delivered again changes nothing.
  stream.NoteDelivery(*group, {1, 0});
  EXPECT_EQ(group->last_id(), (StreamId{1, 0}));
  stream.NoteDelivery(*group, {2, 0});
  EXPECT_EQ(group->entries_read(), StreamGroup::kUnknown);
  stream.NoteDelivery(*group, {5, 0});
  EXPECT_EQ(group->entries_read(), 5);
  EXPECT_EQ(stream.LagOf(*group), 0);
}

TEST(StreamGroup, LagTrustsTheCounterBehindOldDeletions) {
  Stream stream;
  StreamGroup* group = stream.AddGroup("g", {}, 1);
  for (uint64_t i = 1; i <= 5; ++i) Append(stream, {i, 0}, {"a", "b"});
  const StreamId first[] = {{1, 0}, {2, 0}};
  stream.Delete(first);
  EXPECT_EQ(stream.LagOf(*group), 4);
}

}  // namespace
}  // namespace nuthatch::values
