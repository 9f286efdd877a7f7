#include "tests/oracle/rules.h"

#include <algorithm>
#include <array>
#include <map>

#include "tests/oracle/specials.h"

namespace nuthatch::oracle {
namespace {

constexpr std::string_view kClock = "read at two moments, compared within the margin";
constexpr std::string_view kMemory = "a memory figure; null and errors are compared";
constexpr std::string_view kOrder = "the order depends on a random hash seed";
constexpr std::string_view kMachine = "figures of the process; its type and errors are compared";

constexpr Rule kConnectionRules[] = {
    {"auth", 12, Mode::kExact, MakeAuth},
    {"client", 6},
    {"client|getname", 16},
    {"client|getredir", 8},
    {"client|help", 2},
    {"client|id", 4, Mode::kShape, nullptr, true, "client ids"},
    {"client|info", 6, Mode::kClientLines, nullptr, true, "client ids, addresses, ages, buffers"},
    {"client|kill", 12, Mode::kExact, MakeClientKill, false},
    {"client|list", 6, Mode::kClientLines, MakeClientList, false, "as client|info"},
    {"client|no-evict", 8},
    {"client|pause", 0, Mode::kExact, nullptr, false,
     "stops every client by the clock; in the scripts"},
    {"client|reply", 12, Mode::kExact, MakeClientReply, false},
    {"client|setname", 20, Mode::kExact, MakeClientSetname},
    {"client|trackinginfo", 8},
    {"client|unblock", 8, Mode::kExact, MakeClientUnblock, false},
    {"client|unpause", 6},
    {"client|tracking", 0, Mode::kExact, nullptr, false, "pushes arrive between replies"},
    {"client|caching", 0, Mode::kExact, nullptr, false, "only means something with tracking"},
    {"echo", 30},
    {"hello", 16, Mode::kHello, MakeHello, true, "client id and version"},
    {"ping", 30},
    {"quit", 0, Mode::kExact, nullptr, false, "ends the connection; in the scripts"},
    {"reset", 6, Mode::kExact, MakeReset},
    {"select", 50, Mode::kExact, MakeSelect},
};

constexpr Rule kGenericRules[] = {
    {"copy", 150, Mode::kExact, MakeCopy},
    {"del", 125},
    {"dump", 75, Mode::kDump, nullptr, true,
     "strings may be compressed otherwise, hash tables be in another order"},
    {"exists", 150},
    {"expire", 125, Mode::kExact, MakeExpire},
    {"expireat", 125, Mode::kExact, MakeExpire},
    {"expiretime", 100, Mode::kDeadlineS, nullptr, true, kClock},
    {"keys", 40, Mode::kMultiset, MakeKeys, true, kOrder},
    {"move", 125, Mode::kExact, MakeDbKey},
    {"object", 10},
    {"object|encoding", 150},
    {"object|freq", 30, Mode::kShape, nullptr, true, "grows by chance"},
    {"object|help", 5},
    {"object|idletime", 30, Mode::kShape, nullptr, true,
     "a small integer shows the last use of any key with that number"},
    {"object|refcount", 25, Mode::kShape, nullptr, true, "sharing of values is a matter of memory"},
    {"persist", 100},
    {"pexpire", 125, Mode::kExact, MakeExpire},
    {"pexpireat", 125, Mode::kExact, MakeExpire},
    {"pexpiretime", 100, Mode::kDeadlineMs, nullptr, true, kClock},
    {"pttl", 60, Mode::kMilliseconds, nullptr, true, kClock},
    {"randomkey", 30, Mode::kRandomKey, MakeRandomkey, true, "random; must exist"},
    {"rename", 150},
    {"renamenx", 125},
    {"restore", 125, Mode::kExact, MakeRestore},
    {"scan", 40, Mode::kScan, MakeScan, true, kOrder},
    {"touch", 75},
    {"ttl", 60, Mode::kSeconds, nullptr, true, kClock},
    {"type", 125},
    {"unlink", 125},
    {"swapdb", 30, Mode::kExact, MakeSwapdb},
};

constexpr Rule kStringRules[] = {
    {"append", 200, Mode::kExact, MakeAppend},
    {"decr", 125},
    {"decrby", 125},
    {"get", 500},
    {"getdel", 100},
    {"getex", 200, Mode::kExact, MakeGetex},
    {"getrange", 150},
    {"getset", 125},
    {"incr", 150},
    {"incrby", 150},
    {"incrbyfloat", 150},
    {"lcs", 100, Mode::kExact, MakeLcs},
    {"mget", 200},
    {"mset", 200, Mode::kExact, MakePairs},
    {"msetnx", 150, Mode::kExact, MakePairs},
    {"psetex", 100},
    {"set", 800, Mode::kExact, MakeSet},
    {"setex", 100},
    {"setnx", 125},
    {"setrange", 150, Mode::kExact, MakeSetrange},
    {"strlen", 125},
    {"substr", 75},
};

constexpr Rule kBitmapRules[] = {
    {"bitcount", 150, Mode::kExact, MakeBitcount},
    {"bitfield", 250, Mode::kExact, MakeBitfield},
    {"bitfield_ro", 100, Mode::kExact, MakeBitfieldRo},
    {"bitop", 200, Mode::kExact, MakeBitop},
    {"bitpos", 150, Mode::kExact, MakeBitpos},
    {"getbit", 125, Mode::kExact, MakeGetbit},
    {"setbit", 200, Mode::kExact, MakeSetbit},
};

constexpr Rule kHyperLogLogRules[] = {
    {"pfadd", 300, Mode::kExact, MakePfadd},
    {"pfcount", 200, Mode::kExact, MakePfcount},
    {"pfdebug", 100, Mode::kExact, MakePfdebug},
    {"pfmerge", 150, Mode::kExact, MakePfmerge},
    {"pfselftest", 0, Mode::kExact, nullptr, false, "takes the reference a second; in the scripts"},
};

constexpr Rule kListRules[] = {
    {"blmove", 30, Mode::kExact, MakeBlmove},     {"blmpop", 30, Mode::kExact, MakeBlmpop},
    {"blpop", 30, Mode::kExact, MakeBlpop},       {"brpop", 30, Mode::kExact, MakeBlpop},
    {"brpoplpush", 30, Mode::kExact, MakeBlmove}, {"lindex", 125, Mode::kExact, MakeListIndex},
    {"linsert", 200, Mode::kExact, MakeLinsert},  {"llen", 75, Mode::kExact, MakeLlen},
    {"lmove", 150, Mode::kExact, MakeLmove},      {"lmpop", 100, Mode::kExact, MakeLmpop},
    {"lpop", 100, Mode::kExact, MakeListPop},     {"lpos", 150, Mode::kExact, MakeLpos},
    {"lpush", 200, Mode::kExact, MakeListPush},   {"lpushx", 75, Mode::kExact, MakeListPush},
    {"lrange", 150, Mode::kExact, MakeListRange}, {"lrem", 150, Mode::kExact, MakeLrem},
    {"lset", 150, Mode::kExact, MakeListIndex},   {"ltrim", 75, Mode::kExact, MakeListRange},
    {"rpop", 100, Mode::kExact, MakeListPop},     {"rpoplpush", 100, Mode::kExact, MakeLmove},
    {"rpush", 200, Mode::kExact, MakeListPush},   {"rpushx", 75, Mode::kExact, MakeListPush},
};

constexpr std::string_view kChosen = "random elements; must be there";
constexpr std::string_view kPicked = "random elements; must be there, and go on both servers";

constexpr Rule kSetRules[] = {
    {"sadd", 600, Mode::kExact, MakeSadd},
    {"scard", 100, Mode::kExact, MakeSetKey},
    {"sdiff", 150, Mode::kMembers, MakeSetKeys, true, kOrder},
    {"sdiffstore", 150, Mode::kExact, MakeSetKeys},
    {"sinter", 150, Mode::kMembers, MakeSetKeys, true, kOrder},
    {"sintercard", 125, Mode::kExact, MakeSintercard},
    {"sinterstore", 150, Mode::kExact, MakeSetKeys},
    {"sismember", 100, Mode::kExact, MakeSetMember},
    {"smembers", 125, Mode::kMembers, MakeSetKey, true, kOrder},
    {"smismember", 100, Mode::kExact, MakeSetMembers},
    {"smove", 150, Mode::kExact, MakeSmove},
    {"spop", 150, Mode::kPick, MakeSpop, true, kPicked},
    {"srandmember", 100, Mode::kPick, MakeSrandmember, true, kPicked},
    {"srem", 250, Mode::kExact, MakeSetMembers},
    {"sscan", 60, Mode::kScan, MakeSscan, true, kOrder},
    {"sunion", 150, Mode::kMembers, MakeSetKeys, true, kOrder},
    {"sunionstore", 150, Mode::kExact, MakeSetKeys},
};

constexpr Rule kSortedSetRules[] = {
    {"bzmpop", 30, Mode::kExact, MakeBzmpop},
    {"bzpopmax", 30, Mode::kExact, MakeBzpop},
    {"bzpopmin", 30, Mode::kExact, MakeBzpop},
    {"zadd", 500, Mode::kExact, MakeZadd},
    {"zcard", 75, Mode::kExact, MakeZcard},
    {"zcount", 100, Mode::kExact, MakeZscores},
    {"zdiff", 100, Mode::kExact, MakeZcombine},
    {"zdiffstore", 100, Mode::kExact, MakeZcombine},
    {"zincrby", 200, Mode::kExact, MakeZincrby},
    {"zinter", 100, Mode::kExact, MakeZcombine},
    {"zintercard", 75, Mode::kExact, MakeZcombine},
    {"zinterstore", 100, Mode::kExact, MakeZcombine},
    {"zlexcount", 75, Mode::kExact, MakeZlex, false},
    {"zmpop", 75, Mode::kExact, MakeZmpop},
    {"zmscore", 75, Mode::kExact, MakeZmembers},
    {"zpopmax", 75, Mode::kExact, MakeZpop},
    {"zpopmin", 75, Mode::kExact, MakeZpop},
    {"zrandmember", 100, Mode::kPick, MakeZrandmember, false, kChosen},
    {"zrange", 300, Mode::kExact, MakeZrange, false},
    {"zrangebylex", 100, Mode::kExact, MakeZlex, false},
    {"zrangebyscore", 125, Mode::kExact, MakeZscores},
    {"zrangestore", 150, Mode::kExact, MakeZrange, false},
    {"zrank", 75, Mode::kExact, MakeZmembers},
    {"zrem", 125, Mode::kExact, MakeZmembers},
    {"zremrangebylex", 75, Mode::kExact, MakeZlex, false},
    {"zremrangebyrank", 75, Mode::kExact, MakeZranks},
    {"zremrangebyscore", 75, Mode::kExact, MakeZscores},
    {"zrevrange", 100, Mode::kExact, MakeZranks},
    {"zrevrangebylex", 100, Mode::kExact, MakeZlex, false},
    {"zrevrangebyscore", 100, Mode::kExact, MakeZscores},
    {"zrevrank", 75, Mode::kExact, MakeZmembers},
    {"zscan", 75, Mode::kScan, MakeZscan, true, kOrder},
    {"zscore", 75, Mode::kExact, MakeZmembers},
    {"zunion", 100, Mode::kExact, MakeZcombine},
    {"zunionstore", 150, Mode::kExact, MakeZcombine},
};

constexpr Rule kGeoRules[] = {
    {"geoadd", 400, Mode::kExact, MakeGeoadd},
    {"geodist", 100, Mode::kExact, MakeGeodist},
    {"geohash", 80, Mode::kExact, MakeGeoMembers},
    {"geopos", 80, Mode::kExact, MakeGeoMembers},
    {"georadius", 150, Mode::kExact, MakeGeoradius},
    {"georadius_ro", 80, Mode::kExact, MakeGeoradius},
    {"georadiusbymember", 150, Mode::kExact, MakeGeoradius},
    {"georadiusbymember_ro", 80, Mode::kExact, MakeGeoradius},
    {"geosearch", 250, Mode::kExact, MakeGeosearch},
    {"geosearchstore", 150, Mode::kExact, MakeGeosearch},
};

constexpr Rule kSortRules[] = {
    {"sort", 250, Mode::kExact, MakeSort, false},
    {"sort_ro", 120, Mode::kExact, MakeSort, false},
};

constexpr Rule kHashRules[] = {
    {"hdel", 250, Mode::kExact, MakeHdel},
    {"hexists", 75, Mode::kExact, MakeHashField},
    {"hget", 150, Mode::kExact, MakeHashField},
    {"hgetall", 100, Mode::kPairs, MakeHashWhole, true, kOrder},
    {"hincrby", 150, Mode::kExact, MakeHincrby},
    {"hincrbyfloat", 150, Mode::kExact, MakeHincrby},
    {"hkeys", 75, Mode::kMultiset, MakeHashWhole, true, kOrder},
    {"hlen", 75, Mode::kExact, MakeHashWhole},
    {"hmget", 125, Mode::kExact, MakeHmget},
    {"hmset", 150, Mode::kExact, MakeHset},
    {"hrandfield", 100, Mode::kPick, MakeHrandfield, false, kChosen},
    {"hscan", 75, Mode::kScan, MakeHscan, true, kOrder},
    {"hset", 400, Mode::kExact, MakeHset},
    {"hsetnx", 125, Mode::kExact, MakeHsetnx},
    {"hstrlen", 75, Mode::kExact, MakeHashField},
    {"hvals", 75, Mode::kMultiset, MakeHashWhole, true, kOrder},
};

constexpr Rule kStreamRules[] = {
    {"xack", 150, Mode::kExact, MakeXack, false},
    {"xadd", 900, Mode::kExact, MakeXadd, false},
    {"xautoclaim", 100, Mode::kExact, MakeXautoclaim, false},
    {"xclaim", 200, Mode::kExact, MakeXclaim, false},
    {"xdel", 150, Mode::kExact, MakeXdel, false},
    {"xgroup", 2},
    {"xgroup|create", 60, Mode::kExact, MakeXgroup, false},
    {"xgroup|createconsumer", 30, Mode::kExact, MakeXgroup, false},
    {"xgroup|delconsumer", 15, Mode::kExact, MakeXgroup, false},
    {"xgroup|destroy", 5, Mode::kExact, MakeXgroup, false},
    {"xgroup|help", 1},
    {"xgroup|setid", 15, Mode::kExact, MakeXgroup, false},
    {"xinfo", 2},
    {"xinfo|consumers", 60, Mode::kStreamTimes, MakeXinfo, false, kClock},
    {"xinfo|groups", 60, Mode::kExact, MakeXinfo, false},
    {"xinfo|help", 1},
    {"xinfo|stream", 100, Mode::kStreamTimes, MakeXinfo, false, kClock},
    {"xlen", 50, Mode::kExact, MakeXlen},
    {"xpending", 150, Mode::kStreamTimes, MakeXpending, false, kClock},
    {"xrange", 150, Mode::kExact, MakeXrange, false},
    {"xread", 150, Mode::kExact, MakeXread, false},
    {"xreadgroup", 300, Mode::kExact, MakeXread, false},
    {"xrevrange", 100, Mode::kExact, MakeXrange, false},
    {"xsetid", 30, Mode::kExact, MakeXsetid, false},
    {"xtrim", 60, Mode::kExact, MakeXtrim, false},
};

constexpr Rule kServerRules[] = {
    {"command", 0, Mode::kCommandInfo, nullptr, false, "half a megabyte; compared once a run"},
    {"command|count", 2, Mode::kShape, nullptr, true, "the servers have different tables"},
    {"command|docs", 4, Mode::kCommandDocs, MakeCommandNames, true, kOrder},
    {"command|getkeys", 15, Mode::kExact, MakeCommandGetkeys, false},
    {"command|getkeysandflags", 15, Mode::kExact, MakeCommandGetkeys, false},
    {"command|help", 1},
    {"command|info", 5, Mode::kCommandInfo, MakeCommandNames, true, kOrder},
    {"command|list", 2, Mode::kCommandList, MakeCommandList, true, kOrder},
    {"config", 2},
    {"config|get", 10, Mode::kConfigMap, MakeConfigGet, true, kOrder},
    {"config|help", 1},
    {"config|resetstat", 2},
    {"config|rewrite", 1},
    {"config|set", 20, Mode::kExact, MakeConfigSet, false},
    {"dbsize", 30},
    {"debug", 0, Mode::kDebugObject, MakeDebug, false, "addresses, clock and idle time"},
    {"flushall", 2, Mode::kExact, MakeFlush},
    {"flushdb", 2, Mode::kExact, MakeFlush},
    {"info", 2, Mode::kShape, MakeInfo, true, "figures; its fields are compared in the scripts"},
    {"latency", 2},
    {"latency|doctor", 1, Mode::kShape, nullptr, true, kMachine},
    {"latency|graph", 2, Mode::kShape, nullptr, true, kMachine},
    {"latency|help", 1},
    {"latency|histogram", 1, Mode::kShape, nullptr, true, kMachine},
    {"latency|history", 2, Mode::kShape, nullptr, true, kMachine},
    {"latency|latest", 2, Mode::kShape, nullptr, true, kMachine},
    {"latency|reset", 3, Mode::kShape, nullptr, true, kMachine},
    {"lastsave", 2, Mode::kSeconds, nullptr, true, kClock},
    {"lolwut", 2, Mode::kShape, MakeLolwut, true, "drawn by chance, with the version"},
    {"memory", 2},
    {"memory|doctor", 1, Mode::kShape, nullptr, true, kMachine},
    {"memory|help", 1},
    {"memory|malloc-stats", 0, Mode::kShape, nullptr, true, kMachine},
    {"memory|purge", 1},
    {"memory|stats", 1, Mode::kMapKeys, nullptr, true, kMemory},
    {"memory|usage", 10, Mode::kShape, nullptr, true, kMemory},
    {"role", 3},
    {"shutdown", 2, Mode::kExact, MakeShutdown, false},
    {"slowlog", 2},
    {"slowlog|get", 2, Mode::kShape, nullptr, true, "which commands were slow; see the scripts"},
    {"slowlog|help", 1},
    {"slowlog|len", 2, Mode::kShape, nullptr, true, "which commands were slow; see the scripts"},
    {"slowlog|reset", 2},
    {"time", 2, Mode::kTime, nullptr, true, kClock},
};

constexpr std::string_view kInBlocks = "whole transactions are made by generator.cc";

constexpr Rule kTransactionRules[] = {
    {"discard", 3}, {"exec", 3},   {"multi", 0, Mode::kExact, nullptr, false, kInBlocks},
    {"unwatch", 6}, {"watch", 12},
};

// Later than Redis 7.0, and asked for.
constexpr std::string_view kOwnExtras[] = {"bless",          "bless|clear",    "bless|get",
                                           "bless|help",     "bless|scan",     "bless|set",
                                           "client|setinfo", "client|no-touch"};

const std::map<std::string_view, const Rule*>& Index() {
  static const auto* index = [] {
    auto* rules = new std::map<std::string_view, const Rule*>;
    for (const Rule& rule : AllRules()) rules->emplace(rule.command, &rule);
    return rules;
  }();
  return *index;
}

}  // namespace

const std::vector<Rule>& AllRules() {
  static const auto* rules = [] {
    auto* all = new std::vector<Rule>;
    all->insert(all->end(), std::begin(kConnectionRules), std::end(kConnectionRules));
    all->insert(all->end(), std::begin(kGenericRules), std::end(kGenericRules));
    all->insert(all->end(), std::begin(kStringRules), std::end(kStringRules));
    all->insert(all->end(), std::begin(kBitmapRules), std::end(kBitmapRules));
    all->insert(all->end(), std::begin(kHyperLogLogRules), std::end(kHyperLogLogRules));
    all->insert(all->end(), std::begin(kListRules), std::end(kListRules));
    all->insert(all->end(), std::begin(kSetRules), std::end(kSetRules));
    all->insert(all->end(), std::begin(kSortedSetRules), std::end(kSortedSetRules));
    all->insert(all->end(), std::begin(kGeoRules), std::end(kGeoRules));
    all->insert(all->end(), std::begin(kSortRules), std::end(kSortRules));
    all->insert(all->end(), std::begin(kHashRules), std::end(kHashRules));
    all->insert(all->end(), std::begin(kStreamRules), std::end(kStreamRules));
    all->insert(all->end(), std::begin(kServerRules), std::end(kServerRules));
    all->insert(all->end(), std::begin(kTransactionRules), std::end(kTransactionRules));
    return all;
  }();
  return *rules;
}

const Rule* FindRule(std::string_view command) {
  auto it = Index().find(command);
  return it == Index().end() ? nullptr : it->second;
}

const Rule* RuleOf(const Argv& argv) {
  if (argv.empty()) return nullptr;
  std::string name = Lower(argv[0]);
  if (argv.size() > 1) {
    if (const Rule* rule = FindRule(name + "|" + Lower(argv[1]))) return rule;
  }
  return FindRule(name);
}

std::vector<std::string> UncoveredCommands(const Catalogue& catalogue) {
  std::vector<std::string> uncovered;
  for (const auto& [name, command] : catalogue.commands) {
    if (FindRule(name) == nullptr) uncovered.push_back(name);
  }
  for (const std::string& name : catalogue.only_tested) {
    if (!IsOwnExtra(name)) uncovered.push_back(name + " (unknown to the reference)");
  }
  return uncovered;
}

bool IsOwnExtra(std::string_view name) {
  return std::find(std::begin(kOwnExtras), std::end(kOwnExtras), name) != std::end(kOwnExtras);
}

std::string DescribeRules() {
  std::string text;
  for (const Rule& rule : AllRules()) {
    if (rule.weight > 0) continue;
    text += "skipped     " + std::string(rule.command) + ": " + std::string(rule.why) + "\n";
  }
  for (const Rule& rule : AllRules()) {
    if (rule.mode == Mode::kExact || rule.weight == 0) continue;
    text += "may differ  " + std::string(rule.command) + ": " + std::string(rule.why) + "\n";
  }
  return text;
}

}  // namespace nuthatch::oracle
