// GEORADIUS, GEORADIUSBYMEMBER, their read-only forms, GEOSEARCH, GEOSEARCHSTORE: the places within
// a circle or a box.
//
// A search visits up to nine ranges of scores (geo_shape.h), each in the order of scores, and
// judges the place of every member that it meets. What it keeps are views of the set, which nothing
// changes before the reply is written or the result is stored.
#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/partial_sort.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/geo_args.h"
#include "server/commands/geo_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/zset_access.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_spec.h"
#include "server/values/geo_shape.h"
#include "server/values/geohash.h"
#include "server/values/sorted_set.h"

namespace nuthatch::commands {
namespace {

using values::GeoPoint;
using values::GeoShape;

constexpr size_t kMembersBetweenBreaths = 1024;

// --- What is asked for ---

enum class From : uint8_t { kPoint, kMember, kOptions };  // where the arguments say the center

struct Form {
  From from = From::kOptions;
  bool may_store = false;  // with the options STORE and STOREDIST
  bool stores = false;     // GEOSEARCHSTORE
};

enum class Order : uint8_t { kNone, kAscending, kDescending };

struct Query {
  std::optional<GeoPoint> center;
  std::optional<GeoRadius> circle;
  std::optional<GeoBox> box;
  Order order = Order::kNone;
  int64_t count = 0;  // 0: all
  bool any = false;   // whichever are found first
  bool with_distance = false;
  bool with_hash = false;
  bool with_point = false;
  std::optional<std::string_view> destination;
  bool store_distance = false;

  GeoShape shape() const {
    if (box.has_value()) return GeoShape::Box(*center, box->width, box->height, box->unit_m);
    return GeoShape::Circle(*center, circle->radius, circle->unit_m);
  }
};

// Reads the arguments, from first to last; each error has been replied where a call returns false.
// Where there is no source, places are not asked for in it.
class Parser {
 public:
  Parser(CommandContext& context, const Form& form, const SortedSetRead& source)
      : context_(context), form_(form), source_(source) {}

  bool Parse() { return ParseFixed() && ParseOptions() && Check(); }
  const Query& query() const { return query_; }

 private:
  std::string_view arg(size_t i) const { return context_.arg(i); }
  bool Fail(std::string_view error) {
    context_.reply().Error(error);
    return false;
  }

  bool ParseFixed() {
    switch (form_.from) {
      case From::kPoint:
        next_ = 6;
        query_.center = GeoPointOrReply(context_, arg(2), arg(3));
        if (!query_.center.has_value()) return false;
        query_.circle = GeoRadiusOrReply(context_, arg(4), arg(5));
        return query_.circle.has_value();
      case From::kMember:
        next_ = 5;
        if (!source_) return true;
        if (!CenterOnMember(arg(2))) return false;
        query_.circle = GeoRadiusOrReply(context_, arg(3), arg(4));
        return query_.circle.has_value();
      case From::kOptions:
        next_ = form_.stores ? 3 : 2;
        if (form_.stores) query_.destination = arg(1);
        return true;
    }
    return false;
  }

  bool CenterOnMember(std::string_view member) {
    std::optional<double> score = source_.Score(member);
    if (!score.has_value()) return Fail(errors::kGeoNoMember);
    query_.center = values::GeoPointOf(*score);
    return true;
  }

  bool ParseOptions() {
    while (next_ < context_.argc()) {
      const size_t behind = context_.argc() - next_ - 1;
      const std::string_view word = arg(next_);
      std::optional<bool> good = ParseFlag(word);
      if (!good.has_value()) good = ParseCountOrStore(word, behind);
      if (!good.has_value() && form_.from == From::kOptions) good = ParseShape(word, behind);
      if (!good.has_value()) return Fail(errors::kSyntax);
      if (!*good) return false;
    }
    return true;
  }

  // These three take the option that stands at next_, with what belongs to it: nothing if it is
  // none of theirs, false after an error.
  std::optional<bool> ParseFlag(std::string_view word) {
    if (IsWord(word, "withdist")) {
      query_.with_distance = true;
    } else if (IsWord(word, "withhash")) {
      query_.with_hash = true;
    } else if (IsWord(word, "withcoord")) {
      query_.with_point = true;
    } else if (IsWord(word, "any")) {
      query_.any = true;
    } else if (IsWord(word, "asc")) {
      query_.order = Order::kAscending;
    } else if (IsWord(word, "desc")) {
      query_.order = Order::kDescending;
    } else if (form_.stores && IsWord(word, "storedist")) {
      query_.store_distance = true;
    } else {
      return std::nullopt;
    }
    ++next_;
    return true;
  }

  std::optional<bool> ParseCountOrStore(std::string_view word, size_t behind) {
    if (behind < 1) return std::nullopt;
    if (IsWord(word, "count")) {
      std::optional<int64_t> count = IntegerOrReply(context_, arg(next_ + 1));
      if (!count.has_value()) return false;
      if (*count <= 0) return Fail(errors::kGeoCount);
      query_.count = *count;
    } else if (form_.may_store && (IsWord(word, "store") || IsWord(word, "storedist"))) {
      query_.destination = arg(next_ + 1);
      query_.store_distance = IsWord(word, "storedist");
    } else {
      return std::nullopt;
    }
    next_ += 2;
    return true;
  }

  std::optional<bool> ParseShape(std::string_view word, size_t behind) {
    if (behind >= 1 && IsWord(word, "frommember") && !from_point_) {
      from_member_ = true;
      next_ += 2;
      return !source_ || CenterOnMember(arg(next_ - 1));
    }
    if (behind >= 2 && IsWord(word, "fromlonlat") && !from_member_) {
      from_point_ = true;
      next_ += 3;
      query_.center = GeoPointOrReply(context_, arg(next_ - 2), arg(next_ - 1));
      return query_.center.has_value();
    }
    if (behind >= 2 && IsWord(word, "byradius") && !query_.box.has_value()) {
      next_ += 3;
      query_.circle = GeoRadiusOrReply(context_, arg(next_ - 2), arg(next_ - 1));
      return query_.circle.has_value();
    }
    if (behind >= 3 && IsWord(word, "bybox") && !query_.circle.has_value()) {
      next_ += 4;
      query_.box = GeoBoxOrReply(context_, arg(next_ - 3), arg(next_ - 2), arg(next_ - 1));
      return query_.box.has_value();
    }
    return std::nullopt;
  }

  // What does not go together.
  bool Check() {
    if (query_.destination.has_value() &&
        (query_.with_distance || query_.with_hash || query_.with_point)) {
      return Fail(
          errors::GeoStoreWithWith(form_.stores ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS"));
    }
    if (form_.from == From::kOptions) {
      if (!from_member_ && !from_point_) return Fail(errors::GeoWithoutCenter(arg(0)));
      if (!query_.circle.has_value() && !query_.box.has_value()) {
        return Fail(errors::GeoWithoutShape(arg(0)));
      }
    }
    if (query_.any && query_.count == 0) return Fail(errors::kGeoAnyWithoutCount);
    // The nearest ones.
    if (query_.count != 0 && !query_.any && query_.order == Order::kNone) {
      query_.order = Order::kAscending;
    }
    return true;
  }

  CommandContext& context_;
  const Form& form_;
  const SortedSetRead& source_;
  Query query_;
  size_t next_ = 0;  // the argument to be read
  bool from_member_ = false;
  bool from_point_ = false;
};

// --- Searching ---

struct Found {
  std::string_view member;
  double distance_m;
  double score;
};

class Search {
 public:
  // `most`: how many are enough; 0: no number is.
  Search(CommandContext& context, const GeoShape& shape, size_t most)
      : context_(context), shape_(shape), most_(most) {}

  void Run(const SortedSetRead& source) {
    const auto ranges = shape_.Ranges();
    for (const values::ScoreRange& range : ranges.all()) {
      if (source.large() != nullptr) {
        VisitLarge(*source.large(), range);
      } else {
        VisitSmall(source, range);
      }
      if (most_ != 0 && found_.size() >= most_) return;
    }
  }

  // Puts the first `count` into order.
  void Sort(Order order, size_t count) {
    const int sign = order == Order::kDescending ? -1 : 1;
    auto compare = [sign](const Found& a, const Found& b) {
      return sign * ((a.distance_m > b.distance_m) - (a.distance_m < b.distance_m));
    };
    if (count == 0) return;
    if (count < found_.size()) {
      return base::PartialSort(std::span(found_), 0, count - 1, compare);
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [&](const Found& a, const Found& b) { return compare(a, b) < 0; });
  }

  std::span<const Found> found() const { return found_; }

 private:
  // False where enough were found.
  bool Judge(std::string_view member, double score) {
    if (++visited_ % kMembersBetweenBreaths == 0) context_.Breathe();
    std::optional<double> distance = shape_.DistanceWithin(values::GeoPointOf(score));
    if (!distance.has_value()) return true;
    found_.push_back({member, *distance, score});
    return most_ == 0 || found_.size() < most_;
  }

  void VisitLarge(const values::SortedSet& set, const values::ScoreRange& range) {
    for (values::SortedSet::Position at = set.FirstWithin(range); at && at.score() < range.max;
         at.Next()) {
      if (!Judge(at.member(), at.score())) return;
    }
  }

  // Members that are numbers have no bytes to be viewed.
  void VisitSmall(const SortedSetRead& set, const values::ScoreRange& range) {
    set.ForEach(set.Within(range), false, [&](std::string_view member, double score) {
      const size_t before = found_.size();
      const bool more = Judge(member, score);
      if (found_.size() > before) found_.back().member = copies_.emplace_back(member);
      return more;
    });
  }

  CommandContext& context_;
  const GeoShape shape_;
  const size_t most_;
  size_t visited_ = 0;
  std::vector<Found> found_;
  std::deque<std::string> copies_;
};

// --- What comes of it ---

// REQUIRES: it was found in the double's range, so it is a place's or near to it.
int64_t HashOf(double score) { return static_cast<int64_t>(score); }

void ReplyFound(CommandContext& context, const Query& query, std::span<const Found> found) {
  const double unit_m = query.shape().unit_m();
  const size_t details = static_cast<size_t>(query.with_distance) +
                         static_cast<size_t>(query.with_hash) +
                         static_cast<size_t>(query.with_point);
  resp::ReplyWriter& reply = context.reply();
  reply.Array(found.size());
  for (const Found& item : found) {
    if (details > 0) reply.Array(1 + details);
    reply.Bulk(item.member);
    if (query.with_distance) ReplyDistance(context, item.distance_m / unit_m);
    if (query.with_hash) reply.Integer(HashOf(item.score));
    if (query.with_point) ReplyPoint(context, values::GeoPointOf(item.score));
  }
}

// The command's key of that name.
Key KeyNamed(const CommandContext& context, std::string_view name) {
  for (const Key& key : context.keys()) {
    if (key.name == name) return key;
  }
  return Key::Of(name);
}

void StoreFound(CommandContext& context, const Query& query, std::span<const Found> found) {
  const double unit_m = found.empty() ? 1 : query.shape().unit_m();
  values::SortedSetBuilder builder;
  for (const Found& item : found) {
    builder.AddNew(item.member, query.store_distance ? item.distance_m / unit_m : item.score);
  }
  const size_t size =
      StoreSortedSet(context, KeyNamed(context, *query.destination), builder.Finish());
  // As many changes as members; one of them has been counted.
  if (size > 1) CountChanges(context, size - 1);
  context.reply().Integer(static_cast<int64_t>(size));
}

void Run(CommandContext& context, const Key& source_key, const Form& form) {
  std::optional<SortedSetRead> source = ReadSortedSetOrReply(context, source_key);
  if (!source.has_value()) return;
  Parser parser(context, form, *source);
  if (!parser.Parse()) return;
  const Query& query = parser.query();
  if (!*source) {
    if (query.destination.has_value()) return StoreFound(context, query, {});
    return context.reply().Array(0);
  }
  const auto wanted = static_cast<size_t>(query.count);
  Search search(context, query.shape(), query.any ? wanted : 0);
  search.Run(*source);
  const size_t all = search.found().size();
  const size_t count = wanted == 0 ? all : std::min(all, wanted);
  if (query.order != Order::kNone) search.Sort(query.order, count);
  if (query.destination.has_value()) {
    return StoreFound(context, query, search.found().first(count));
  }
  ReplyFound(context, query, search.found().first(count));
}

void GeoRadius(CommandContext& context) {
  Run(context, context.key(0), {.from = From::kPoint, .may_store = true});
}
void GeoRadiusRo(CommandContext& context) { Run(context, context.key(0), {.from = From::kPoint}); }
void GeoRadiusByMember(CommandContext& context) {
  Run(context, context.key(0), {.from = From::kMember, .may_store = true});
}
void GeoRadiusByMemberRo(CommandContext& context) {
  Run(context, context.key(0), {.from = From::kMember});
}
void GeoSearch(CommandContext& context) { Run(context, context.key(0), {}); }
void GeoSearchStore(CommandContext& context) { Run(context, context.key(1), {.stores = true}); }

// The key specifications of GEORADIUS and GEORADIUSBYMEMBER find the first key behind STORE and the
// first one behind STOREDIST, and by the whole word; yet the last one counts, and what stands
// behind a zero byte does not. Where that may be another key, every shard is asked for.
bool StoresUnderUnfoundKey(std::span<const std::string_view> args) {
  constexpr std::string_view kStore = "store";
  constexpr std::string_view kStoreDist = "storedist";
  size_t words = 0;
  for (std::string_view arg : args.subspan(2)) {
    const bool store = IsWord(arg, kStore);
    if (!store && !IsWord(arg, kStoreDist)) continue;
    ++words;
    if (arg.size() != (store ? kStore : kStoreDist).size()) return true;
  }
  return words > 1;
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kGeoSearchCommands[] = {
    {.name = "georadius",
     .arity = -6,
     .flags = kWrite | kDenyOom | kMovableKeys,
     .key_specs = kGeoRadiusKeys,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = GeoRadius,
     .needs_all = StoresUnderUnfoundKey,
     .summary = "Query a sorted set representing a geospatial index to fetch members matching a "
                "given maximum distance from a point",
     .complexity =
         "O(N+log(M)) where N is the number of elements inside the bounding box of the circular "
         "area delimited by center and radius and M is the number of items inside the index.",
     .since = "3.2.0",
     .group = "geo",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
     .history = kGeoRadiusHistory,
     .args = kGeoRadiusArgs},
    {.name = "georadius_ro",
     .arity = -6,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .run = GeoRadiusRo,
     .summary = "A read-only variant for GEORADIUS",
     .complexity =
         "O(N+log(M)) where N is the number of elements inside the bounding box of the circular "
         "area delimited by center and radius and M is the number of items inside the index.",
     .since = "3.2.10",
     .group = "geo",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` with the `BYRADIUS` argument",
     .history = kGeoRadiusRoHistory,
     .args = kGeoRadiusRoArgs},
    {.name = "georadiusbymember",
     .arity = -5,
     .flags = kWrite | kDenyOom | kMovableKeys,
     .key_specs = kGeoRadiusByMemberKeys,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = GeoRadiusByMember,
     .needs_all = StoresUnderUnfoundKey,
     .summary = "Query a sorted set representing a geospatial index to fetch members matching a "
                "given maximum distance from a member",
     .complexity =
         "O(N+log(M)) where N is the number of elements inside the bounding box of the circular "
         "area delimited by center and radius and M is the number of items inside the index.",
     .since = "3.2.0",
     .group = "geo",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by =
         "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
     .history = kGeoRadiusByMemberHistory,
     .args = kGeoRadiusByMemberArgs},
    {.name = "georadiusbymember_ro",
     .arity = -5,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .run = GeoRadiusByMemberRo,
     .summary = "A read-only variant for GEORADIUSBYMEMBER",
     .complexity =
         "O(N+log(M)) where N is the number of elements inside the bounding box of the circular "
         "area delimited by center and radius and M is the number of items inside the index.",
     .since = "3.2.10",
     .group = "geo",
     .doc_flags = "deprecated",
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
     .args = kGeoRadiusByMemberRoArgs},
    {.name = "geosearch",
     .arity = -7,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .run = GeoSearch,
     .summary = "Query a sorted set representing a geospatial index to fetch members inside an "
                "area of a box or a circle.",
     .complexity =
         "O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area "
         "around the shape provided as the filter and M is the number of items inside the shape",
     .since = "6.2.0",
     .group = "geo",
     .history = kGeoRadiusByMemberHistory,
     .args = kGeoSearchArgs},
    {.name = "geosearchstore",
     .arity = -8,
     .flags = kWrite | kDenyOom,
     .key_specs = kGeoSearchStoreKeys,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = GeoSearchStore,
     .summary = "Query a sorted set representing a geospatial index to fetch members inside an "
                "area of a box or a circle, and store the result in another key.",
     .complexity =
         "O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area "
         "around the shape provided as the filter and M is the number of items inside the shape",
     .since = "6.2.0",
     .group = "geo",
     .history = kGeoRadiusByMemberHistory,
     .args = kGeoSearchStoreArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> GeoSearchCommands() { return kGeoSearchCommands; }

}  // namespace nuthatch::commands
