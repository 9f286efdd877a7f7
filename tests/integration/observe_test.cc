// What clients see of the server and of each other: CLIENT, SLOWLOG, LATENCY, INFO, DEBUG, with
// connections and commands on several shards.
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/client.h"
#include "tests/integration/server_process.h"

namespace nuthatch::tests {
using namespace std::string_literals;  // NOLINT(google-build-using-namespace)
namespace {

const std::vector<const char*> kShards = {"1", "3"};

// What stands behind `field` in the text, up to `end` or the line's end.
std::string Field(const std::string& text, const std::string& field, char end) {
  size_t begin = text.find(field);
  if (begin == std::string::npos) return "<none>";
  begin += field.size();
  return text.substr(begin, text.find_first_of(std::string{end, '\r', '\n'}, begin) - begin);
}

std::string InfoField(Client& client, const std::string& section, const std::string& field) {
  return Field(client.Call({"INFO", section}), "\n" + field + ":", '\r');
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// A call's number, such as an id.
std::string NumberOf(const std::string& reply) { return reply.substr(1, reply.size() - 3); }

class Stopwatch {
 public:
  long long Ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

TEST(ClientList, CountsTheCommandThatAsks) {
  ServerProcess server;
  Client client = Client::Tcp(server.port());
  for (const char* what : {"LIST", "INFO"}) {
    std::string line = client.Call({"CLIENT", what});
    EXPECT_EQ(Field(line, " qbuf=", ' '), "26") << line;
    EXPECT_EQ(Field(line, " argv-mem=", ' '), "10") << line;
  }
}

TEST(Info, TellsHowManyCommandsRunInASecond) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards});
    Client client = Client::Tcp(server.port());
    // Load until it shows; the mean of idle samples is 0 at first.
    while (std::stoi(InfoField(client, "stats", "instantaneous_ops_per_sec")) < 50 ||
           InfoField(client, "stats", "instantaneous_input_kbps") == "0.00" ||
           InfoField(client, "stats", "instantaneous_output_kbps") == "0.00") {
      client.Call({"PING", std::string(2000, 'x')});
    }
    // And it fades: these calls are few.
    while (std::stoi(InfoField(client, "stats", "instantaneous_ops_per_sec")) > 20) {
      usleep(100'000);
    }
  }
}

TEST(ClientList, ShowsTheConnectionsOfAllShards) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards});
    Client a = Client::Tcp(server.port());
    Client b = Client::Tcp(server.port());
    Client c = Client::Unix(server.unix_socket());
    a.Call({"CLIENT", "SETNAME", "first"});
    b.Call({"CLIENT", "SETNAME", "second"});
    c.Call({"SELECT", "3"});
    std::string all = a.Call({"CLIENT", "LIST"});
    EXPECT_EQ(Count(all, "id="), 3U);
    EXPECT_EQ(Count(all, " name=first "), 1U);
    EXPECT_EQ(Count(all, " cmd=client|list "), 1U);
    EXPECT_EQ(Count(all, " cmd=client|setname "), 1U);
    EXPECT_EQ(Count(all, " flags=U db=3 "), 1U);
    EXPECT_LT(all.find("name=first"), all.find("name=second"));

    std::string id = NumberOf(b.Call({"CLIENT", "ID"}));
    std::string chosen = a.Call({"CLIENT", "LIST", "ID", id, "9999", id});
    EXPECT_EQ(Count(chosen, " name=second "), 2U);
    EXPECT_EQ(Count(chosen, "id="), 2U);
    EXPECT_EQ(a.Call({"CLIENT", "LIST", "TYPE", "pubsub"}), "$0\r\n\r\n");
    EXPECT_EQ(Field(c.Call({"CLIENT", "INFO"}), " cmd=", ' '), "client|info");
  }
}

TEST(ClientKill, EndsThoseThatAreMeant) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards});
    Client a = Client::Tcp(server.port());
    Client b = Client::Tcp(server.port());
    Client c = Client::Tcp(server.port());
    std::string id = NumberOf(b.Call({"CLIENT", "ID"}));
    EXPECT_EQ(a.Call({"CLIENT", "KILL", "ID", id}), ":1\r\n");
    EXPECT_TRUE(b.ReachesEnd());
    EXPECT_EQ(a.Call({"CLIENT", "KILL", "ID", id}), ":0\r\n");
    std::string address = Field(c.Call({"CLIENT", "INFO"}), " addr=", ' ');
    EXPECT_EQ(a.Call({"CLIENT", "KILL", address}), "+OK\r\n");
    EXPECT_TRUE(c.ReachesEnd());
    EXPECT_EQ(a.Call({"CLIENT", "KILL", address}), "-ERR No such client\r\n");
    // Its own connection only if it says so, and then behind the answer.
    EXPECT_EQ(a.Call({"CLIENT", "KILL", "TYPE", "normal"}), ":0\r\n");
    EXPECT_EQ(a.Call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"}), ":1\r\n");
    EXPECT_TRUE(a.ReachesEnd());
  }
}

TEST(ClientReply, SilencesWhatRunsAnywhere) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards});
    Client client = Client::Tcp(server.port());
    client.Send(Encode({"CLIENT", "REPLY", "OFF"}) + Encode({"SET", "a", "1"}) +
                Encode({"MGET", "a", "b", "c", "d"}) + Encode({"DBSIZE"}) + Encode({"NOSUCH"}) +
                Encode({"CLIENT", "REPLY", "ON"}));
    EXPECT_EQ(client.Read(), "+OK\r\n");
    client.Send(Encode({"CLIENT", "REPLY", "SKIP"}) + Encode({"MSET", "b", "2", "c", "3"}) +
                Encode({"MGET", "b", "c"}));
    EXPECT_EQ(client.Read(), "*2\r\n$1\r\n2\r\n$1\r\n3\r\n");
  }
}

TEST(ClientPause, ShowsWhoWaits) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards});
    Client control = Client::Tcp(server.port());
    Client first = Client::Tcp(server.port());
    Client second = Client::Tcp(server.port());
    EXPECT_EQ(control.Call({"CLIENT", "PAUSE", "1000000", "WRITE"}), "+OK\r\n");
    first.Send(Encode({"SET", "a", "1"}));
    second.Send(Encode({"SET", "b", "1"}));
    while (InfoField(control, "clients", "blocked_clients") != "2") usleep(1000);
    EXPECT_EQ(Count(control.Call({"CLIENT", "LIST"}), " flags=b "), 2U);
    EXPECT_EQ(control.Call({"CLIENT", "UNPAUSE"}), "+OK\r\n");
    EXPECT_EQ(first.Read(), "+OK\r\n");
    EXPECT_EQ(second.Read(), "+OK\r\n");
    EXPECT_EQ(InfoField(control, "clients", "blocked_clients"), "0");
  }
}

TEST(ClientPause, HoldsWritesUntilItEnds) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards});
    Client a = Client::Tcp(server.port());
    Client b = Client::Tcp(server.port());
    EXPECT_EQ(a.Call({"CLIENT", "PAUSE", "300", "WRITE"}), "+OK\r\n");
    // A shorter one changes nothing.
    EXPECT_EQ(a.Call({"CLIENT", "PAUSE", "1", "WRITE"}), "+OK\r\n");
    Stopwatch watch;
    EXPECT_EQ(b.Call({"GET", "a"}), "$-1\r\n");
    EXPECT_EQ(b.Call({"SET", "a", "1"}), "+OK\r\n");
    EXPECT_GE(watch.Ms(), 200);
    EXPECT_EQ(a.Call({"CLIENT", "PAUSE", "100000", "WRITE"}), "+OK\r\n");
    b.Send(Encode({"SET", "a", "2"}));
    EXPECT_EQ(a.Call({"GET", "a"}), "$1\r\n1\r\n");
    EXPECT_EQ(a.Call({"CLIENT", "UNPAUSE"}), "+OK\r\n");
    EXPECT_EQ(b.Read(), "+OK\r\n");
  }
}

TEST(Eviction, TellsWhatItDid) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards});
    Client client = Client::Tcp(server.port());
    auto number = [&](const char* field) {
      return std::stoull(InfoField(client, "eviction", field));
    };
    EXPECT_EQ(InfoField(client, "eviction", "eviction_policy"), "noeviction");
    EXPECT_EQ(client.Call({"CONFIG", "SET", "maxmemory-policy", "allkeys-s3fifo"}), "+OK\r\n");
    const std::string value(2000, 'x');
    EXPECT_EQ(client.Call({"SET", "blessed", value}), "+OK\r\n");
    EXPECT_EQ(client.Call({"BLESS", "SET", "blessed", "NO-EVICT"}), ":1\r\n");
    EXPECT_EQ(InfoField(client, "stats", "blessed_keys"), "1");
    unsigned long long used = std::stoull(InfoField(client, "memory", "used_memory"));
    std::string limit = std::to_string(used + 2'000'000);
    EXPECT_EQ(client.Call({"CONFIG", "SET", "maxmemory", limit}), "+OK\r\n");
    for (int i = 0; i < 4000; ++i) {
      EXPECT_EQ(client.Call({"SET", "key:" + std::to_string(i), value}), "+OK\r\n");
    }
    client.Call({"GET", "blessed"});
    client.Call({"GET", "nokey"});
    EXPECT_EQ(InfoField(client, "eviction", "eviction_policy"), "allkeys-s3fifo");
    EXPECT_EQ(number("eviction_hits"), 1U);
    EXPECT_EQ(number("eviction_misses"), 1U);
    // Nothing goes any more while the figures are asked for, one after the other.
    EXPECT_EQ(client.Call({"CONFIG", "SET", "maxmemory", "0"}), "+OK\r\n");
    EXPECT_EQ(number("eviction_evicted_for_writes") + number("eviction_evicted_in_background") +
                  number("eviction_evicted_for_other_shards"),
              std::stoull(InfoField(client, "stats", "evicted_keys")));
    EXPECT_GT(number("eviction_evicted_for_writes"), 0U);
    EXPECT_GT(number("eviction_slices"), 0U);
    EXPECT_GT(number("eviction_metadata_bytes"), 0U);
    EXPECT_NE(InfoField(client, "eviction", "eviction_ghost_hits"), "<none>");
    EXPECT_EQ(client.Call({"EXISTS", "blessed"}), ":1\r\n");
    // Where the text ends: what clients know comes first.
    std::string all = client.Call({"INFO"});
    EXPECT_GT(all.find("# Eviction"), all.find("# Keyspace"));

    EXPECT_EQ(client.Call({"CONFIG", "RESETSTAT"}), "+OK\r\n");
    for (const char* field : {"eviction_hits", "eviction_evicted_for_writes", "eviction_slices",
                              "eviction_slice_max_us", "eviction_over_limit_max_bytes"}) {
      EXPECT_EQ(number(field), 0U) << field;
    }
    EXPECT_EQ(InfoField(client, "stats", "blessed_keys"), "1");
    EXPECT_EQ(client.Call({"FLUSHALL"}), "+OK\r\n");
    EXPECT_EQ(InfoField(client, "stats", "blessed_keys"), "0");
  }
}

TEST(Eviction, RefusesWritesWhereAllIsBlessed) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards, "--maxmemory-policy", "allkeys-lru"});
    Client client = Client::Tcp(server.port());
    const std::string value(5000, 'x');
    for (int i = 0; i < 400; ++i) {
      std::string key = "key:" + std::to_string(i);
      client.Call({"SET", key, value});
      ASSERT_EQ(client.Call({"BLESS", "SET", key, "NO-EVICT"}), ":1\r\n");
    }
    unsigned long long used = std::stoull(InfoField(client, "memory", "used_memory"));
    std::string limit = std::to_string(used - 1'000'000);
    EXPECT_EQ(client.Call({"CONFIG", "SET", "maxmemory", limit}), "+OK\r\n");
    EXPECT_EQ(client.Call({"SET", "more", value}).substr(0, 4), "-OOM");
    EXPECT_EQ(client.Call({"BLESS", "SET", "key:1", "NO-EVICT"}).substr(0, 4), "-OOM");
    EXPECT_EQ(client.Call({"DBSIZE"}), ":400\r\n");
    // What is no longer blessed makes room.
    for (int i = 0; i < 300; ++i) {
      EXPECT_EQ(client.Call({"BLESS", "CLEAR", "key:" + std::to_string(i), "NO-EVICT"}), ":1\r\n");
    }
    EXPECT_EQ(client.Call({"SET", "more", value}), "+OK\r\n");
    EXPECT_EQ(InfoField(client, "stats", "blessed_keys"), "100");
    EXPECT_GE(std::stoi(InfoField(client, "eviction", "eviction_refused_writes")), 1);
  }
}

TEST(Slowlog, IsOneLogOfAllShards) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards});
    Client client = Client::Tcp(server.port());
    client.Call({"CLIENT", "SETNAME", "me"});
    client.Call({"CONFIG", "SET", "slowlog-log-slower-than", "0"});
    client.Call({"SLOWLOG", "RESET"});
    for (const char* key : {"a", "b", "c", "d", "e"}) client.Call({"GET", key});
    EXPECT_EQ(client.Call({"SLOWLOG", "LEN"}), ":6\r\n");
    std::string log = client.Call({"SLOWLOG", "GET", "-1"});
    std::vector<size_t> places;
    for (const char* key : {"e", "d", "c", "b", "a"}) {
      places.push_back(log.find("$3\r\nGET\r\n$1\r\n" + std::string(key)));
    }
    EXPECT_TRUE(std::is_sorted(places.begin(), places.end())) << log;
    EXPECT_NE(places.back(), std::string::npos);
    EXPECT_EQ(Count(log, "$2\r\nme\r\n"), Count(log, "*6\r\n"));
    client.Call({"CONFIG", "SET", "slowlog-max-len", "3"});
    EXPECT_EQ(client.Call({"SLOWLOG", "LEN"}), ":3\r\n");
    EXPECT_EQ(client.Call({"SLOWLOG", "GET"}).substr(0, 4), "*3\r\n");
  }
}

TEST(Slowlog, KeepsNoSecrets) {
  ServerProcess server({"--slowlog-log-slower-than", "0"});
  Client client = Client::Tcp(server.port());
  client.Call({"AUTH", "default", "hidden"});
  client.Call({"HELLO", "2", "AUTH", "default", "hidden", "SETNAME", "me"});
  client.Call({"CONFIG", "SET", "maxmemory", "0", "masterauth", "hidden"});
  std::string log = client.Call({"SLOWLOG", "GET", "-1"});
  EXPECT_EQ(log.find("hidden"), std::string::npos);
  EXPECT_EQ(Count(log, "(redacted)"), 5U);
  EXPECT_EQ(Count(log, "$9\r\nmaxmemory\r\n$1\r\n0\r\n"), 1U);
}

TEST(Latency, NotesWhatTakesLong) {
  ServerProcess server(
      {"--shards", "2", "--enable-debug-command", "yes", "--latency-monitor-threshold", "10"});
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"LATENCY", "LATEST"}), "*0\r\n");
  client.Call({"DEBUG", "SLEEP", "0.03"});
  EXPECT_EQ(client.Call({"LATENCY", "LATEST"}).substr(0, 19), "*1\r\n*4\r\n$7\r\ncommand");
  EXPECT_EQ(client.Call({"LATENCY", "HISTORY", "command"}).substr(0, 4), "*1\r\n");
  EXPECT_NE(client.Call({"LATENCY", "GRAPH", "command"}).find("all time high"), std::string::npos);
  EXPECT_NE(client.Call({"LATENCY", "DOCTOR"}).find("command"), std::string::npos);
  EXPECT_EQ(client.Call({"LATENCY", "RESET", "other", "command"}), ":1\r\n");
  EXPECT_EQ(client.Call({"LATENCY", "LATEST"}), "*0\r\n");
}

TEST(Latency, CountsCommandsInHistograms) {
  ServerProcess server({"--shards", "2"});
  Client client = Client::Tcp(server.port());
  for (const char* key : {"a", "b", "c", "d"}) client.Call({"GET", key});
  EXPECT_EQ(client.Call({"LATENCY", "HISTOGRAM", "get"}).substr(0, 34),
            "*2\r\n$3\r\nget\r\n*4\r\n$5\r\ncalls\r\n:4\r\n$1");
  EXPECT_EQ(client.Call({"LATENCY", "HISTOGRAM", "nosuch", "set"}), "*0\r\n");
}

TEST(Info, SumsUpTheShards) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards});
    Client client = Client::Tcp(server.port());
    client.Call({"MSET", "a", "1", "b", "2", "c", "3"});
    client.Call({"PEXPIRE", "a", "100000"});
    EXPECT_EQ(client.Call({"CONFIG", "RESETSTAT"}), "+OK\r\n");
    client.Call({"MGET", "a", "b", "c", "d"});
    client.Call({"INCR", "a", "b"});
    client.Call({"HGET", "a"});
    EXPECT_EQ(InfoField(client, "stats", "keyspace_hits"), "3");
    EXPECT_EQ(InfoField(client, "stats", "keyspace_misses"), "1");
    EXPECT_EQ(InfoField(client, "stats", "shards"), shards);
    EXPECT_EQ(InfoField(client, "stats", "total_error_replies"), "2");
    EXPECT_EQ(InfoField(client, "errorstats", "errorstat_ERR"), "count=2");
    EXPECT_EQ(InfoField(client, "commandstats", "cmdstat_mget").substr(0, 8), "calls=1,");
    EXPECT_NE(InfoField(client, "commandstats", "cmdstat_incr").find("rejected_calls=1"),
              std::string::npos);
    EXPECT_EQ(InfoField(client, "keyspace", "db0").substr(0, 17), "keys=3,expires=1,");
    EXPECT_EQ(InfoField(client, "server", "redis_version"), "7.0.15");
    EXPECT_EQ(InfoField(client, "clients", "connected_clients"), "1");
    EXPECT_EQ(client.Call({"INFO", "nosuch"}), "$0\r\n\r\n");
    EXPECT_GT(std::stoull(InfoField(client, "memory", "used_memory")), 100'000U);
  }
}

TEST(Memory, TellsOfKeysAndTheWhole) {
  ServerProcess server({"--shards", "2"});
  Client client = Client::Tcp(server.port());
  client.Call({"SET", "key", std::string(1000, 'x')});
  EXPECT_GT(std::stoi(NumberOf(client.Call({"MEMORY", "USAGE", "key"}))), 1000);
  EXPECT_EQ(client.Call({"MEMORY", "USAGE", "nosuch"}), "$-1\r\n");
  // Whatever the type, all that the value takes counts.
  for (int i = 0; i < 100; ++i) {
    std::string element = std::string(990, 'e') + std::to_string(1000 + i);
    client.Call({"RPUSH", "list", element});
    client.Call({"SADD", "set", element});
    client.Call({"ZADD", "zset", "1.5", element});
  }
  for (const char* key : {"list", "set", "zset"}) {
    int used = std::stoi(NumberOf(client.Call({"MEMORY", "USAGE", key, "SAMPLES", "3"})));
    EXPECT_GT(used, 99'000) << key;
    EXPECT_LT(used, 160'000) << key;
  }
  EXPECT_EQ(client.Call({"DEL", "list", "set", "zset"}), ":3\r\n");
  std::string stats = client.Call({"MEMORY", "STATS"});
  EXPECT_EQ(stats.substr(0, 5), "*56\r\n");
  EXPECT_NE(stats.find("keys.count\r\n:1\r\n"), std::string::npos);
  EXPECT_EQ(client.Call({"MEMORY", "PURGE"}), "+OK\r\n");
  EXPECT_EQ(client.Call({"MEMORY", "DOCTOR"}).front(), '$');
  EXPECT_EQ(client.Call({"MEMORY", "MALLOC-STATS"}).front(), '$');
  EXPECT_NE(client.Call({"LOLWUT"}).find("Nuthatch ver. 0.1.0\n"), std::string::npos);
}

TEST(Debug, SignsContentAsRedisDoes) {
  for (const char* shards : kShards) {
    ServerProcess server({"--shards", shards, "--enable-debug-command", "local"});
    Client client = Client::Tcp(server.port());
    EXPECT_EQ(client.Call({"DEBUG", "DIGEST"}), "+" + std::string(40, '0') + "\r\n");
    client.Call({"MSET", "k", "v", "i", "12"});
    client.Call({"SETEX", "t", "100", "abc"});
    // As redis-server 7.0.15 signs them.
    EXPECT_EQ(client.Call({"DEBUG", "DIGEST-VALUE", "k", "i", "nosuch"}),
              "*3\r\n+d79ee9fe5d5ad902d7f6620efc3b07b75ddd742f\r\n"
              "+655ac46b180ad2f61a3cee25f0b1780fa2ec879a\r\n+" +
                  std::string(40, '0') + "\r\n");
    EXPECT_EQ(client.Call({"DEBUG", "DIGEST"}), "+bf9a293fd6def04f58972825edbbd356a24bacb6\r\n");
    EXPECT_EQ(client.Call({"DEBUG", "POPULATE", "1000", "p", "10"}), "+OK\r\n");
    EXPECT_EQ(client.Call({"DBSIZE"}), ":1003\r\n");
    EXPECT_EQ(client.Call({"GET", "p:999"}), "$10\r\nvalue:999\0\r\n"s);
    EXPECT_NE(client.Call({"DEBUG", "OBJECT", "i"}).find(" encoding:int serializedlength:2 "),
              std::string::npos);
  }
}

TEST(Debug, IsForbiddenUnlessConfigured) {
  ServerProcess server({"--enable-debug-command", "no"});
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"DEBUG", "DIGEST"}).substr(0, 30), "-ERR DEBUG command not allowed");
}

TEST(Auth, IsNotAskedForOnceThePasswordIsGone) {
  ServerProcess server({"--requirepass", "secret"});
  Client early = Client::Tcp(server.port());
  EXPECT_EQ(early.Call({"PING"}), "-NOAUTH Authentication required.\r\n");
  Client client = Client::Tcp(server.port());
  EXPECT_EQ(client.Call({"AUTH", "secret"}), "+OK\r\n");
  EXPECT_EQ(client.Call({"CONFIG", "SET", "requirepass", ""}), "+OK\r\n");
  EXPECT_EQ(early.Call({"PING"}), "+PONG\r\n");
}

}  // namespace
}  // namespace nuthatch::tests
