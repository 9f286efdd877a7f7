// Argument generators for commands whose COMMAND DOCS don't lead deep enough: option conflicts,
// repeated options, bounded sizes, and words that must not do harm. Each fits rules.h's Special.
#pragma once

#include "tests/oracle/step.h"

namespace nuthatch::oracle {

class Maker;

// Strings and keys (specials_keys.cc).
void MakeSet(Maker& maker, Steps* group);
void MakeGetex(Maker& maker, Steps* group);
void MakeExpire(Maker& maker, Steps* group);
void MakeLcs(Maker& maker, Steps* group);
void MakeCopy(Maker& maker, Steps* group);
void MakeRestore(Maker& maker, Steps* group);
void MakeScan(Maker& maker, Steps* group);
void MakeSetrange(Maker& maker, Steps* group);
void MakeAppend(Maker& maker, Steps* group);
void MakePairs(Maker& maker, Steps* group);
void MakeRandomkey(Maker& maker, Steps* group);
void MakeDbKey(Maker& maker, Steps* group);
void MakeSelect(Maker& maker, Steps* group);
void MakeSwapdb(Maker& maker, Steps* group);
void MakeKeys(Maker& maker, Steps* group);

// Bitmaps and HyperLogLog (specials_bits.cc).
void MakeBitcount(Maker& maker, Steps* group);
void MakeBitfield(Maker& maker, Steps* group);
void MakeBitfieldRo(Maker& maker, Steps* group);
void MakeBitop(Maker& maker, Steps* group);
void MakeBitpos(Maker& maker, Steps* group);
void MakeGetbit(Maker& maker, Steps* group);
void MakeSetbit(Maker& maker, Steps* group);
void MakePfadd(Maker& maker, Steps* group);
void MakePfcount(Maker& maker, Steps* group);
void MakePfdebug(Maker& maker, Steps* group);
void MakePfmerge(Maker& maker, Steps* group);

// Lists (specials_lists.cc).
void MakeListPush(Maker& maker, Steps* group);
void MakeListPop(Maker& maker, Steps* group);
void MakeLmpop(Maker& maker, Steps* group);
void MakeLmove(Maker& maker, Steps* group);
void MakeListRange(Maker& maker, Steps* group);
void MakeListIndex(Maker& maker, Steps* group);
void MakeLlen(Maker& maker, Steps* group);
void MakeLinsert(Maker& maker, Steps* group);
void MakeLrem(Maker& maker, Steps* group);
void MakeLpos(Maker& maker, Steps* group);

// Hashes (specials_hashes.cc).
void MakeHdel(Maker& maker, Steps* group);
void MakeHashField(Maker& maker, Steps* group);
void MakeHashWhole(Maker& maker, Steps* group);
void MakeHincrby(Maker& maker, Steps* group);
void MakeHmget(Maker& maker, Steps* group);
void MakeHrandfield(Maker& maker, Steps* group);
void MakeHscan(Maker& maker, Steps* group);
void MakeHset(Maker& maker, Steps* group);
void MakeHsetnx(Maker& maker, Steps* group);

// What waits (specials_blocking.cc).
void MakeBlmove(Maker& maker, Steps* group);
void MakeBlmpop(Maker& maker, Steps* group);
void MakeBlpop(Maker& maker, Steps* group);
void MakeBzmpop(Maker& maker, Steps* group);
void MakeBzpop(Maker& maker, Steps* group);

// Sets (specials_sets.cc).
void MakeSadd(Maker& maker, Steps* group);
void MakeSetKey(Maker& maker, Steps* group);
void MakeSetKeys(Maker& maker, Steps* group);
void MakeSetMember(Maker& maker, Steps* group);
void MakeSetMembers(Maker& maker, Steps* group);
void MakeSintercard(Maker& maker, Steps* group);
void MakeSmove(Maker& maker, Steps* group);
void MakeSpop(Maker& maker, Steps* group);
void MakeSrandmember(Maker& maker, Steps* group);
void MakeSscan(Maker& maker, Steps* group);

// Sorted sets (specials_zset.cc).
void MakeZadd(Maker& maker, Steps* group);
void MakeZincrby(Maker& maker, Steps* group);
void MakeZmembers(Maker& maker, Steps* group);  // a key and members
void MakeZcard(Maker& maker, Steps* group);
void MakeZscores(Maker& maker, Steps* group);  // a range of scores
void MakeZranks(Maker& maker, Steps* group);   // a range of ranks
void MakeZlex(Maker& maker, Steps* group);     // a range of members
void MakeZrange(Maker& maker, Steps* group);
void MakeZpop(Maker& maker, Steps* group);
void MakeZmpop(Maker& maker, Steps* group);
void MakeZrandmember(Maker& maker, Steps* group);
void MakeZscan(Maker& maker, Steps* group);
void MakeZcombine(Maker& maker, Steps* group);

// Geo (specials_geo.cc).
void MakeGeoadd(Maker& maker, Steps* group);
void MakeGeodist(Maker& maker, Steps* group);
void MakeGeoMembers(Maker& maker, Steps* group);
void MakeGeoradius(Maker& maker, Steps* group);
void MakeGeosearch(Maker& maker, Steps* group);

// SORT, SORT_RO (specials_sort.cc).
void MakeSort(Maker& maker, Steps* group);

// Streams (specials_streams.cc).
void MakeXack(Maker& maker, Steps* group);
void MakeXadd(Maker& maker, Steps* group);
void MakeXautoclaim(Maker& maker, Steps* group);
void MakeXclaim(Maker& maker, Steps* group);
void MakeXdel(Maker& maker, Steps* group);
void MakeXgroup(Maker& maker, Steps* group);
void MakeXinfo(Maker& maker, Steps* group);
void MakeXlen(Maker& maker, Steps* group);
void MakeXpending(Maker& maker, Steps* group);
void MakeXrange(Maker& maker, Steps* group);
void MakeXread(Maker& maker, Steps* group);
void MakeXsetid(Maker& maker, Steps* group);
void MakeXtrim(Maker& maker, Steps* group);

// Connection and server (specials_server.cc).
void MakeAuth(Maker& maker, Steps* group);
void MakeHello(Maker& maker, Steps* group);
void MakeReset(Maker& maker, Steps* group);
void MakeClientKill(Maker& maker, Steps* group);
void MakeClientList(Maker& maker, Steps* group);
void MakeClientReply(Maker& maker, Steps* group);
void MakeClientUnblock(Maker& maker, Steps* group);
void MakeClientSetname(Maker& maker, Steps* group);
void MakeCommandNames(Maker& maker, Steps* group);
void MakeCommandGetkeys(Maker& maker, Steps* group);
void MakeCommandList(Maker& maker, Steps* group);
void MakeConfigGet(Maker& maker, Steps* group);
void MakeConfigSet(Maker& maker, Steps* group);
void MakeDebug(Maker& maker, Steps* group);
void MakeInfo(Maker& maker, Steps* group);
void MakeLolwut(Maker& maker, Steps* group);
void MakeShutdown(Maker& maker, Steps* group);
void MakeFlush(Maker& maker, Steps* group);

}  // namespace nuthatch::oracle
