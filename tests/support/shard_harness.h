// ShardHarness: a node of real shards, with threads, loops and mailboxes, whose clients are in
// memory: what a test sends is read as from a socket, and what is written back is kept.
//
// All of it is for the test's thread, unless it says otherwise. Nothing waits for time: a call that
// waits does so until what it waits for has happened.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/memory.h"
#include "server/resp/reply_scanner.h"
#include "server/runtime/session.h"
#include "server/runtime/shard.h"
#include "server/runtime/ticks.h"
#include "tests/support/fake_node.h"

namespace nuthatch::runtime {

class MemoryClients;

// A client of one shard. Made by ShardHarness::Connect.
class MemoryClient : public Transport {
 public:
  MemoryClient(Shard* shard, MemoryClients* clients)
      : shard_(shard), clients_(clients), session_(shard, this) {}

  // --- The test's thread ---
  void Send(std::string_view bytes);
  // As an array of bulk strings.
  void Command(const std::vector<std::string_view>& words) { Send(Encode(words)); }
  static std::string Encode(const std::vector<std::string_view>& words) {
    std::string text = "*" + std::to_string(words.size()) + "\r\n";
    for (std::string_view word : words) {
      text.append("$")
          .append(std::to_string(word.size()))
          .append("\r\n")
          .append(word)
          .append("\r\n");
    }
    return text;
  }
  // The next reply as it was written; waits for it.
  std::string Next() {
    std::unique_lock lock(mutex_);
    size_t length = 0;
    resp::ReplyScanner scanner;
    arrived_.wait(lock, [&] {
      return scanner.Next(received_.data() + taken_, received_.size() - taken_, &length) ==
             resp::ReplyScanner::Status::kReply;
    });
    std::string reply = received_.substr(taken_, length);
    taken_ += length;
    if (taken_ > kMuchOutput && taken_ > received_.size() / 2) {
      received_.erase(0, taken_);
      taken_ = 0;
    }
    return reply;
  }
  // The next `count` replies, one behind the other.
  std::string Next(size_t count) {
    std::string replies;
    for (size_t i = 0; i < count; ++i) replies += Next();
    return replies;
  }
  std::string Ask(const std::vector<std::string_view>& words) {
    Command(words);
    return Next();
  }
  // Whether there is a reply that was not taken.
  bool HasReply() {
    std::lock_guard guard(mutex_);
    return taken_ < received_.size();
  }
  // Bytes that were sent and not read.
  size_t unread() {
    std::lock_guard guard(mutex_);
    return sent_.size() - read_;
  }
  // Waits until the shard has closed it, as it was asked to.
  void AwaitClosed() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return closed_; });
  }
  // Sends `request` again whenever a reply has come, `count` times in all. Waits for the last one.
  void PingPong(std::string_view request, size_t count);

  // --- The shard's thread, or while that is held ---
  Session& session() { return session_; }
  // Whether it takes what is written to it.
  void set_reads(bool reads) {
    reads_ = reads;
    OnOutput();
  }

  void OnOutput() override;
  void OnServable() override;

 private:
  friend class MemoryClients;
  // One read, then what it brought, as with a socket.
  bool Serve(uint64_t end_ticks) {
    ReadInput();
    bool more = session_.Serve(end_ticks);
    return more || (!session_.serving() && unread() > 0 && session_.WantsInput());
  }
  void ReadInput() {
    std::lock_guard guard(mutex_);
    if (read_ < sent_.size() && session_.WantsInput()) {
      size_t room = 0;
      char* space = session_.InputSpace(&room);
      size_t count = std::min({room, sent_.size() - read_, kMostReadBytes});
      if (count == 0) return;
      std::memcpy(space, sent_.data() + read_, count);
      session_.Received(count);
      read_ += count;
    }
    if (read_ == sent_.size()) {
      sent_.clear();
      read_ = 0;
    }
  }
  void Flush() {
    if (session_.serving() || !reads_) return;
    base::Buffer& output = session_.output();
    bool again = false;
    {
      std::lock_guard guard(mutex_);
      if (again_ > 0 && !output.empty()) {
        again = --again_ > 0;
        if (!again) received_.append(output.view());
      } else {
        received_.append(output.view());
      }
      if (again) sent_.append(request_);
      closed_ =
          session_.client().close_now || (session_.client().close_after_reply && session_.idle());
    }
    // So much of it may have kept the session from going on.
    if (again || output.size() > kMuchOutput) OnServable();
    output.Clear();
    if (!again) arrived_.notify_all();
  }

  static constexpr size_t kMostReadBytes = size_t{256} * 1024;
  static constexpr size_t kMuchOutput = size_t{256} * 1024;

  Shard* shard_;
  MemoryClients* clients_;
  Session session_;
  bool ready_ = false;
  bool dirty_ = false;
  bool reads_ = true;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::string sent_;      // by mutex_; what was not read begins at read_
  size_t read_ = 0;       // by mutex_
  std::string received_;  // by mutex_; what the test has not taken begins at taken_
  size_t taken_ = 0;      // by mutex_
  bool closed_ = false;   // by mutex_
  std::string request_;   // by mutex_
  size_t again_ = 0;      // by mutex_
};

// The clients of one shard; its thread's.
class MemoryClients : public ShardService {
 public:
  // With `spins`, the shard never sleeps.
  explicit MemoryClients(Shard* shard, bool spins) : shard_(shard), spins_(spins) {}

  MemoryClient* Add() {
    clients_.push_back(std::make_unique<MemoryClient>(shard_, this));
    return clients_.back().get();
  }
  void MarkReady(MemoryClient* client) {
    if (!std::exchange(client->ready_, true)) ready_.push_back(client);
  }
  void MarkDirty(MemoryClient* client) {
    if (!std::exchange(client->dirty_, true)) dirty_.push_back(client);
  }

  // ShardService
  bool ServeConnections(uint64_t end_ticks) override {
    for (size_t left = ready_.size(); left > 0 && !ready_.empty(); --left) {
      MemoryClient* client = ready_.front();
      ready_.pop_front();
      client->ready_ = false;
      if (client->Serve(end_ticks)) MarkReady(client);
      if (Ticks::Now() >= end_ticks) break;
    }
    return spins_ || !ready_.empty();
  }
  bool HasReady() const override { return spins_ || !ready_.empty(); }
  void FlushOutput() override {
    for (MemoryClient* client : std::exchange(dirty_, {})) {
      client->dirty_ = false;
      if (client->session().serving()) {
        MarkDirty(client);
      } else {
        client->Flush();
      }
    }
  }
  void Cron() override {}
  void CloseAll() override {}
  void OnPauseEnd() override {
    for (auto& client : clients_) {
      client->session().Unpause();
      MarkReady(client.get());
    }
  }
  size_t count() const override { return clients_.size(); }
  void ForEach(const std::function<void(ClientState&)>& visit) override {
    for (auto& client : clients_) visit(client->session().client());
  }
  bool Unblock(uint64_t, bool) override { return false; }
  void Update(uint64_t) override {}
  void Pause(int64_t until_ms, bool writes_only) override {
    shard_->SetPause(until_ms, writes_only);
  }

 private:
  Shard* shard_;
  bool spins_;
  std::deque<std::unique_ptr<MemoryClient>> clients_;
  std::deque<MemoryClient*> ready_;
  std::vector<MemoryClient*> dirty_;
};

inline void MemoryClient::OnOutput() { clients_->MarkDirty(this); }
inline void MemoryClient::OnServable() { clients_->MarkReady(this); }
inline void MemoryClient::Send(std::string_view bytes) {
  {
    std::lock_guard guard(mutex_);
    sent_.append(bytes);
  }
  shard_->Call([this] { OnServable(); });
}
inline void MemoryClient::PingPong(std::string_view request, size_t count) {
  {
    std::lock_guard guard(mutex_);
    request_ = request;
    again_ = count;
  }
  Send(request);
  Next();
}

// A door that threads wait at until it is opened. Any thread.
class Gate {
 public:
  void Open() {
    open_.store(true);
    open_.notify_all();
  }
  bool open() const { return open_.load(); }
  void Wait() const { open_.wait(false); }

 private:
  std::atomic<bool> open_{false};
};

class ShardHarness {
 public:
  struct Options {
    std::shared_ptr<const config::Config> config = config::DefaultConfig();
    bool spins = false;  // the shards never sleep
  };

  // The rows outlive it.
  ShardHarness(size_t shards, std::span<const CommandSpec> commands, const Options& options)
      : node_(shards, {commands}, options.config), holds_(shards) {
    // What tests before this one had this thread allocate, and the shards free, counts as well.
    base::RefreshThread();
    for (size_t i = 0; i < shards; ++i) {
      node_.Start(i, [spins = options.spins](Shard* shard, uv_loop_t*) {
        return std::make_unique<MemoryClients>(shard, spins);
      });
    }
  }
  ShardHarness(size_t shards, std::span<const CommandSpec> commands)
      : ShardHarness(shards, commands, Options()) {}
  ~ShardHarness() {
    for (size_t i = 0; i < holds_.size(); ++i) {
      if (holds_[i] != nullptr) Release(i);
    }
  }

  FakeNode& node() { return node_; }
  Shard& shard(size_t index) { return node_.shard(index); }
  size_t shard_count() { return node_.shard_count(); }

  // A new client of that shard: authenticated, and of database 0.
  MemoryClient& Connect(size_t index) {
    MemoryClient* client = nullptr;
    On(index, [&] {
      client = static_cast<MemoryClients&>(shard(index).clients()).Add();
      client->session().client().id = next_id_++;
      client->session().client().authenticated = true;
    });
    return *client;
  }

  // Runs `call` on that shard's thread, between commands, and waits for its end.
  void On(size_t index, const std::function<void()>& call) {
    auto done = std::make_shared<std::promise<void>>();
    shard(index).Call([&call, done] {
      call();
      done->set_value();
    });
    done->get_future().get();
  }
  // The same for a figure.
  template <typename Read>
  auto Figure(size_t index, Read read) {
    decltype(read()) value{};
    On(index, [&] { value = read(); });
    return value;
  }
  // Looks at `reached`, on that shard's thread, until it is true.
  void Await(size_t index, const std::function<bool()>& reached) {
    while (!Figure(index, reached)) std::this_thread::yield();
  }

  // Stops that shard's thread between commands: from the return of this on it does nothing, and its
  // mailbox fills, until Release().
  void Hold(size_t index) {
    holds_[index] = std::make_unique<Gate>();
    auto held = std::make_shared<std::promise<void>>();
    shard(index).Call([gate = holds_[index].get(), held] {
      held->set_value();
      gate->Wait();
    });
    held->get_future().get();
  }
  void Release(size_t index) {
    holds_[index]->Open();
    // The thread has left the gate when it runs something else.
    On(index, [] {});
    holds_[index].reset();
  }

  // A key's name that lives on that shard; another one for each `number`.
  std::string KeyOn(size_t index, int number = 0) {
    for (int i = 0;; ++i) {
      std::string name = "k" + std::to_string(number) + "." + std::to_string(i);
      if (keyspace::Key::Of(name).slot % shard_count() == index) return name;
    }
  }

 private:
  FakeNode node_;
  std::vector<std::unique_ptr<Gate>> holds_;
  uint64_t next_id_ = 1;
};

}  // namespace nuthatch::runtime
