#include "tests/oracle/settings.h"

#include <array>

#include "tests/oracle/maker.h"

namespace nuthatch::oracle {
namespace {

using namespace std::string_view_literals;

constexpr std::array kYesNo = {"yes"sv, "no"sv, "YES"sv, "No"sv, "1"sv, "true"sv};
constexpr std::array kNumber = {"1"sv, "64"sv, "10"sv, "500"sv, "0"sv, "-1"sv, "1000000000"sv};
constexpr std::array kSize = {"100mb"sv, "1GB"sv,   "2g"sv, "1048576000"sv, "512M"sv,
                              "0.5g"sv,  "100zb"sv, "-1"sv, "100 mb"sv};
constexpr std::array kSparse = {"3000"sv,  "0"sv,     "20"sv,    "60"sv, "500"sv,
                                "12304"sv, "20000"sv, "100mb"sv, "-1"sv, "3kb"sv};
// Never so small that keys would be evicted.
constexpr std::array kMaxmemory = {"0"sv, "10gb"sv, "100GB"sv, "20000000000"sv, "10g b"sv};
constexpr std::array kPolicy = {"noeviction"sv,
                                "allkeys-lru"sv,
                                "allkeys-lfu"sv,
                                "volatile-lru"sv,
                                "volatile-lfu"sv,
                                "allkeys-random"sv,
                                "volatile-ttl"sv,
                                "volatile-random"sv,
                                "ALLKEYS-LRU"sv,
                                "lru"sv,
                                ""sv};
constexpr std::array kEvents = {"KEA"sv, ""sv, "Ex"sv, "AKE"sv, "g$lshzxetdmnKE"sv, "q"sv, "Kn"sv};
constexpr std::array kLimits = {
    "normal 0 0 0"sv, "pubsub 32mb 8mb 60"sv, "normal 0 0 0 replica 256mb 64mb 60"sv,
    "normal 0 0"sv,   "foo 0 0 0"sv,          "normal 1000mb 900mb -1"sv};
// Not below the longest pause of a test: idle connections would be closed.
constexpr std::array kTimeout = {"0"sv, "100000"sv, "2147483647"sv, "2147483648"sv, "-1"sv};
constexpr std::array kBulk = {"536870912"sv, "512mb"sv, "10mb"sv, "1000"sv, "-1"sv};
constexpr std::array kLevel = {"debug"sv, "verbose"sv, "notice"sv, "warning"sv, "NOTICE"sv, "x"sv};
constexpr std::array kFsync = {"always"sv, "everysec"sv, "no"sv, "sometimes"sv};

constexpr Setting kSettings[] = {
    {"maxmemory", kMaxmemory, "0"},
    {"maxmemory-policy", kPolicy, "noeviction"},
    {"maxmemory-samples", kNumber, "5"},
    {"maxmemory-eviction-tenacity", kNumber, "10"},
    {"lfu-log-factor", kNumber, "10"},
    {"lfu-decay-time", kNumber, "1"},
    {"hash-max-listpack-entries", kNumber, "512"},
    {"hash-max-ziplist-value", kNumber, "64"},
    {"set-max-intset-entries", kNumber, "512"},
    {"zset-max-listpack-entries", kNumber, "128"},
    {"zset-max-listpack-value", kNumber, "64"},
    {"list-max-listpack-size", kNumber, "-2"},
    {"list-compress-depth", kNumber, "0"},
    {"stream-node-max-entries", kNumber, "100"},
    {"hll-sparse-max-bytes", kSparse, "3000"},
    {"slowlog-max-len", kNumber, "128"},
    {"latency-monitor-threshold", kTimeout, "0"},
    {"timeout", kTimeout, "0"},
    {"tcp-keepalive", kTimeout, "300"},
    {"proto-max-bulk-len", kBulk, "536870912"},
    {"client-query-buffer-limit", kSize, "1gb"},
    {"client-output-buffer-limit", kLimits,
     "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
    {"notify-keyspace-events", kEvents, ""},
    {"lazyfree-lazy-expire", kYesNo, "no"},
    {"lazyfree-lazy-user-del", kYesNo, "no"},
    {"lazyfree-lazy-user-flush", kYesNo, "no"},
    {"activerehashing", kYesNo, "yes"},
    {"dynamic-hz", kYesNo, "yes"},
    {"hz", kNumber, "10"},
    {"active-expire-effort", kNumber, "1"},
    {"loglevel", kLevel, "notice"},
    {"appendfsync", kFsync, "everysec"},
    {"repl-backlog-size", kSize, "1mb"},
    {"repl-timeout", kNumber, "60"},
    {"busy-reply-threshold", kTimeout, "5000"},
};

}  // namespace

std::span<const Setting> AllSettings() { return kSettings; }

const Setting& AnySetting(Maker& maker) { return kSettings[maker.Below(std::size(kSettings))]; }

}  // namespace nuthatch::oracle
