// LINKS: values
//
// Streams. The first byte of the input chooses: the rest is a stream in the RDB form, of either
// type, or a program that changes a stream and a map of its entries in step.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/check.h"
#include "server/values/stream_dump.h"

namespace {

using nuthatch::base::Buffer;
using nuthatch::values::Element;
using nuthatch::values::NumberText;
using nuthatch::values::RdbReader;
using nuthatch::values::ReadStream;
using nuthatch::values::Stream;
using nuthatch::values::StreamGroup;
using nuthatch::values::StreamId;
using nuthatch::values::StreamReader;
using Model = std::map<StreamId, std::string>;

std::unique_ptr<Stream> RoundTrip(const Stream& stream, bool compress) {
  Buffer bytes;
  AppendStream(stream, compress, bytes);
  RdbReader reader(bytes.view());
  std::unique_ptr<Stream> read = ReadStream(nuthatch::values::kRdbStreamListpacks2, reader);
  CHECK(read != nullptr && reader.rest().empty());
  Buffer again;
  AppendStream(*read, compress, again);
  CHECK(again.view() == bytes.view());
  return read;
}

// Does to a stream whose IDs may be in any order what commands do.
void Use(Stream& stream) {
  size_t entries = 0;
  StreamReader reader(stream, {}, StreamId::Max(), StreamReader::Direction::kBackward);
  std::vector<StreamId> ids;
  while (reader.Next()) {
    reader.ForEachField([&](const Element& field, const Element& value) {
      entries += field.text.size() + value.text.size();
    });
    ids.push_back(reader.id());
  }
  ids.resize(std::min<size_t>(ids.size(), 3));
  stream.Delete(ids);
  for (const StreamGroup* group : stream.groups().items()) stream.LagOf(*group);
  if (std::optional<StreamId> next = stream.last_id().Next()) {
    std::string_view pair[] = {"field", "value"};
    stream.Append(*next, pair, {});
  }
  bool more = true;
  Stream::TrimRule rule{.max_length = stream.length() / 2};
  while (more) stream.Trim(rule, 2, &more);
  stream.CheckInvariants();
}

void ReadHostile(uint8_t type, std::string_view bytes) {
  RdbReader reader(bytes);
  std::unique_ptr<Stream> stream = ReadStream(type, reader);
  if (stream == nullptr) return;
  // LZF makes at most 88 bytes of one; a pending entry takes 25 bytes, a consumer 10 and a group 6.
  CHECK(stream->MemoryBytes() <= 1024 + bytes.size() * 128);
  stream->CheckInvariants();
  RoundTrip(*stream, true);
  Use(*stream);
}

void ExpectSame(const Stream& stream, const Model& model) {
  stream.CheckInvariants();
  CHECK(stream.length() == model.size());
  StreamReader reader(stream, {}, StreamId::Max());
  for (const auto& entry : model) {
    CHECK(reader.Next() && reader.id() == entry.first);
    reader.ForEachField([&](const Element& field, const Element& value) {
      NumberText number;
      CHECK(value.Text(number) == entry.second && !field.is_integer);
    });
  }
  CHECK(!reader.Next());
}

// One step: a byte says what to do, the next with what, a third how much text follows.
std::string_view Step(std::unique_ptr<Stream>& stream, Model& model, std::string_view program,
                      const Stream::NodeLimits& limits) {
  auto what = static_cast<uint8_t>(program[0]);
  auto argument = static_cast<uint8_t>(program[1]);
  size_t length = static_cast<uint8_t>(program[2]) % 16;
  program.remove_prefix(3);
  std::string text(program.substr(0, length));
  program.remove_prefix(text.size());
  switch (what % 6) {
    case 0:
    case 1:
      for (int i = 0; i <= what / 8; ++i) {
        StreamId id = stream->last_id();
        id = argument % 2 == 0 ? StreamId{id.ms, id.seq + 1} : StreamId{id.ms + argument, 0};
        std::string_view pair[] = {argument % 3 == 0 ? "field" : "other", text};
        stream->Append(id, pair, limits);
        model[id] = text;
      }
      break;
    case 2: {
      std::vector<StreamId> ids;
      size_t count = 0;
      for (const auto& entry : model) {
        if (count++ % (argument + 2U) == 0) ids.push_back(entry.first);
      }
      CHECK(stream->Delete(ids) == ids.size());
      for (StreamId id : ids) model.erase(id);
      break;
    }
    case 3: {
      uint64_t keep = model.size() * argument / 256;
      Stream::TrimRule rule{.max_length = keep};
      for (bool more = true; more;) stream->Trim(rule, 1, &more);
      while (model.size() > keep) model.erase(model.begin());
      break;
    }
    case 4: {
      auto from = std::next(model.begin(), static_cast<int64_t>(model.size() * argument / 256));
      StreamId id = from == model.end() ? StreamId{} : from->first;
      Stream::TrimRule rule{.min_id = id};
      for (bool more = true; more;) stream->Trim(rule, 1, &more);
      while (!model.empty() && model.begin()->first < id) model.erase(model.begin());
      break;
    }
    default:
      stream = argument < 128
                   ? RoundTrip(*stream, argument < 64)
                   : std::unique_ptr<Stream>(static_cast<Stream*>(stream->Duplicate().release()));
      break;
  }
  return program;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 4 < 3) {
    ReadHostile(data[0] % 4 == 0 ? nuthatch::values::kRdbStreamListpacks
                                 : nuthatch::values::kRdbStreamListpacks2,
                rest);
    return 0;
  }
  auto stream = std::make_unique<Stream>();
  Stream::NodeLimits limits{.bytes = 64U * data[1], .entries = data[2] % 8U};
  Model model;
  std::string_view program = rest.substr(2);
  while (program.size() >= 3) program = Step(stream, model, program, limits);
  ExpectSame(*stream, model);
  return 0;
}
