// The files that a group of commands consists of: each has the functions of some commands and their
// rows.
#pragma once

#include <span>

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

std::span<const runtime::CommandSpec> StringChangeCommands();  // INCR, APPEND, SETRANGE, ...
std::span<const runtime::CommandSpec> StringGetCommands();     // GET, MGET, GETRANGE, ...
std::span<const runtime::CommandSpec> StringLcsCommands();     // LCS
std::span<const runtime::CommandSpec> StringSetCommands();     // SET, MSET, GETSET, ...

std::span<const runtime::CommandSpec> BitFieldCommands();  // BITFIELD, BITFIELD_RO
std::span<const runtime::CommandSpec> BitCommands();       // SETBIT, BITCOUNT, BITOP, ...

std::span<const runtime::CommandSpec> GeoPlaceCommands();   // GEOADD, GEODIST, GEOHASH, GEOPOS
std::span<const runtime::CommandSpec> GeoSearchCommands();  // GEOSEARCH, GEORADIUS, ...

std::span<const runtime::CommandSpec> BlessCommands();          // BLESS
std::span<const runtime::CommandSpec> GenericExpireCommands();  // EXPIRE, TTL, PERSIST, ...
std::span<const runtime::CommandSpec> GenericKeyCommands();     // DEL, EXISTS, TYPE, KEYS, ...
std::span<const runtime::CommandSpec> GenericMoveCommands();    // RENAME, COPY, MOVE, ...
std::span<const runtime::CommandSpec> GenericObjectCommands();  // OBJECT, DUMP, RESTORE
std::span<const runtime::CommandSpec> ScanCommands();           // SCAN
std::span<const runtime::CommandSpec> SortCommands();           // SORT, SORT_RO

std::span<const runtime::CommandSpec> SetBasicCommands();    // SADD, SMEMBERS, SMOVE, SSCAN, ...
std::span<const runtime::CommandSpec> SetCombineCommands();  // SINTER, SUNIONSTORE, ...
std::span<const runtime::CommandSpec> SetRandomCommands();   // SPOP, SRANDMEMBER

}  // namespace nuthatch::commands
