#include "server/net/server.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/memory.h"
#include "server/base/memory_regions.h"
#include "server/base/process_title.h"
#include "server/base/random.h"
#include "server/net/address.h"
#include "server/net/connection_set.h"
#include "server/net/file_limit.h"
#include "server/runtime/poster.h"

namespace nuthatch::net {
namespace {

constexpr uint64_t kTimerMs = 100;
// A wall clock that has moved by more than this is a step, not a drift.
constexpr int64_t kClockStepNs = 50'000'000;

constexpr std::string_view kMaxClientsText = "-ERR max number of clients reached\r\n";
constexpr std::string_view kProtectedText =
    "-DENIED Redis is running in protected mode because protected mode is enabled and no password "
    "is set for the "
    "default user. In this mode connections are only accepted from the loopback interface. If you "
    "want to connect "
    "from external computers to Redis you may adopt one of the following solutions: 1) Just "
    "disable protected mode "
    "sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting "
    "to Redis from the "
    "same host the server is running, however MAKE SURE Redis is not publicly accessible from "
    "internet if you do so. "
    "Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the "
    "protected mode by "
    "editing the Redis configuration file, and setting the protected mode option to 'no', and then "
    "restarting the "
    "server. 3) If you started the server manually just for testing, restart it with the "
    "'--protected-mode no' "
    "option. 4) Set up an authentication password for the default user. NOTE: You only need to do "
    "one of the above "
    "things in order for the server to start accepting connections from the outside.\r\n";

std::string MakeRunId() {
  unsigned char bytes[20];
  base::FillWithEntropy(bytes, sizeof bytes);
  std::string text;
  for (unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace

Server::Server(Options options)
    : executable_(std::move(options.executable)),
      program_(std::move(options.program)),
      commands_(options.commands),
      run_id_(MakeRunId()),
      start_unix_ms_(base::WallUs() / 1000),
      config_(std::move(options.config)),
      config_file_(config_->config_file) {
  CHECK(uv_loop_init(&loop_) == 0);
}

Server::~Server() = default;

const std::string& Server::config_file() const { return config_file_; }

std::shared_ptr<const config::Config> Server::config() const {
  std::lock_guard guard(config_mutex_);
  return config_;
}

// --- Listening ---

base::Result<Server::Listeners> Server::OpenTcp(const config::Config& config) {
  Listeners listeners;
  if (config.port == 0) return listeners;
  for (const std::string& text : config.bind) {
    bool optional = text.starts_with('-');
    std::string address = optional ? text.substr(1) : text;
    auto listener = Listener::Tcp(&loop_, address, config.port, config.tcp_backlog,
                                  [this](const Accepted& accepted) { OnAccept(accepted); });
    if (listener.ok()) {
      listeners.push_back(std::move(listener.value()));
      continue;
    }
    base::LogWarning("Warning: Could not create server TCP listening socket {}:{}: {}", address,
                     config.port, listener.error());
    bool in_use = listener.error().find("already in use") != std::string::npos;
    if (optional && !in_use) continue;
    return base::Error(fmt::format("Failed listening on port {} (TCP), aborting.", config.port));
  }
  return listeners;
}

base::Result<void> Server::Listen() {
  auto tcp = OpenTcp(*config_);
  if (!tcp.ok()) return base::Error(tcp.error());
  tcp_listeners_ = std::move(tcp.value());
  if (tcp_listeners_.empty() && config_->unixsocket.empty()) {
    return base::Error("Configured to not listen anywhere, exiting.");
  }
  if (config_->unixsocket.empty()) return {};
  auto listener =
      Listener::Unix(&loop_, config_->unixsocket, config_->unixsocketperm, config_->tcp_backlog,
                     [this](const Accepted& accepted) { OnAccept(accepted); });
  if (!listener.ok()) {
    return base::Error(fmt::format("Failed opening Unix socket: {}", listener.error()));
  }
  unix_listener_ = std::move(listener.value());
  return {};
}

base::Result<void> Server::Rebind(const config::Config& config) {
  // The old ones go first: the new addresses may overlap with them. On failure they come back.
  Listeners old = std::move(tcp_listeners_);
  old.clear();
  auto fresh = OpenTcp(config);
  if (fresh.ok()) {
    tcp_listeners_ = std::move(fresh.value());
    return {};
  }
  auto again = OpenTcp(*this->config());
  if (again.ok()) tcp_listeners_ = std::move(again.value());
  return base::Error(fresh.error());
}

void Server::Refuse(const Accepted& accepted, std::string_view text) {
  // The socket's buffer is empty: it takes so short a text, or the client does not learn why.
  [[maybe_unused]] ssize_t written = send(accepted.fd, text.data(), text.size(), MSG_NOSIGNAL);
  close(accepted.fd);
  rejected_connections.fetch_add(1, std::memory_order_relaxed);
}

void Server::OnAccept(const Accepted& accepted) {
  std::shared_ptr<const config::Config> config = this->config();
  if (stopping_) {
    close(accepted.fd);
    return;
  }
  if (connected_clients.load(std::memory_order_relaxed) >= config->maxclients) {
    Refuse(accepted, kMaxClientsText);
    return;
  }
  if (config->protected_mode && config->requirepass.empty() && !accepted.unix_socket &&
      !PeerIsLoopback(accepted.fd)) {
    Refuse(accepted, kProtectedText);
    return;
  }
  auto fewest = std::min_element(shards_.begin(), shards_.end(), [](const auto& a, const auto& b) {
    return a->connection_count().load(std::memory_order_relaxed) <
           b->connection_count().load(std::memory_order_relaxed);
  });
  runtime::Shard* shard = fewest->get();
  shard->connection_count().fetch_add(1, std::memory_order_relaxed);
  connected_clients.fetch_add(1, std::memory_order_relaxed);
  Accepted numbered = accepted;
  numbered.client_id = next_client_id.fetch_add(1, std::memory_order_relaxed);
  shard->Call([shard, numbered] { static_cast<ConnectionSet&>(shard->clients()).Adopt(numbered); });
}

// --- The control thread ---

void Server::StartHandles() {
  async_.data = timer_.data = sigterm_.data = sigint_.data = this;
  uv_async_init(&loop_, &async_,
                [](uv_async_t* async) { static_cast<Server*>(async->data)->RunCalls(); });
  uv_timer_init(&loop_, &timer_);
  uv_timer_start(
      &timer_, [](uv_timer_t* timer) { static_cast<Server*>(timer->data)->OnTimer(); }, kTimerMs,
      kTimerMs);
  auto on_signal = [](uv_signal_t* signal, int number) {
    static_cast<Server*>(signal->data)->OnSignal(number);
  };
  uv_signal_init(&loop_, &sigterm_);
  uv_signal_start(&sigterm_, on_signal, SIGTERM);
  uv_signal_init(&loop_, &sigint_);
  uv_signal_start(&sigint_, on_signal, SIGINT);
}

int Server::Run() {
  size_t count = static_cast<size_t>(config::EffectiveShards(*config_));
  ShowTitle(*config_);
  client_memory_ = std::make_unique<ClientMemory>(count);
  StartHandles();
  base::SetBackgroundPurge(config_->jemalloc_bg_thread);
  base::KeepRegionsReady(true);
  for (size_t i = 0; i < count; ++i) {
    runtime::Shard::Options options;
    options.node = this;
    options.clock = &clock_;
    options.index = i;
    options.count = count;
    shards_.push_back(std::make_unique<runtime::Shard>(options));
  }
  for (auto& shard : shards_) {
    Traffic* traffic = &traffic_.emplace_back();
    shard->Start([this, traffic](runtime::Shard* s, uv_loop_t* loop) {
      return std::make_unique<ConnectionSet>(s, loop, traffic, client_memory_.get());
    });
  }
  base::LogNotice("Server initialized");
  base::LogNotice("Ready to accept connections");
  if (unix_listener_ != nullptr) {
    base::LogNotice("The server is now ready to accept connections at {}", config_->unixsocket);
  }
  while (!stopping_) uv_run(&loop_, UV_RUN_ONCE);
  StopShards();
  base::KeepRegionsReady(false);
  base::LogWarning("Nuthatch is now ready to exit, bye bye...");
  return 0;
}

void Server::StopShards() {
  for (auto& shard : shards_) shard->Stop();
  for (auto& shard : shards_) {
    while (!shard->quiet()) {
      // A command in flight may wait for this thread (CONFIG SET port).
      RunCalls();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  tcp_listeners_.clear();
  unix_listener_.reset();
  for (auto& shard : shards_) shard->End();
  for (auto& shard : shards_) shard->Join();
  for (uv_handle_t* handle :
       {reinterpret_cast<uv_handle_t*>(&async_), reinterpret_cast<uv_handle_t*>(&timer_),
        reinterpret_cast<uv_handle_t*>(&sigterm_), reinterpret_cast<uv_handle_t*>(&sigint_)}) {
    uv_close(handle, nullptr);
  }
  uv_run(&loop_, UV_RUN_DEFAULT);
  CHECK(uv_loop_close(&loop_) == 0);
}

void Server::CallControl(std::function<void()> call) {
  {
    std::lock_guard guard(calls_mutex_);
    calls_.push_back(std::move(call));
  }
  uv_async_send(&async_);
}

void Server::RunCalls() {
  std::vector<std::function<void()>> calls;
  {
    std::lock_guard guard(calls_mutex_);
    calls.swap(calls_);
  }
  for (auto& call : calls) call();
}

void Server::ShowTitle(const config::Config& config) {
  base::SetProcessTitle(config::ExpandProcTitle(config, config.proc_title_template, program_));
}

void Server::OnTimer() {
  uint64_t used = base::UsedMemory();
  if (used > peak_memory.load(std::memory_order_relaxed))
    peak_memory.store(used, std::memory_order_relaxed);
  MeasureTraffic();
  FollowWallClock();
}

void Server::MeasureTraffic() {
  uint64_t commands = 0;
  uint64_t input = 0;
  uint64_t output = 0;
  for (const Traffic& traffic : traffic_) {
    commands += traffic.commands.load(std::memory_order_relaxed);
    input += traffic.input_bytes.load(std::memory_order_relaxed);
    output += traffic.output_bytes.load(std::memory_order_relaxed);
  }
  int64_t now_ns = base::MonotonicNs();
  commands_meter_.Sample(commands, now_ns);
  input_meter_.Sample(input, now_ns);
  output_meter_.Sample(output, now_ns);
  auto kbps_x100 = [](const RateMeter& meter) {
    return static_cast<uint64_t>(meter.PerSecond() * 100 / 1024);
  };
  ops_per_second.store(static_cast<uint64_t>(commands_meter_.PerSecond()),
                       std::memory_order_relaxed);
  input_kbps_x100.store(kbps_x100(input_meter_), std::memory_order_relaxed);
  output_kbps_x100.store(kbps_x100(output_meter_), std::memory_order_relaxed);
}

void Server::FollowWallClock() {
  int64_t drift = clock_.DriftNs();
  if (std::abs(drift) < kClockStepNs || stepping_clock_.exchange(true)) return;
  auto* posting = new runtime::Posting;
  posting->home = 0;
  runtime::PostingItem& item = posting->items.emplace_back();
  item.kind = runtime::PostingItem::Kind::kTransaction;
  item.caller = posting->CallerIndex({});
  runtime::Transaction& transaction = posting->NewTransaction();
  transaction.rendezvous = true;
  transaction.remaining.store(static_cast<uint32_t>(shards_.size()));
  for (size_t i = 0; i < shards_.size(); ++i) {
    transaction.shards.push_back(static_cast<uint16_t>(i));
    posting->PartOf(static_cast<uint16_t>(i)).items.push_back(0);
  }
  posting->system_call = [this](runtime::Shard&) {
    for (auto& shard : shards_) shard->mailbox().Lock();
    clock_.Adopt();
    for (auto& shard : shards_) shard->mailbox().set_time(clock_.NowMs());
    for (auto& shard : shards_) shard->mailbox().Unlock();
    stepping_clock_.store(false);
  };
  runtime::Post(*this, nullptr, 0, clock_.NowMs(), *posting);
}

void Server::OnSignal(int number) {
  base::LogWarning("Received {} scheduling shutdown...", number == SIGINT ? "SIGINT" : "SIGTERM");
  base::LogWarning("User requested shutdown...");
  stopping_ = true;
}

// --- runtime::Node ---

std::optional<runtime::ConfigFailure> Server::ReplaceConfig(
    std::shared_ptr<const config::Config> config) {
  std::shared_ptr<const config::Config> old = this->config();
  if (config->maxclients > old->maxclients) {
    uint32_t room = MakeRoomForClients(config->maxclients, static_cast<int>(shards_.size()));
    if (room < config->maxclients) {
      return runtime::ConfigFailure{
          "maxclients", fmt::format("The operating system is not able to handle the specified "
                                    "number of clients, try with {}",
                                    room)};
    }
  }
  // What can't be undone comes last.
  if (old->dir != config->dir && chdir(config->dir.c_str()) != 0)
    return runtime::ConfigFailure{"dir", std::strerror(errno)};
  if (old->port != config->port || old->bind != config->bind) {
    // The control thread waits for no shard, so it can be waited for.
    std::promise<base::Result<void>> done;
    CallControl([&] { done.set_value(Rebind(*config)); });
    if (!done.get_future().get().ok()) {
      [[maybe_unused]] int back = chdir(old->dir.c_str());
      if (old->port == config->port)
        return runtime::ConfigFailure{"bind", "Failed to bind to specified addresses."};
      return runtime::ConfigFailure{"port", "Unable to listen on this port. Check server logs."};
    }
  }
  if (old->jemalloc_bg_thread != config->jemalloc_bg_thread)
    base::SetBackgroundPurge(config->jemalloc_bg_thread);
  if (old->loglevel != config->loglevel)
    base::SetLogLevel(static_cast<base::LogLevel>(config->loglevel));
  ShowTitle(*config);
  {
    std::lock_guard guard(config_mutex_);
    config_ = std::move(config);
  }
  for (auto& shard : shards_) shard->mailbox().Lock();
  uint64_t version = version_.fetch_add(1, std::memory_order_acq_rel) + 1;
  for (auto& shard : shards_) shard->mailbox().set_version(version);
  for (auto& shard : shards_) shard->mailbox().Unlock();
  return {};
}

bool Server::RequestShutdown(const runtime::ShutdownRequest&) {
  CallControl([this] {
    base::LogWarning("User requested shutdown...");
    stopping_ = true;
  });
  return true;
}

void Server::SleepControl(int64_t microseconds) {
  CallControl(
      [microseconds] { std::this_thread::sleep_for(std::chrono::microseconds(microseconds)); });
}

void Server::SetActiveExpiry(bool on) {
  for (auto& shard : shards_) shard->set_active_expiry(on);
}

}  // namespace nuthatch::net
