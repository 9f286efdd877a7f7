// Server: a connection to a Redis-protocol server that a trace is replayed to.
//
// Blocking; one owner, one thread. Every wait has a limit. After an error of the connection it is
// of no more use.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <hiredis/hiredis.h>

#include "server/base/result.h"

namespace nuthatch::replay {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

struct Login {
  std::string host;
  int port = 0;
  std::string user;      // empty: the default user
  std::string password;  // empty: none
  int db = 0;
};

class Server {
 public:
  // Connects, and sends AUTH and SELECT if they are needed.
  static base::Result<Server> Connect(const Login& login);

  // "host:port"
  const std::string& name() const { return name_; }

  // --- Pipelines: any number of Append, one Send, as many Receive ---

  void Append(std::initializer_list<std::string_view> words);
  void AppendSet(std::string_view key, std::string_view value, uint64_t ttl_s);
  base::Result<void> Send();
  // The next reply. An error reply is an error, with advice where there is some.
  base::Result<Reply> Receive();

  // One command; replies that are still to come are received, and dropped, before.
  base::Result<Reply> Call(std::initializer_list<std::string_view> words);

  // The text of a field of INFO `section`; nothing if the server has none.
  base::Result<std::optional<std::string>> Info(std::string_view section, std::string_view field);
  // The same as a number; an error if the server has none.
  base::Result<uint64_t> InfoNumber(std::string_view section, std::string_view field);
  // The keys of all databases, as far as the server tells: of INFO keyspace, or else DBSIZE.
  base::Result<uint64_t> CountKeys();

 private:
  struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  using Context = std::unique_ptr<redisContext, FreeContext>;

  Server(std::string name, Context context)
      : name_(std::move(name)), context_(std::move(context)) {}
  base::Error ConnectionError() const;

  std::string name_;
  Context context_;
  uint64_t unanswered_ = 0;  // commands
};

// What a user can do about an error reply, in brackets and with a space before; empty if nothing
// is known.
std::string AdviceFor(std::string_view error_reply);

// A field of INFO's text.
std::optional<std::string> FindInfoField(std::string_view text, std::string_view field);
// The sum of keys=N over the databases of INFO keyspace's text.
uint64_t SumKeyspaceKeys(std::string_view text);

}  // namespace nuthatch::replay
