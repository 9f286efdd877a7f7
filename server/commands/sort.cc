// SORT, SORT_RO: the elements of a list, a set or a sorted set in order, or what they name.
//
// Takes O(n log n) at once, as in Redis, but for LIMIT: then only the page that is asked for is
// sorted. Elements are ordered by numbers, whose ties their bytes decide, or by texts (ALPHA),
// whose ties keep the order in which the collection has them; but a page of an order by BY has ties
// where Redis's partial sort leaves them. Texts are compared as the process's LC_COLLATE says, and
// by their bytes where the result is stored.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "server/base/numbers.h"
#include "server/base/partial_sort.h"
#include "server/commands/errors.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/list_access.h"
#include "server/commands/lookup.h"
#include "server/commands/set_access.h"
#include "server/commands/sort_lookup.h"
#include "server/commands/sort_options.h"
#include "server/commands/text_arena.h"
#include "server/commands/zset_access.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_spec.h"
#include "server/values/sorted_set_listpack.h"

namespace nuthatch::commands {
namespace {

using keyspace::Encoding;
using keyspace::Type;

constexpr size_t kElementsBetweenBreaths = 1024;

// --- What is sorted ---

struct Item {
  std::string_view element;
  std::string_view text;  // to be ordered by; without data: there is none
  double number = 0;
};

// The ranks that the reply has.
struct Page {
  size_t begin = 0;
  size_t count = 0;
};

Page PageOf(const SortOptions& options, size_t size) {
  const size_t begin =
      options.offset < 0 ? 0 : std::min(static_cast<uint64_t>(options.offset), uint64_t{size});
  const size_t rest = size - begin;
  if (options.count < 0) return {begin, rest};
  return {begin, std::min(static_cast<uint64_t>(options.count), uint64_t{rest})};
}

// What strtod() makes of a text, up to its first zero byte. Nothing if that is no number, or none
// that a double holds in full precision.
std::optional<double> NumberOf(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  // The quick way for what is written as most numbers are.
  if (!text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'))) {
    auto [behind, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && behind == end && (number == 0 || std::isnormal(number))) {
      return number;
    }
  }
  const std::string terminated(text.substr(0, text.find('\0')));
  char* behind = nullptr;
  errno = 0;
  number = std::strtod(terminated.c_str(), &behind);
  if (*behind != '\0' || errno == ERANGE || std::isnan(number)) return std::nullopt;
  return number;
}

class Sorting {
 public:
  Sorting(CommandContext& context, SortOptions options)
      : context_(context), options_(std::move(options)) {}

  void Run() {
    const Key& key = context_.key(0);
    EntryRef ref = FindForRead(context_, key);
    if (ref && !IsSortableOrReply(ref)) return;
    if (ref) {
      Decide(ref->type());
      Load(ref, key);
    }
    if (sorts_ && !WeighOrReply()) return;
    if (sorts_ && page_.count > 0) Order();
    if (options_.store.has_value()) return Store();
    Reply();
  }

 private:
  bool IsSortableOrReply(const EntryRef& ref) {
    const Type type = ref->type();
    return type == Type::kSet || type == Type::kSortedSet ||
           IsTypeOrReply(context_, ref, Type::kList);
  }

  // A set has no order of its own: what is stored must not hang on how it is kept.
  void Decide(Type type) {
    sorts_ = !options_.by.has_value() || options_.by->names_keys();
    if (!sorts_ && type == Type::kSet && options_.store.has_value()) {
      options_.by.reset();
      options_.alpha = true;
      sorts_ = true;
    }
    // Looking up may change keyspaces.
    copies_ = options_.by.has_value() || !options_.gets.empty();
  }

  // --- Loading ---

  void Load(EntryRef ref, const Key& key) {
    switch (ref->type()) {
      case Type::kList:
        return LoadList(ListView(*ref));
      case Type::kSet:
        return LoadSet(SetReader(ref));
      default:
        return LoadSortedSet(ref, key);
    }
  }

  void Expect(size_t size) {
    page_ = PageOf(options_, size);
    items_.reserve(sorts_ ? size : page_.count);
  }
  void Add(std::string_view element, bool stays) {
    if (!stays || copies_) element = arena_.Copy(element);
    items_.emplace_back().element = element;
    if (items_.size() % kElementsBetweenBreaths == 0) context_.Breathe();
  }

  // Without sorting only the page is loaded, in the list's order or against it.
  void LoadList(const ListView& list) {
    Expect(list.size());
    ListView::Cursor from = list.Edge(ListEnd::kLeft);
    ListDirection direction = ListDirection::kForward;
    if (!sorts_) {
      const auto skip = static_cast<int64_t>(std::exchange(page_.begin, 0));
      if (page_.count == 0) return;
      from = list.Seek(options_.descending ? -1 - skip : skip);
      if (options_.descending) direction = ListDirection::kBackward;
    }
    values::NumberText number;
    size_t left = sorts_ ? list.size() : page_.count;
    list.Walk(from, direction, [&](const values::Element& element) {
      Add(element.Text(number), !element.is_integer);
      return --left > 0;
    });
  }

  // Without sorting, the set's own order, whatever DESC says.
  void LoadSet(const SetReader& set) {
    Expect(set.size());
    if (!sorts_) items_.reserve(set.size());
    set.VisitEach([&](std::string_view member) { Add(member, !set.is_intset()); });
  }

  // As in Redis, a small set takes the form of a large one.
  void LoadSortedSet(EntryRef ref, const Key& key) {
    if (ref->encoding() != Encoding::kSkiplist) {
      ref = context_.keyspace_of(key).ReplaceForm(
          context_.db(), key, ref, Encoding::kSkiplist,
          values::MakeSortedSet(values::SortedSetListpack(ref->bytes())));
    }
    const values::SortedSetView set = ViewSortedSet(ref);
    Expect(set.size());
    values::RankRange ranks = set.All();
    bool reversed = false;
    if (!sorts_) {
      reversed = options_.descending;
      ranks = reversed ? values::RankRange{set.size() - page_.begin - page_.count,
                                           set.size() - page_.begin}
                       : values::RankRange{page_.begin, page_.begin + page_.count};
      page_.begin = 0;
    }
    set.ForEach(ranks, reversed, [&](std::string_view member, double) { Add(member, true); });
  }

  // --- Weighing ---

  // False after an error reply. All are weighed, even behind one that is no number.
  bool WeighOrReply() {
    bool good = true;
    auto weigh = [&](Item& item, std::string_view weight, bool stays) {
      if (options_.alpha) {
        item.text = TextToOrderBy(weight, stays);
        return;
      }
      const std::optional<double> number = NumberOf(weight);
      good &= number.has_value();
      item.number = number.value_or(0);
    };
    if (options_.by.has_value()) {
      SortLookup lookup(context_, {&*options_.by, 1});
      lookup.ForEach(
          items_.size(), [&](size_t i) { return items_[i].element; },
          [&](size_t i, std::optional<std::string_view> weight) {
            if (weight.has_value()) weigh(items_[i], *weight, false);
          });
    } else {
      for (Item& item : items_) weigh(item, item.element, true);
    }
    if (!good) context_.reply().Error(errors::kSortNotNumeric);
    return good;
  }

  // Texts whose bytes are in the order of the texts. Has data, if it is empty, too.
  std::string_view TextToOrderBy(std::string_view text, bool stays) {
    if (!options_.store.has_value()) {
      const size_t whole = text.size();
      text = text.substr(0, text.find('\0'));
      ties_show_ |= text.size() != whole;
      if (!plain_locale_) {
        ties_show_ = true;
        const std::string terminated(text);
        const size_t size = std::strxfrm(nullptr, terminated.c_str(), 0);
        char* transformed = arena_.Make(size + 1);
        std::strxfrm(transformed, terminated.c_str(), size + 1);
        return {transformed, size};
      }
    }
    if (text.empty()) return "";
    return stays ? text : arena_.Copy(text);
  }

  // --- Ordering ---

  void Order() {
    if (options_.alpha) {
      OrderBy([](const Item& a, const Item& b) {
        if (a.text.data() == nullptr || b.text.data() == nullptr) {
          return static_cast<int>(a.text.data() != nullptr) -
                 static_cast<int>(b.text.data() != nullptr);
        }
        return a.text.compare(b.text);
      });
    } else {
      OrderBy([](const Item& a, const Item& b) {
        if (a.number != b.number) return a.number > b.number ? 1 : -1;
        return a.element.compare(b.element);
      });
    }
  }

  template <typename Compare>
  void OrderBy(const Compare& compare) {
    const int sign = options_.descending ? -1 : 1;
    // Without BY, what is equal is the same, unless it is for the locale only or up to a zero byte.
    const bool in_part = options_.by.has_value() || !options_.alpha || !ties_show_;
    if (in_part && page_.count < items_.size()) {
      return base::PartialSort(std::span(items_), page_.begin, page_.begin + page_.count - 1,
                               [&](const Item& a, const Item& b) { return sign * compare(a, b); });
    }
    std::stable_sort(items_.begin(), items_.end(),
                     [&](const Item& a, const Item& b) { return sign * compare(a, b) < 0; });
  }

  // --- The result ---

  std::span<const Item> page() const { return std::span(items_).subspan(page_.begin, page_.count); }
  size_t results() const { return page_.count * std::max<size_t>(1, options_.gets.size()); }

  // take(result) for each: elements, or what GET names of each, perhaps nothing.
  template <typename Take>
  void ForEachResult(const Take& take) {
    const std::span<const Item> items = page();
    if (options_.gets.empty()) {
      for (size_t i = 0; i < items.size(); ++i) {
        take(std::optional(items[i].element));
        if (i % kElementsBetweenBreaths == kElementsBetweenBreaths - 1) context_.Breathe();
      }
      return;
    }
    SortLookup lookup(context_, options_.gets);
    lookup.ForEach(
        items.size(), [&](size_t i) { return items[i].element; },
        [&](size_t, std::optional<std::string_view> value) { take(value); });
  }

  void Reply() {
    resp::ReplyWriter& reply = context_.reply();
    reply.Array(results());
    ForEachResult([&](std::optional<std::string_view> result) {
      if (result.has_value()) {
        reply.Bulk(*result);
      } else {
        reply.Null();
      }
    });
  }

  // A list, with empty elements for what isn't there; none of it deletes the key.
  void Store() {
    // As in Redis, a list of the default setting whatever the configuration says.
    ListBuilder list(kCompactFill);
    ForEachResult([&](std::optional<std::string_view> result) {
      list.Push(ListEnd::kRight, result.value_or(""));
    });
    const Key key = Destination();
    Keyspace& keys = context_.keyspace_of(key);
    const EntryRef ref = FindForWrite(context_, keys, key);
    if (results() > 0) {
      list.Store(keys, context_.db(), key, ref, keyspace::Ttl::None());
      CountChanges(context_, results());
    } else if (ref) {
      keys.Erase(context_.db(), key, ref);
      CountChanges(context_);
    }
    context_.reply().Integer(static_cast<int64_t>(results()));
  }

  Key Destination() const {
    const std::string_view name = context_.arg(*options_.store);
    for (const Key& key : context_.keys()) {
      if (key.name == name) return key;
    }
    return Key::Of(name);
  }

  static bool IsPlainLocale() {
    const std::string_view name = std::setlocale(LC_COLLATE, nullptr);
    return name == "C" || name == "POSIX";
  }

  CommandContext& context_;
  SortOptions options_;
  bool sorts_ = true;
  bool copies_ = false;
  const bool plain_locale_ = IsPlainLocale();
  bool ties_show_ = false;
  Page page_;
  TextArena arena_;
  std::vector<Item> items_;
};

void SortAny(CommandContext& context, bool may_store) {
  SortOptions options;
  const std::string_view error = ParseSort(context.args(), may_store, &options);
  if (!error.empty()) return context.reply().Error(error);
  Sorting(context, std::move(options)).Run();
}

void Sort(CommandContext& context) { SortAny(context, true); }
void SortRo(CommandContext& context) { SortAny(context, false); }

using namespace runtime;  // the words of the rows

constexpr CommandSpec kSortCommands[] = {
    {.name = "sort",
     .arity = -2,
     .flags = kWrite | kDenyOom | kMovableKeys,
     .key_specs = kSortKeys,
     .acl_categories = kAclSet | kAclSortedSet | kAclList | kAclDangerous,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = Sort,
     .get_keys = SortKeys,
     .needs_all = SortNeedsAll,
     .summary = "Sort the elements in a list, set or sorted set",
     .complexity =
         "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the "
         "number of returned elements. When the elements are not sorted, complexity is O(N).",
     .since = "1.0.0",
     .group = "generic",
     .args = kSortArgs},
    {.name = "sort_ro",
     .arity = -2,
     .flags = kReadonly | kMovableKeys,
     .key_specs = kSortRoKeys,
     .acl_categories = kAclSet | kAclSortedSet | kAclList | kAclDangerous,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = SortRo,
     .get_keys = SortRoKeys,
     .needs_all = SortRoNeedsAll,
     .summary = "Sort the elements in a list, set or sorted set. Read-only variant of SORT.",
     .complexity =
         "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the "
         "number of returned elements. When the elements are not sorted, complexity is O(N).",
     .since = "7.0.0",
     .group = "generic",
     .args = kSortRoArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> SortCommands() { return kSortCommands; }

}  // namespace nuthatch::commands
