// Streams beside what redis-server 7.0.15 made of the same commands (redis_7_0_15_streams.txt), and
// the reading of payloads that were changed.
#include <cstdint>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/base/crc64.h"
#include "server/base/random.h"
#include "server/values/stream_dump.h"
#include "server/values/stream_radix.h"

namespace nuthatch::values {
namespace {

constexpr size_t kFooterSize = 10;

// "x*63" is 63 times the character.
std::string TextOf(const std::string& word) {
  if (word.size() < 3 || word[1] != '*') return word;
  return std::string(std::stoul(word.substr(2)), word[0]);
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    text += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text;
}

std::string FromHex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// The payload of DUMP.
std::string Dump(const Stream& stream) {
  base::Buffer out;
  out.Append(static_cast<char>(kRdbStreamListpacks2));
  AppendStream(stream, true, out);
  out.Append(std::string_view("\x0a\0", 2));
  uint64_t crc = base::Crc64(0, out.view());
  for (int i = 0; i < 8; ++i) out.Append(static_cast<char>(crc >> (8 * i)));
  return std::string(out.view());
}

std::unique_ptr<Stream> Load(std::string_view payload) {
  RdbReader reader(payload.substr(0, payload.size() - kFooterSize));
  std::optional<uint8_t> type = reader.Byte();
  return type.has_value() ? ReadStream(*type, reader) : nullptr;
}

std::string Text(StreamId id) {
  StreamIdText text;
  return std::string(FormatStreamId(id, text));
}

// "<checksum> <nodes> <radix nodes> <first ID> <max deleted ID>", as the file has it.
std::string Describe(const Stream& stream) {
  std::string payload = Dump(stream);
  RadixNodeCounter radix;
  const StreamNodes& nodes = stream.nodes();
  for (StreamNodes::Place at = nodes.First(); at; at = nodes.Next(at)) radix.Add(nodes.At(at).id);
  std::ostringstream text;
  text << Hex(payload.substr(payload.size() - 8)) << ' ' << nodes.size() << ' ' << radix.Count()
       << ' ' << Text(stream.first_id()) << ' ' << Text(stream.max_deleted_id());
  return text.str();
}

void Trim(Stream& stream, std::istringstream& words) {
  std::string what;
  uint64_t ms = 0;
  uint64_t seq = 0;
  int approximate = 0;
  uint64_t limit = 0;
  uint64_t expected = 0;
  words >> what >> ms >> seq >> approximate >> limit >> expected;
  Stream::TrimRule rule{.min_id = {ms, seq}, .approximate = approximate == 1};
  if (what == "maxlen") rule.max_length = ms;
  if (limit > 0) rule.limit = limit;
  uint64_t trimmed = 0;
  for (bool more = true; more;) trimmed += stream.Trim(rule, 1, &more);
  ASSERT_EQ(trimmed, expected);
}

void RunCommand(Stream& stream, const Stream::NodeLimits& limits, const std::string& command,
                std::istringstream& words) {
  if (command == "trim") return Trim(stream, words);
  std::vector<StreamId> ids;
  uint64_t ms = 0;
  uint64_t seq = 0;
  if (command == "del") {
    while (words >> ms >> seq) ids.push_back({ms, seq});
    stream.Delete(ids);
    return;
  }
  ASSERT_EQ(command, "add");
  words >> ms >> seq;
  std::vector<std::string> pairs;
  for (std::string word; words >> word;) pairs.push_back(TextOf(word));
  std::vector<std::string_view> views(pairs.begin(), pairs.end());
  stream.Append({ms, seq}, views, limits);
}

TEST(GoldenStream, HasTheBytesOfRedis) {
  std::ifstream file(NUTHATCH_TESTS "/unit/values/redis_7_0_15_streams.txt");
  std::unique_ptr<Stream> stream;
  Stream::NodeLimits limits;
  size_t compared = 0;
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    SCOPED_TRACE(number);
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "#") continue;
    if (command == "stream") {
      words >> limits.bytes >> limits.entries;
      stream = std::make_unique<Stream>();
    } else if (command == "=") {
      ++compared;
      ASSERT_EQ(Describe(*stream), line.substr(2));
      stream->CheckInvariants();
      std::unique_ptr<Stream> loaded = Load(Dump(*stream));
      ASSERT_NE(loaded, nullptr);
      ASSERT_LE(loaded->MemoryBytes(), stream->MemoryBytes());
    } else if (command == "payload") {
      ++compared;
      std::string text;
      words >> text;
      std::unique_ptr<Stream> loaded = Load(FromHex(text));
      ASSERT_NE(loaded, nullptr);
      loaded->CheckInvariants();
      ASSERT_EQ(loaded->groups().size(), 2U);
      ASSERT_EQ(Hex(Dump(*loaded)), text);
    } else {
      RunCommand(*stream, limits, command, words);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(compared, 200U);
}

std::vector<std::string> Payloads() {
  std::ifstream file(NUTHATCH_TESTS "/unit/values/redis_7_0_15_streams.txt");
  std::vector<std::string> payloads;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("payload ")) payloads.push_back(FromHex(line.substr(8)));
  }
  return payloads;
}

TEST(StreamDump, RefusesWhatEndsTooEarly) {
  for (const std::string& payload : Payloads()) {
    std::string_view whole(payload);
    for (size_t size = 0; size + kFooterSize < whole.size(); ++size) {
      // The last ten bytes pass for the footer.
      ASSERT_EQ(Load(whole.substr(0, size + kFooterSize)), nullptr) << size;
    }
  }
}

TEST(StreamDump, WhatIsAcceptedIsSound) {
  base::Random random(1);
  size_t accepted = 0;
  size_t refused = 0;
  for (const std::string& payload : Payloads()) {
    for (int i = 0; i < 4000; ++i) {
      std::string changed = payload;
      size_t at = 1 + random.Below(changed.size() - kFooterSize - 1);
      changed[at] = static_cast<char>(random.Below(256));
      std::unique_ptr<Stream> stream = Load(changed);
      ++(stream == nullptr ? refused : accepted);
      if (stream != nullptr) stream->CheckInvariants();
    }
  }
  EXPECT_GT(accepted, 100U);
  EXPECT_GT(refused, 100U);
}

// A form of 5.0 and 6.0 has no counts of its own.
TEST(StreamDump, ReadsTheFormOfOlderVersions) {
  Stream stream;
  std::string_view pair[] = {"field", "value"};
  for (uint64_t i = 1; i <= 3; ++i) stream.Append({i, 0}, pair, {});
  base::Buffer out;
  AppendRdbLength(1, out);
  char key[kStreamIdBytes];
  EncodeStreamId({1, 0}, key);
  AppendRdbString({key, sizeof key}, false, out);
  const StreamNode& node = stream.nodes().At(stream.nodes().First());
  AppendRdbString({node.bytes, node.size}, false, out);
  // The length, the last ID, one group that has got 3-0, nothing pending, no consumers.
  for (uint64_t number : {3, 3, 0, 1}) AppendRdbLength(number, out);
  AppendRdbString("group", false, out);
  for (uint64_t number : {3, 0, 0, 0}) AppendRdbLength(number, out);
  RdbReader reader(out.view());
  std::unique_ptr<Stream> read = ReadStream(kRdbStreamListpacks, reader);
  ASSERT_NE(read, nullptr);
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_EQ(read->entries_added(), 3U);
  EXPECT_EQ(read->first_id(), (StreamId{1, 0}));
  EXPECT_EQ(read->max_deleted_id(), StreamId{});
  EXPECT_EQ(read->FindGroup("group")->entries_read(), 3);
}

TEST(RadixNodeCounter, CountsNoKeysAndOne) {
  RadixNodeCounter radix;
  EXPECT_EQ(radix.Count(), 1U);
  radix.Add({5, 5});
  EXPECT_EQ(radix.Count(), 2U);
}

}  // namespace
}  // namespace nuthatch::values
