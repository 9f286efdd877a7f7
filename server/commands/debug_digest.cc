// The signature is made of SHA-1 sums in two ways: `Xor` adds the sum of some bytes to it, so that
// the order of what is added doesn't matter; `Mix` does that and then replaces it by its own sum,
// so that the order does. A key's signature mixes its name, the number of its type and its value,
// and adds a mark if it has a deadline. A list's elements are mixed in their order; a set's members
// are added; of a hash or sorted set the sum of each pair, mixed by itself, is added. Of a stream's
// entries the ID is mixed, then fields and values. The whole is,
// for each database that isn't empty, its number mixed in, then the sum of each key's signature
// added.
#include "server/commands/debug_digest.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/base/sha1.h"
#include "server/keyspace/any_value.h"
#include "server/runtime/context.h"
#include "server/runtime/node.h"
#include "server/runtime/shard.h"
#include "server/values/value_walk.h"

namespace nuthatch::commands {
namespace {

using runtime::CommandContext;

using Digest = base::Sha1Digest;

void Xor(Digest& digest, std::string_view bytes) {
  Digest sum = base::Sha1(bytes);
  for (size_t i = 0; i < digest.size(); ++i) digest[i] ^= sum[i];
}

std::string_view BytesOf(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

void Mix(Digest& digest, std::string_view bytes) {
  Xor(digest, bytes);
  digest = base::Sha1(BytesOf(digest));
}

// A 32-bit number in network order.
void MixNumber(Digest& digest, uint32_t number) {
  char bytes[4];
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(number >> (24 - 8 * i));
  Mix(digest, {bytes, 4});
}

// Adds what two parts of an element are together, so that the order of elements doesn't matter.
void XorPair(Digest& digest, std::string_view first, std::string_view second) {
  Digest pair{};
  Mix(pair, first);
  Mix(pair, second);
  Xor(digest, BytesOf(pair));
}

void MixContent(Digest& digest, const values::ValueView& value) {
  switch (value.type) {
    case values::Type::kString:
      Mix(digest, value.bytes);
      break;
    case values::Type::kList:
      values::ForEachListElement(value, [&](std::string_view text) { Mix(digest, text); });
      break;
    case values::Type::kSet:
      values::ForEachMember(value, [&](std::string_view member) { Xor(digest, member); });
      break;
    case values::Type::kSortedSet:
      values::ForEachScored(value, [&](std::string_view member, double score) {
        char text[base::kMaxDoubleChars];
        XorPair(digest, member, {text, base::FormatDouble(score, text)});
      });
      break;
    case values::Type::kHash:
      values::ForEachField(value, [&](std::string_view field, std::string_view text) {
        XorPair(digest, field, text);
      });
      break;
    case values::Type::kStream:
      values::ForEachEntry(
          value, [&](values::StreamId id) { Mix(digest, fmt::format("{}.{}", id.ms, id.seq)); },
          [&](std::string_view field, std::string_view text) {
            Mix(digest, field);
            Mix(digest, text);
          });
      break;
    case values::Type::kModule:
      CHECK(!"a value of a module");
  }
}

void MixValue(Digest& digest, const keyspace::Entry& entry) {
  MixNumber(digest, static_cast<uint32_t>(entry.type()));
  keyspace::NumberText number;
  MixContent(digest, keyspace::ViewOf(entry, number));
  if (entry.has_deadline()) Xor(digest, "!!expire!!");
}

}  // namespace

void DebugDigest(CommandContext& context) {
  Digest whole{};
  runtime::Node& node = context.node();
  for (int db = 0; db < context.config().databases; ++db) {
    size_t count = 0;
    for (size_t i = 0; i < node.shard_count(); ++i) count += node.shard(i).keyspace().Count(db);
    if (count == 0) continue;
    MixNumber(whole, static_cast<uint32_t>(db));
    for (size_t i = 0; i < node.shard_count(); ++i) {
      node.shard(i).keyspace().ForEach(db, [&](keyspace::Entry& entry) {
        Digest key{};
        Mix(key, entry.name());
        MixValue(key, entry);
        Xor(whole, BytesOf(key));
      });
    }
  }
  context.reply().SimpleString(base::ToHex(whole));
}

void DebugDigestValue(CommandContext& context) {
  context.reply().Array(context.argc() - 2);
  for (std::string_view name : context.args().subspan(2)) {
    keyspace::Key key = keyspace::Key::Of(name);
    keyspace::EntryRef entry =
        context.keyspace_of(key).Find(context.db(), key, context.now_ms(), keyspace::Touch::kNone);
    Digest digest{};
    if (entry) MixValue(digest, *entry);
    context.reply().SimpleString(base::ToHex(digest));
  }
}

}  // namespace nuthatch::commands
