// GEOADD, GEODIST, GEOHASH, GEOPOS: places as members of sorted sets, whose scores they are.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/geo_args.h"
#include "server/commands/geo_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/zset_access.h"
#include "server/runtime/acl_category.h"
#include "server/runtime/command_spec.h"
#include "server/values/geohash.h"

namespace nuthatch::commands {
namespace {

using values::GeoPoint;
using values::Hashed;

// --- GEOADD ---

struct AddOptions {
  SortedSetKey::AddRule rule;
  bool count_changes = false;  // CH
  size_t first = 2;            // the argument behind them
};

AddOptions ParseAddOptions(const CommandContext& context) {
  AddOptions options;
  for (; options.first < context.argc(); ++options.first) {
    std::string_view word = context.arg(options.first);
    if (IsWord(word, "nx")) {
      options.rule.only_new = true;
    } else if (IsWord(word, "xx")) {
      options.rule.only_existing = true;
    } else if (IsWord(word, "ch")) {
      options.count_changes = true;
    } else {
      break;
    }
  }
  return options;
}

// Longitude, latitude and member.
constexpr size_t kArgsOfPlace = 3;

void GeoAdd(CommandContext& context) {
  const AddOptions options = ParseAddOptions(context);
  const size_t left = context.argc() - options.first;
  if (left == 0 || left % kArgsOfPlace != 0 ||
      (options.rule.only_new && options.rule.only_existing)) {
    return context.reply().Error(errors::kSyntax);
  }
  std::vector<double> scores;
  scores.reserve(left / kArgsOfPlace);
  for (size_t i = options.first; i < context.argc(); i += kArgsOfPlace) {
    std::optional<GeoPoint> point = GeoPointOrReply(context, context.arg(i), context.arg(i + 1));
    if (!point.has_value()) return;
    scores.push_back(static_cast<double>(values::GeoScoreOf(*point)));
  }
  SortedSetKey set(context, context.key(0));
  if (!set.IsSortedSetOrReply()) return;
  size_t added = 0;
  size_t updated = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    const Hashed member(context.arg(options.first + i * kArgsOfPlace + 2));
    const SortedSetKey::Outcome outcome = set.Add(member, scores[i], options.rule).outcome;
    if (outcome == SortedSetKey::Outcome::kAdded) ++added;
    if (outcome == SortedSetKey::Outcome::kUpdated) ++updated;
  }
  CountChanges(context, added + updated);
  context.reply().Integer(static_cast<int64_t>(options.count_changes ? added + updated : added));
}

// --- What is known of members ---

void GeoDist(CommandContext& context) {
  constexpr size_t kUnitAt = 4;
  double unit_m = 1;
  if (context.argc() > kUnitAt + 1) return context.reply().Error(errors::kSyntax);
  if (context.argc() == kUnitAt + 1) {
    std::optional<double> unit = GeoUnitOrReply(context, context.arg(kUnitAt));
    if (!unit.has_value()) return;
    unit_m = *unit;
  }
  std::optional<SortedSetRead> set = ReadSortedSetOrReply(context, context.key(0));
  if (!set.has_value()) return;
  std::optional<double> from = set->Score(context.arg(2));
  std::optional<double> to = set->Score(context.arg(3));
  if (!from.has_value() || !to.has_value()) return context.reply().Null();
  ReplyDistance(context,
                values::GeoDistanceM(values::GeoPointOf(*from), values::GeoPointOf(*to)) / unit_m);
}

// Calls reply(point) for the place of each member that is asked for, absent() for one that isn't
// there.
template <typename Reply, typename Absent>
void ReplyPlaces(CommandContext& context, const Reply& reply, const Absent& absent) {
  constexpr size_t kFirst = 2;
  std::optional<SortedSetRead> set = ReadSortedSetOrReply(context, context.key(0));
  if (!set.has_value()) return;
  context.reply().Array(context.argc() - kFirst);
  std::array<Hashed, kPrefetchBatch> batch;
  for (size_t begin = kFirst; begin < context.argc(); begin += batch.size()) {
    const size_t count = std::min(batch.size(), context.argc() - begin);
    for (size_t i = 0; i < count; ++i) batch[i] = Hashed(context.arg(begin + i));
    const std::span<const Hashed> members = std::span(batch).first(count);
    if (count > 1) set->Prefetch(members);
    for (const Hashed& member : members) {
      std::optional<double> score = set->Score(member);
      if (score.has_value()) {
        reply(values::GeoPointOf(*score));
      } else {
        absent();
      }
    }
  }
}

void GeoHash(CommandContext& context) {
  ReplyPlaces(
      context,
      [&](GeoPoint point) {
        const auto text = values::GeoHashText(point);
        context.reply().Bulk({text.data(), text.size()});
      },
      [&] { context.reply().Null(); });
}

void GeoPos(CommandContext& context) {
  ReplyPlaces(
      context, [&](GeoPoint point) { ReplyPoint(context, point); },
      [&] { context.reply().NullArray(); });
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kGeoPlaceCommands[] = {
    {.name = "geoadd",
     .arity = -5,
     .flags = kWrite | kDenyOom,
     .key_specs = kKeyRwUpdate,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .run = GeoAdd,
     .summary =
         "Add one or more geospatial items in the geospatial index represented using a sorted set",
     .complexity =
         "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
     .since = "3.2.0",
     .group = "geo",
     .history = kGeoAddHistory,
     .args = kGeoAddArgs},
    {.name = "geodist",
     .arity = -4,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .run = GeoDist,
     .summary = "Returns the distance between two members of a geospatial index",
     .complexity = "O(log(N))",
     .since = "3.2.0",
     .group = "geo",
     .args = kGeoDistArgs},
    {.name = "geohash",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .run = GeoHash,
     .summary = "Returns members of a geospatial index as standard geohash strings",
     .complexity = "O(log(N)) for each member requested, where N is the number of elements in the "
                   "sorted set.",
     .since = "3.2.0",
     .group = "geo",
     .args = kGeoHashArgs},
    {.name = "geopos",
     .arity = -2,
     .flags = kReadonly,
     .key_specs = kKeyRoAccess,
     .acl_categories = kAclGeo,
     .where = Where::kByKeys,
     .run = GeoPos,
     .summary = "Returns longitude and latitude of members of a geospatial index",
     .complexity = "O(N) where N is the number of members requested.",
     .since = "3.2.0",
     .group = "geo",
     .args = kGeoHashArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> GeoPlaceCommands() { return kGeoPlaceCommands; }

}  // namespace nuthatch::commands
