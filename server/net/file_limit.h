// How many clients the operating system's limit of open files allows. Called by the main thread at
// the start, and within a rendezvous of all shards afterwards.
#pragma once

#include <cstdint>

namespace nuthatch::net {

// Raises the limit to what `maxclients` clients and the server's own files need, as far as that may
// be done. Gives the number of clients that then have room, at most `maxclients`; if they are fewer
// it has said so in the log.
uint32_t MakeRoomForClients(uint32_t maxclients, int shards);

}  // namespace nuthatch::net
