// zipf_replay: one trace through several servers at once, as a cache-aside client would send it:
// GET, and SET on a miss. Prints the hit ratios side by side.
//
//   zipf_replay [--trace FILE|zipf:0.9] [--value-size 2000] [--percent 10] [--depth 32]
//               [--policies allkeys-lru,allkeys-lfu] NAME=HOST:PORT...
//
// Each server is given room for `percent` of the trace's keys by its own account: that many keys
// are loaded, used_memory is read, and maxmemory set to it. All servers get the same requests in
// lockstep, so that they see the same pace. Requests are pipelined up to `depth`; a pipeline ends
// where a key would come twice, so that every server answers as if they came one by one.
//
// Everything in the servers is deleted (FLUSHALL), and maxmemory and maxmemory-policy are changed.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <fmt/core.h>
#include <hiredis/hiredis.h>

#include "eviction/trace.h"
#include "server/base/numbers.h"

namespace {

using nuthatch::eviction::Trace;
namespace base = nuthatch::base;

[[noreturn]] void Fail(const std::string& message) {
  fmt::print(stderr, "zipf_replay: {}\n", message);
  std::exit(1);
}

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

class Server {
 public:
  Server(std::string name, const std::string& host, int port)
      : name_(std::move(name)), context_(redisConnect(host.c_str(), port)) {
    if (context_ == nullptr || context_->err != 0) {
      Fail(fmt::format("can't connect to {} at {}:{}", name_, host, port));
    }
  }

  const std::string& name() const { return name_; }

  void Append(const std::vector<std::string_view>& words) {
    std::vector<const char*> data;
    std::vector<size_t> sizes;
    for (std::string_view word : words) {
      data.push_back(word.data());
      sizes.push_back(word.size());
    }
    redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), data.data(),
                           sizes.data());
  }
  void Flush() {
    int done = 0;
    while (done == 0) {
      if (redisBufferWrite(context_.get(), &done) != REDIS_OK) Fail(name_ + ": can't write");
    }
  }
  Reply Receive() {
    void* reply = nullptr;
    if (redisGetReply(context_.get(), &reply) != REDIS_OK) {
      Fail(fmt::format("{}: {}", name_, context_->errstr));
    }
    return Reply(static_cast<redisReply*>(reply));
  }
  Reply Call(const std::vector<std::string_view>& words) {
    Append(words);
    Reply reply = Receive();
    if (reply->type == REDIS_REPLY_ERROR) Fail(fmt::format("{}: {}", name_, reply->str));
    return reply;
  }
  // A figure of INFO.
  int64_t Info(const std::string& section, const std::string& field) {
    Reply reply = Call({"INFO", section});
    std::string_view text(reply->str, reply->len);
    size_t at = text.find("\n" + field + ":");
    if (at == std::string_view::npos) Fail(fmt::format("{}: INFO has no {}", name_, field));
    std::string_view value = text.substr(at + field.size() + 2);
    return base::ParseInt64(value.substr(0, value.find('\r'))).value_or(0);
  }

  uint64_t hits = 0;
  int64_t maxmemory = 0;
  std::vector<size_t> missed;  // of the pipeline in flight

 private:
  struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  std::string name_;
  std::unique_ptr<redisContext, FreeContext> context_;
};

struct Arguments {
  std::string trace = "zipf:0.9";
  int64_t value_size = 2000;
  int64_t percent = 10;
  int64_t depth = 32;
  std::vector<std::string> policies = {"allkeys-lru", "allkeys-lfu"};
  std::vector<std::string> servers;
};

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    size_t comma = text.find(',');
    words.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return words;
}

int64_t* NumberNamed(std::string_view word, Arguments& arguments) {
  if (word == "--value-size") return &arguments.value_size;
  if (word == "--percent") return &arguments.percent;
  if (word == "--depth") return &arguments.depth;
  return nullptr;
}

bool Parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (!word.starts_with("--")) {
      arguments.servers.emplace_back(word);
      continue;
    }
    if (++i == argc) return false;
    std::string_view value = argv[i];
    int64_t number = base::ParseInt64(value).value_or(0);
    if (word == "--trace") {
      arguments.trace = value;
    } else if (word == "--policies") {
      arguments.policies = Split(value);
    } else if (int64_t* target = NumberNamed(word, arguments); target != nullptr && number > 0) {
      *target = number;
    } else {
      return false;
    }
  }
  return !arguments.servers.empty();
}

Server Connect(const std::string& text) {
  size_t equals = text.find('=');
  std::string name = equals == std::string::npos ? text : text.substr(0, equals);
  std::string address = equals == std::string::npos ? text : text.substr(equals + 1);
  size_t colon = address.rfind(':');
  if (colon == std::string::npos) Fail("not NAME=HOST:PORT: " + text);
  int64_t port = base::ParseInt64(address.substr(colon + 1)).value_or(0);
  return {name, address.substr(0, colon), static_cast<int>(port)};
}

std::string KeyName(uint64_t key) { return fmt::format("key:{:012}", key); }

class Replay {
 public:
  Replay(const Arguments& arguments, const Trace& trace, std::vector<Server>& servers)
      : arguments_(arguments),
        trace_(trace),
        servers_(servers),
        value_(static_cast<size_t>(arguments.value_size), 'v') {}

  // Sets maxmemory of each server to what `keys` keys of the trace take.
  void MeasureRoom(uint64_t keys) {
    std::vector<uint64_t> sample;
    std::unordered_set<uint64_t> seen;
    for (size_t i = 0; i < trace_.size() && sample.size() < keys; ++i) {
      if (seen.insert(trace_[i].key).second) sample.push_back(trace_[i].key);
    }
    for (Server& server : servers_) {
      server.Call({"CONFIG", "SET", "maxmemory", "0"});
      server.Call({"FLUSHALL"});
      constexpr size_t kPipeline = 64;
      for (size_t i = 0; i < sample.size(); i += kPipeline) {
        size_t end = std::min(i + kPipeline, sample.size());
        for (size_t k = i; k < end; ++k) server.Append({"SET", KeyName(sample[k]), value_});
        for (size_t k = i; k < end; ++k) server.Receive();
      }
      server.maxmemory = server.Info("memory", "used_memory");
    }
  }

  void Run(const std::string& policy) {
    for (Server& server : servers_) {
      server.Call({"FLUSHALL"});
      server.Call({"CONFIG", "SET", "maxmemory-policy", policy});
      server.Call({"CONFIG", "SET", "maxmemory", std::to_string(server.maxmemory)});
      server.hits = 0;
    }
    auto start = std::chrono::steady_clock::now();
    for (size_t first = 0; first < trace_.size();) first = RunPipeline(first);
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    fmt::print("| {:15} |", policy);
    for (Server& server : servers_) {
      fmt::print(" {:6.2f} ({:6} keys) |",
                 100.0 * static_cast<double>(server.hits) / static_cast<double>(trace_.size()),
                 server.Call({"DBSIZE"})->integer);
      server.Call({"CONFIG", "SET", "maxmemory", "0"});
    }
    fmt::print(" {:7.0f}/s |\n", static_cast<double>(trace_.size()) / seconds.count());
    std::fflush(stdout);
  }

 private:
  // Sends requests from `first` to all servers; returns the first that was not sent.
  size_t RunPipeline(size_t first) {
    keys_.clear();
    size_t end = first;
    for (; end < trace_.size() && keys_.size() < static_cast<size_t>(arguments_.depth); ++end) {
      std::string key = KeyName(trace_[end].key);
      if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) break;
      keys_.push_back(std::move(key));
    }
    for (Server& server : servers_) {
      for (const std::string& key : keys_) server.Append({"GET", key});
      server.Flush();
    }
    for (Server& server : servers_) {
      server.missed.clear();
      for (size_t i = 0; i < keys_.size(); ++i) {
        Reply reply = server.Receive();
        if (reply->type == REDIS_REPLY_ERROR) Fail(server.name() + ": " + reply->str);
        if (reply->type == REDIS_REPLY_NIL) {
          server.missed.push_back(i);
        } else {
          ++server.hits;
        }
      }
      for (size_t i : server.missed) server.Append({"SET", keys_[i], value_});
      server.Flush();
    }
    for (Server& server : servers_) {
      for (size_t i = 0; i < server.missed.size(); ++i) {
        Reply reply = server.Receive();
        if (reply->type == REDIS_REPLY_ERROR) Fail(server.name() + ": " + reply->str);
      }
    }
    return end;
  }

  const Arguments& arguments_;
  const Trace& trace_;
  std::vector<Server>& servers_;
  const std::string value_;
  std::vector<std::string> keys_;
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, arguments)) {
    fmt::print(stderr,
               "usage: {} [--trace FILE|zipf:0.9] [--value-size N] [--percent N] [--depth N] "
               "[--policies a,b] NAME=HOST:PORT...\n",
               argv[0]);
    return 2;
  }
  base::Result<Trace> trace = nuthatch::eviction::LoadTrace(arguments.trace);
  if (!trace.ok()) Fail(trace.error());
  std::vector<Server> servers;
  for (const std::string& text : arguments.servers) servers.push_back(Connect(text));

  uint64_t unique = nuthatch::eviction::CountUniqueKeys(trace.value());
  uint64_t keys = unique * static_cast<uint64_t>(arguments.percent) / 100;
  Replay replay(arguments, trace.value(), servers);
  replay.MeasureRoom(keys);
  fmt::print("{}: {} requests, {} keys, room for {} keys of {} bytes\n\n| hit ratio, %    |",
             arguments.trace, trace.value().size(), unique, keys, arguments.value_size);
  for (const Server& server : servers) fmt::print(" {:20} |", server.name());
  fmt::print(" pace |\n|---|");
  for (size_t i = 0; i < servers.size(); ++i) fmt::print("---|");
  fmt::print("---|\n");
  for (const std::string& policy : arguments.policies) replay.Run(policy);
  return 0;
}
