#include "server/commands/debug_structures.h"

#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "server/base/numbers.h"
#include "server/base/table_bucket.h"
#include "server/commands/debug_keys.h"
#include "server/commands/errors.h"
#include "server/keyspace/any_value.h"
#include "server/resp/replies.h"
#include "server/runtime/context.h"
#include "server/values/hash_value.h"
#include "server/values/listpack.h"
#include "server/values/quicklist.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set.h"

namespace nuthatch::commands {
namespace {

using keyspace::EntryRef;
using runtime::CommandContext;
using values::Encoding;

// Of an element, as it is printed.
constexpr size_t kMostShown = 40;

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text.substr(0, kMostShown)) {
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out += text.size() > kMostShown ? "...\"" : "\"";
}

std::string DescribeListpack(std::string_view bytes, bool elements) {
  values::Listpack listpack(bytes);
  std::string out =
      fmt::format("listpack of {} bytes, {} elements\n", bytes.size(), listpack.Count());
  if (!elements) return out;
  size_t index = 0;
  for (size_t at = listpack.First(); at != listpack.End(); ++index) {
    size_t begin = at;
    values::Element element = listpack.Read(&at);
    std::string text =
        element.is_integer ? base::FormatInt64(element.integer) : Quoted(element.text);
    fmt::format_to(std::back_inserter(out), "  {}: at {}, {} bytes: {}\n", index, begin, at - begin,
                   text);
  }
  return out;
}

// As in Redis, it goes to the server's standard output, not to the client.
void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

void DebugListpack(CommandContext& context) {
  EntryRef entry = DebugFindOrReply(context);
  if (!entry) return;
  if (entry->encoding() != Encoding::kListpack) {
    context.reply().Error(errors::kDebugNoListpack);
    return;
  }
  Print(DescribeListpack(entry->bytes(), /*elements=*/true));
  context.reply().SimpleString("Listpack structure printed on stdout");
}

void DebugQuicklist(CommandContext& context) {
  EntryRef entry = DebugFindOrReply(context);
  if (!entry) return;
  if (entry->encoding() != Encoding::kQuicklist) {
    context.reply().Error(errors::kDebugNoQuicklist);
    return;
  }
  bool elements = context.argc() > 3 && std::atoi(std::string(context.arg(3)).c_str()) != 0;
  keyspace::NumberText number;
  values::ValueView value = keyspace::ViewOf(*entry, number);
  std::string text;
  if (value.object == nullptr) {
    text = "one node: " + DescribeListpack(value.bytes, elements);
  } else {
    const auto& list = static_cast<const values::Quicklist&>(*value.object);
    text = fmt::format("{} elements in {} nodes\n", list.size(), list.CountNodes());
    list.ForEachNode([&](bool plain, std::string_view bytes) {
      text += plain ? fmt::format("plain node of {} bytes: {}\n", bytes.size(), Quoted(bytes))
                    : DescribeListpack(bytes, elements);
    });
  }
  Print(text);
  context.reply().SimpleString("Quicklist structure printed on stdout");
}

void DebugHtstatsKey(CommandContext& context) {
  EntryRef entry = DebugFindOrReply(context);
  if (!entry) return;
  size_t buckets = 0;
  size_t elements = 0;
  auto measure = [&](const auto& value) {
    buckets = value.table().buckets();
    elements = value.size();
  };
  if (entry->encoding() == Encoding::kSkiplist) {
    measure(static_cast<const values::SortedSet&>(*entry->object()));
  } else if (entry->encoding() != Encoding::kHashtable) {
    context.reply().Error(errors::kDebugNoHashTable);
    return;
  } else if (entry->type() == values::Type::kHash) {
    measure(static_cast<const values::HashValue&>(*entry->object()));
  } else {
    measure(static_cast<const values::SetValue&>(*entry->object()));
  }
  size_t places = buckets * base::kBucketWords;
  context.reply().Verbatim(
      "txt",
      fmt::format("[Table of the value]\n"
                  " buckets: {}\n"
                  " table size: {}\n"
                  " number of elements: {}\n"
                  " fill: {:.2f}\n",
                  buckets, places, elements,
                  places == 0 ? 0 : static_cast<double>(elements) / static_cast<double>(places)));
}

void DebugPackedThreshold(CommandContext& context) {
  // Redis takes no digits for 0.
  std::optional<uint64_t> size = context.arg(2).empty() ? 0 : base::ParseMemorySize(context.arg(2));
  if (!size.has_value() || !values::Quicklist::SetPackedThreshold(*size)) {
    context.reply().Error(errors::kPackedThreshold);
    return;
  }
  context.reply().Raw(resp::kOkReply);
}

}  // namespace nuthatch::commands
