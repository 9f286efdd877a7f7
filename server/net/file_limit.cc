#include "server/net/file_limit.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/resource.h>

#include "server/base/log.h"

namespace nuthatch::net {
namespace {

// What the server needs beside its clients' sockets: as much as Redis reserves, which is enough for
// a few shards, and the files of the loops beyond these.
constexpr rlim_t kReservedFiles = 32;
constexpr int kShardsInReserve = 4;
constexpr rlim_t kFilesAShard = 4;

}  // namespace

uint32_t MakeRoomForClients(uint32_t maxclients, int shards) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return maxclients;
  rlim_t own =
      kReservedFiles + kFilesAShard * static_cast<rlim_t>(std::max(shards - kShardsInReserve, 0));
  rlim_t wanted = maxclients + own;
  if (limit.rlim_cur >= wanted) return maxclients;
  rlimit raised{wanted, std::max(limit.rlim_max, wanted)};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return maxclients;
  const char* cause = std::strerror(errno);
  // Only a privileged process may raise the hard limit; up to it everybody may go.
  raised = {limit.rlim_max, limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) != 0) raised = limit;
  auto room = static_cast<uint32_t>(raised.rlim_cur > own ? raised.rlim_cur - own : 0);
  if (room >= maxclients) return maxclients;
  base::LogWarning("You requested maxclients of {} requiring at least {} max file descriptors.",
                   maxclients, wanted);
  base::LogWarning("Server can't set maximum open files to {} because of OS error: {}.", wanted,
                   cause);
  base::LogWarning(
      "Current maximum open files is {}. maxclients has been reduced to {} to compensate for low "
      "ulimit. If you need higher maxclients increase 'ulimit -n'.",
      raised.rlim_cur, room);
  return room;
}

}  // namespace nuthatch::net
