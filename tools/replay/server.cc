#include "tools/replay/server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "server/base/numbers.h"

namespace nuthatch::replay {

namespace {

constexpr timeval kConnectTimeout = {.tv_sec = 5, .tv_usec = 0};
// FLUSHALL of a large server takes its time.
constexpr timeval kReplyTimeout = {.tv_sec = 120, .tv_usec = 0};

}  // namespace

std::string AdviceFor(std::string_view error_reply) {
  struct Row {
    std::string_view begin;
    std::string_view advice;
  };
  constexpr Row kRows[] = {
      {"NOAUTH", "give --password, and --user if it is not the default one"},
      {"WRONGPASS", "see --password and --user"},
      {"ERR invalid password", "see --password"},
      {"NOPERM", "the user may not do that"},
      {"OOM",
       "memory is full, and the policy finds nothing to evict: noeviction evicts nothing, and "
       "volatile- policies only keys that have a TTL, see --ttl"},
      {"MOVED", "it is a part of a cluster: not supported"},
      {"READONLY", "it is a replica"},
      {"LOADING", "try again later"},
      {"MISCONF", "its disk refuses a snapshot; see its log"},
      {"ERR unknown command 'CONFIG'",
       "it does not let its settings be changed: go without --percent and --policies"},
  };
  for (const Row& row : kRows) {
    if (error_reply.starts_with(row.begin)) return fmt::format(" ({})", row.advice);
  }
  return "";
}

std::optional<std::string> FindInfoField(std::string_view text, std::string_view field) {
  std::string begin = fmt::format("{}:", field);
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(begin)) return std::string(line.substr(begin.size()));
  }
  return std::nullopt;
}

uint64_t SumKeyspaceKeys(std::string_view text) {
  constexpr std::string_view kKeys = ":keys=";
  uint64_t sum = 0;
  for (size_t at = text.find(kKeys); at != std::string_view::npos; at = text.find(kKeys, at)) {
    at += kKeys.size();
    size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
    sum += static_cast<uint64_t>(base::ParseInt64(text.substr(at, end - at)).value_or(0));
  }
  return sum;
}

base::Result<Server> Server::Connect(const Login& login) {
  std::string name = fmt::format("{}:{}", login.host, login.port);
  Context context(redisConnectWithTimeout(login.host.c_str(), login.port, kConnectTimeout));
  if (context == nullptr) return base::Error("Can't connect to " + name + ": out of memory");
  if (context->err != 0) {
    return base::Error("Can't connect to " + name + ": " + context->errstr);
  }
  redisSetTimeout(context.get(), kReplyTimeout);
  Server server(std::move(name), std::move(context));
  if (!login.password.empty()) {
    base::Result<Reply> reply = login.user.empty()
                                    ? server.Call({"AUTH", login.password})
                                    : server.Call({"AUTH", login.user, login.password});
    if (!reply.ok()) return base::Error(reply.error());
  }
  if (login.db != 0) {
    base::Result<Reply> selected = server.Call({"SELECT", std::to_string(login.db)});
    if (!selected.ok()) return base::Error(selected.error());
  }
  return server;
}

void Server::Append(std::initializer_list<std::string_view> words) {
  std::array<const char*, 8> data{};
  std::array<size_t, 8> sizes{};
  CHECK(words.size() <= data.size());
  size_t count = 0;
  for (std::string_view word : words) {
    data[count] = word.data();
    sizes[count++] = word.size();
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(count), data.data(), sizes.data());
  ++unanswered_;
}

void Server::AppendSet(std::string_view key, std::string_view value, uint64_t ttl_s) {
  if (ttl_s == 0) {
    Append({"SET", key, value});
  } else {
    Append({"SET", key, value, "EX", std::to_string(ttl_s)});
  }
}

base::Error Server::ConnectionError() const {
  bool is_timeout = context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
  return base::Error(
      name_ + ": " +
      (is_timeout ? fmt::format("no answer in {} s", kReplyTimeout.tv_sec) : context_->errstr));
}

base::Result<void> Server::Send() {
  for (int is_done = 0; is_done == 0;) {
    if (redisBufferWrite(context_.get(), &is_done) != REDIS_OK) return ConnectionError();
  }
  return {};
}

base::Result<Reply> Server::Receive() {
  void* received = nullptr;
  if (redisGetReply(context_.get(), &received) != REDIS_OK) return ConnectionError();
  --unanswered_;
  Reply reply(static_cast<redisReply*>(received));
  if (reply->type == REDIS_REPLY_ERROR) {
    std::string text(reply->str, reply->len);
    return base::Error(name_ + ": " + text + AdviceFor(text));
  }
  return reply;
}

base::Result<Reply> Server::Call(std::initializer_list<std::string_view> words) {
  // Left over from a pipeline that was given up at an error.
  while (unanswered_ > 0) {
    base::Result<Reply> ignored = Receive();
    if (context_->err != 0) return ignored;
  }
  Append(words);
  return Receive();
}

base::Result<std::optional<std::string>> Server::Info(std::string_view section,
                                                      std::string_view field) {
  base::Result<Reply> reply = Call({"INFO", section});
  if (!reply.ok()) return base::Error(reply.error());
  if (reply.value()->str == nullptr) return std::optional<std::string>();
  return FindInfoField({reply.value()->str, reply.value()->len}, field);
}

base::Result<uint64_t> Server::InfoNumber(std::string_view section, std::string_view field) {
  base::Result<std::optional<std::string>> text = Info(section, field);
  if (!text.ok()) return base::Error(text.error());
  std::optional<int64_t> number;
  if (text.value()) number = base::ParseInt64(*text.value());
  if (!number) return base::Error(fmt::format("{}: INFO has no number {}", name_, field));
  return static_cast<uint64_t>(*number);
}

base::Result<uint64_t> Server::CountKeys() {
  base::Result<Reply> info = Call({"INFO", "keyspace"});
  if (info.ok() && info.value()->str != nullptr) {
    uint64_t keys = SumKeyspaceKeys({info.value()->str, info.value()->len});
    if (keys > 0) return keys;
  }
  base::Result<Reply> size = Call({"DBSIZE"});
  if (!size.ok()) return base::Error(size.error());
  return static_cast<uint64_t>(size.value()->integer);
}

}  // namespace nuthatch::replay
