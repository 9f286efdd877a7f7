// Addresses of sockets as clients see them: "1.2.3.4:5", "[::1]:5". Any thread.
#pragma once

#include <string>

namespace nuthatch::net {

// Empty if the socket has none.
std::string PeerAddress(int fd);
std::string LocalAddress(int fd);
// Whether the peer of a TCP socket is this machine.
bool PeerIsLoopback(int fd);
// Probes after `seconds` of silence, three times, a third of that apart, as Redis does.
void SetKeepAlive(int fd, int seconds);

}  // namespace nuthatch::net
