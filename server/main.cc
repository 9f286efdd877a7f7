// nuthatch: parse the command line and the configuration, start the node, run until told to stop.
#include <climits>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/base/log.h"
#include "server/base/process_title.h"
#include "server/base/version.h"
#include "server/commands/groups.h"
#include "server/config/command_line.h"
#include "server/config/config.h"
#include "server/config/edit.h"
#include "server/net/file_limit.h"
#include "server/net/server.h"
#include "server/observe/groups.h"
#include "server/observe/process.h"
#include "server/runtime/command_table.h"
#include "server/runtime/policy_names.h"
#include "server/runtime/ticks.h"

namespace nuthatch {
namespace {

void RegisterCommands(runtime::CommandTable& table) {
  table.Register(commands::ConnectionCommands());
  table.Register(commands::ClientCommands());
  table.Register(commands::CommandCommands());
  table.Register(commands::ConfigCommands());
  table.Register(commands::DebugCommands());
  table.Register(commands::GenericCommands());
  table.Register(commands::KeyspaceCommands());
  table.Register(commands::ServerCommands());
  table.Register(commands::StreamCommands());
  table.Register(commands::StringCommands());
  table.Register(commands::BitmapCommands());
  table.Register(commands::HyperLogLogCommands());
  table.Register(commands::HashCommands());
  table.Register(commands::ListCommands());
  table.Register(commands::SetCommands());
  table.Register(commands::SortedSetCommands());
  table.Register(commands::GeoCommands());
  table.Register(commands::TransactionCommands());
  table.Register(observe::InfoCommands());
  table.Register(observe::LatencyCommands());
  table.Register(observe::LolwutCommands());
  table.Register(observe::MemoryCommands());
  table.Register(observe::SlowlogCommands());
}

// Leaves the terminal: the parent exits, the child becomes a session of its own without standard
// streams.
void Daemonize() {
  if (fork() != 0) _exit(0);
  setsid();
  int null = open("/dev/null", O_RDWR);
  if (null < 0) return;
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  if (null > STDERR_FILENO) close(null);
}

// Tells the service manager that the server is up: systemd's notification socket, or upstart's stop
// signal.
void TellSupervisor(config::Supervised supervised, const char* state) {
  const char* socket_path = std::getenv("NOTIFY_SOCKET");
  const char* upstart_job = std::getenv("UPSTART_JOB");
  bool systemd = supervised == config::Supervised::kSystemd ||
                 (supervised == config::Supervised::kAuto && socket_path != nullptr);
  bool upstart = supervised == config::Supervised::kUpstart ||
                 (supervised == config::Supervised::kAuto && !systemd && upstart_job != nullptr);
  if (upstart && upstart_job != nullptr) {
    raise(SIGSTOP);
    return;
  }
  if (!systemd || socket_path == nullptr || *socket_path == '\0') return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  size_t length = std::strlen(socket_path);
  if (length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_path, length);
  if (*socket_path == '@') address.sun_path[0] = '\0';
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  [[maybe_unused]] ssize_t sent = sendto(fd, state, std::strlen(state), MSG_NOSIGNAL,
                                         reinterpret_cast<sockaddr*>(&address), size);
  close(fd);
}

// The configuration with as many clients as may open files.
std::shared_ptr<const config::Config> FitMaxclients(std::shared_ptr<const config::Config> config) {
  uint32_t room = net::MakeRoomForClients(config->maxclients, config::EffectiveShards(*config));
  if (room == config->maxclients) return config;
  config::ConfigEdit edit(config);
  auto result = edit.Set({{"maxclients", std::to_string(room)}}, {.local = true});
  return result.ok() ? edit.config() : config;
}

std::string ExecutablePath(const std::string& argv0) {
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : argv0;
}

void WritePidFile(const std::string& path) {
  std::ofstream file(path, std::ios::trunc);
  file << getpid() << '\n';
  if (!file) base::LogWarning("Failed to write PID file: {}", path);
}

void ShowLogo(const config::Config& config) {
  if (!config.always_show_logo && (!config.logfile.empty() || isatty(STDOUT_FILENO) == 0)) return;
  std::printf(
      "\n"
      "      __\n"
      "  ___( o)>   Nuthatch %s, compatible with Redis %s\n"
      "  \\ <_. )    Port: %d, shards: %d\n"
      "   `---'     PID: %d\n\n",
      base::kVersion.data(), base::kRedisVersion.data(), config.port,
      config::EffectiveShards(config), static_cast<int>(getpid()));
  std::fflush(stdout);
}

int Serve(std::shared_ptr<const config::Config> config, const std::string& argv0) {
  bool supervised = config->supervised != config::Supervised::kNo;
  bool background = config->daemonize && !supervised;
  if (background) Daemonize();
  base::LogSettings log;
  log.level = static_cast<base::LogLevel>(config->loglevel);
  log.file = config->logfile;
  log.syslog = config->syslog_enabled;
  log.syslog_ident = config->syslog_ident;
  log.syslog_facility = config->syslog_facility;
  if (auto result = base::SetupLog(log); !result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().c_str());
    return 1;
  }
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  base::LogWarning("oO0OoO0OoO0Oo Nuthatch is starting oO0OoO0OoO0Oo");
  base::LogWarning("Nuthatch version={}, bits=64, compatible with Redis {}, pid={}, just started",
                   base::kVersion, base::kRedisVersion, getpid());
  config = FitMaxclients(std::move(config));
  base::SetLogRole('M');
  ShowLogo(*config);
  for (const std::string& warning : config::StartupWarnings(*config))
    base::LogWarning("{}", warning);

  runtime::Ticks::Calibrate();
  runtime::CommandTable table;
  RegisterCommands(table);
  net::Server::Options options;
  options.config = config;
  options.commands = &table;
  options.executable = ExecutablePath(argv0);
  options.program = argv0;
  net::Server server(std::move(options));
  if (auto listening = server.Listen(); !listening.ok()) {
    base::LogWarning("{}", listening.error());
    return 1;
  }
  // Only now: a second start by mistake must not take the first one's file over.
  if (!config->pidfile.empty()) WritePidFile(config->pidfile);
  TellSupervisor(config->supervised, "STATUS=Ready to accept connections\nREADY=1\n");
  observe::NoteStartupMemory();
  int code = server.Run();
  if (!config->pidfile.empty()) unlink(config->pidfile.c_str());
  return code;
}

}  // namespace
}  // namespace nuthatch

int main(int argc, char** argv) {
  using namespace nuthatch;
  config::CommandLine line =
      config::ParseCommandLine(argv[0], std::vector<std::string>(argv + 1, argv + argc));
  using Mode = config::CommandLine::Mode;
  switch (line.mode) {
    case Mode::kVersion:
      std::fputs(config::VersionText().c_str(), stdout);
      return 0;
    case Mode::kHelp:
      std::fputs(config::HelpText(argv[0]).c_str(), stdout);
      return 0;
    case Mode::kTestMemory:
    case Mode::kCheckSystem:
    case Mode::kSentinel:
      std::fputs("This mode of redis-server does not exist here.\n", stderr);
      return 1;
    case Mode::kServer:
      break;
  }
  // SORT ... ALPHA orders texts as the environment says; nothing else hangs on the locale.
  std::setlocale(LC_COLLATE, "");
  runtime::RegisterPolicyNames();
  auto config = config::LoadFromCommandLine(argc, argv);
  if (!config.ok()) {
    config::ReportLoadError(config.error());
    return 1;
  }
  std::string program = argv[0];
  if (config.value()->set_proc_title) base::PrepareProcessTitle(argc, argv);
  return Serve(config.value(), program);
}
