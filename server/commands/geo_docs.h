// What the rows of the geo commands say of keys, arguments, history and tips.
//
// Facts about Redis 7.0 as COMMAND DOCS and COMMAND INFO tell them; constants.
#pragma once

#include <span>
#include <string_view>

#include "server/commands/key_specs.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

inline constexpr runtime::HistoryLine kGeoAddHistory[] = {
    {"6.2.0", "Added the `CH`, `NX` and `XX` options."},
};
inline constexpr runtime::ArgSpec kGeoAddConditionArgs[] = {
    {.name = "nx", .type = runtime::ArgType::kPureToken, .token = "NX"},
    {.name = "xx", .type = runtime::ArgType::kPureToken, .token = "XX"},
};
inline constexpr runtime::ArgSpec kGeoAddLongitudeLatitudeMemberArgs[] = {
    {.name = "longitude", .type = runtime::ArgType::kDouble},
    {.name = "latitude", .type = runtime::ArgType::kDouble},
    {.name = "member", .type = runtime::ArgType::kString},
};
inline constexpr runtime::ArgSpec kGeoAddArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "condition",
     .type = runtime::ArgType::kOneof,
     .since = "6.2.0",
     .flags = runtime::kArgOptional,
     .args = kGeoAddConditionArgs},
    {.name = "change",
     .type = runtime::ArgType::kPureToken,
     .token = "CH",
     .since = "6.2.0",
     .flags = runtime::kArgOptional},
    {.name = "longitude_latitude_member",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgMultiple,
     .args = kGeoAddLongitudeLatitudeMemberArgs},
};
inline constexpr runtime::ArgSpec kGeoDistUnitArgs[] = {
    {.name = "m", .type = runtime::ArgType::kPureToken, .token = "M"},
    {.name = "km", .type = runtime::ArgType::kPureToken, .token = "KM"},
    {.name = "ft", .type = runtime::ArgType::kPureToken, .token = "FT"},
    {.name = "mi", .type = runtime::ArgType::kPureToken, .token = "MI"},
};
inline constexpr runtime::ArgSpec kGeoDistArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "member1", .type = runtime::ArgType::kString},
    {.name = "member2", .type = runtime::ArgType::kString},
    {.name = "unit",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kGeoDistUnitArgs},
};
inline constexpr runtime::ArgSpec kGeoHashArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "member", .type = runtime::ArgType::kString, .flags = runtime::kArgMultiple},
};
inline constexpr runtime::KeySpec kGeoRadiusKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRO | runtime::kKeyAccess),
    {.flags = runtime::kKeyOW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kKeyword,
     .keyword = "STORE",
     .start_from = 6,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
    {.flags = runtime::kKeyOW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kKeyword,
     .keyword = "STOREDIST",
     .start_from = 6,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::HistoryLine kGeoRadiusHistory[] = {
    {"6.2.0", "Added the `ANY` option for `COUNT`."},
    {"7.0.0", "Added support for uppercase unit names."},
};
inline constexpr runtime::ArgSpec kGeoRadiusCountArgs[] = {
    {.name = "count", .type = runtime::ArgType::kInteger, .token = "COUNT"},
    {.name = "any",
     .type = runtime::ArgType::kPureToken,
     .token = "ANY",
     .since = "6.2.0",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kGeoRadiusOrderArgs[] = {
    {.name = "asc", .type = runtime::ArgType::kPureToken, .token = "ASC"},
    {.name = "desc", .type = runtime::ArgType::kPureToken, .token = "DESC"},
};
inline constexpr runtime::ArgSpec kGeoRadiusArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "longitude", .type = runtime::ArgType::kDouble},
    {.name = "latitude", .type = runtime::ArgType::kDouble},
    {.name = "radius", .type = runtime::ArgType::kDouble},
    {.name = "unit", .type = runtime::ArgType::kOneof, .args = kGeoDistUnitArgs},
    {.name = "withcoord",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHCOORD",
     .flags = runtime::kArgOptional},
    {.name = "withdist",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHDIST",
     .flags = runtime::kArgOptional},
    {.name = "withhash",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHHASH",
     .flags = runtime::kArgOptional},
    {.name = "count",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kGeoRadiusCountArgs},
    {.name = "order",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kGeoRadiusOrderArgs},
    {.name = "key",
     .type = runtime::ArgType::kKey,
     .key_spec = 1,
     .token = "STORE",
     .flags = runtime::kArgOptional},
    {.name = "key",
     .type = runtime::ArgType::kKey,
     .key_spec = 2,
     .token = "STOREDIST",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::HistoryLine kGeoRadiusRoHistory[] = {
    {"6.2.0", "Added the `ANY` option for `COUNT`."},
};
// The same without what stores.
inline constexpr std::span<const runtime::ArgSpec> kGeoRadiusRoArgs =
    std::span(kGeoRadiusArgs).first(10);
inline constexpr runtime::KeySpec kGeoRadiusByMemberKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyRO | runtime::kKeyAccess),
    {.flags = runtime::kKeyOW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kKeyword,
     .keyword = "STORE",
     .start_from = 5,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
    {.flags = runtime::kKeyOW | runtime::kKeyUpdate,
     .begin = runtime::KeySpec::Begin::kKeyword,
     .keyword = "STOREDIST",
     .start_from = 5,
     .find = runtime::KeySpec::Find::kRange,
     .last_key = 0,
     .step = 1},
};
inline constexpr runtime::HistoryLine kGeoRadiusByMemberHistory[] = {
    {"7.0.0", "Added support for uppercase unit names."},
};
inline constexpr runtime::ArgSpec kGeoRadiusByMemberCountArgs[] = {
    {.name = "count", .type = runtime::ArgType::kInteger, .token = "COUNT"},
    {.name = "any",
     .type = runtime::ArgType::kPureToken,
     .token = "ANY",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::ArgSpec kGeoRadiusByMemberArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "member", .type = runtime::ArgType::kString},
    {.name = "radius", .type = runtime::ArgType::kDouble},
    {.name = "unit", .type = runtime::ArgType::kOneof, .args = kGeoDistUnitArgs},
    {.name = "withcoord",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHCOORD",
     .flags = runtime::kArgOptional},
    {.name = "withdist",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHDIST",
     .flags = runtime::kArgOptional},
    {.name = "withhash",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHHASH",
     .flags = runtime::kArgOptional},
    {.name = "count",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kGeoRadiusByMemberCountArgs},
    {.name = "order",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kGeoRadiusOrderArgs},
    {.name = "key",
     .type = runtime::ArgType::kKey,
     .key_spec = 1,
     .token = "STORE",
     .flags = runtime::kArgOptional},
    {.name = "key",
     .type = runtime::ArgType::kKey,
     .key_spec = 2,
     .token = "STOREDIST",
     .flags = runtime::kArgOptional},
};
// The same without what stores.
inline constexpr std::span<const runtime::ArgSpec> kGeoRadiusByMemberRoArgs =
    std::span(kGeoRadiusByMemberArgs).first(9);
inline constexpr runtime::ArgSpec kGeoSearchLongitudeLatitudeArgs[] = {
    {.name = "longitude", .type = runtime::ArgType::kDouble},
    {.name = "latitude", .type = runtime::ArgType::kDouble},
};
inline constexpr runtime::ArgSpec kGeoSearchFromArgs[] = {
    {.name = "member", .type = runtime::ArgType::kString, .token = "FROMMEMBER"},
    {.name = "longitude_latitude",
     .type = runtime::ArgType::kBlock,
     .token = "FROMLONLAT",
     .args = kGeoSearchLongitudeLatitudeArgs},
};
inline constexpr runtime::ArgSpec kGeoSearchCircleArgs[] = {
    {.name = "radius", .type = runtime::ArgType::kDouble, .token = "BYRADIUS"},
    {.name = "unit", .type = runtime::ArgType::kOneof, .args = kGeoDistUnitArgs},
};
inline constexpr runtime::ArgSpec kGeoSearchBoxArgs[] = {
    {.name = "width", .type = runtime::ArgType::kDouble, .token = "BYBOX"},
    {.name = "height", .type = runtime::ArgType::kDouble},
    {.name = "unit", .type = runtime::ArgType::kOneof, .args = kGeoDistUnitArgs},
};
inline constexpr runtime::ArgSpec kGeoSearchByArgs[] = {
    {.name = "circle", .type = runtime::ArgType::kBlock, .args = kGeoSearchCircleArgs},
    {.name = "box", .type = runtime::ArgType::kBlock, .args = kGeoSearchBoxArgs},
};
inline constexpr runtime::ArgSpec kGeoSearchArgs[] = {
    {.name = "key", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "from", .type = runtime::ArgType::kOneof, .args = kGeoSearchFromArgs},
    {.name = "by", .type = runtime::ArgType::kOneof, .args = kGeoSearchByArgs},
    {.name = "order",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kGeoRadiusOrderArgs},
    {.name = "count",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kGeoRadiusByMemberCountArgs},
    {.name = "withcoord",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHCOORD",
     .flags = runtime::kArgOptional},
    {.name = "withdist",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHDIST",
     .flags = runtime::kArgOptional},
    {.name = "withhash",
     .type = runtime::ArgType::kPureToken,
     .token = "WITHHASH",
     .flags = runtime::kArgOptional},
};
inline constexpr runtime::KeySpec kGeoSearchStoreKeys[] = {
    runtime::KeySpec::Range(1, runtime::kKeyOW | runtime::kKeyUpdate),
    runtime::KeySpec::Range(2, runtime::kKeyRO | runtime::kKeyAccess),
};
inline constexpr runtime::ArgSpec kGeoSearchStoreArgs[] = {
    {.name = "destination", .type = runtime::ArgType::kKey, .key_spec = 0},
    {.name = "source", .type = runtime::ArgType::kKey, .key_spec = 1},
    {.name = "from", .type = runtime::ArgType::kOneof, .args = kGeoSearchFromArgs},
    {.name = "by", .type = runtime::ArgType::kOneof, .args = kGeoSearchByArgs},
    {.name = "order",
     .type = runtime::ArgType::kOneof,
     .flags = runtime::kArgOptional,
     .args = kGeoRadiusOrderArgs},
    {.name = "count",
     .type = runtime::ArgType::kBlock,
     .flags = runtime::kArgOptional,
     .args = kGeoRadiusByMemberCountArgs},
    {.name = "storedist",
     .type = runtime::ArgType::kPureToken,
     .token = "STOREDIST",
     .flags = runtime::kArgOptional},
};

}  // namespace nuthatch::commands
