// A client beside the recorded ones that sends commands without keys of the worlds, over and over:
// those that concern all shards or replace the configuration under whatever is in flight.
//
// Its replies are read, but not judged.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "server/base/result.h"

namespace nuthatch::linearizability {

// Sends the inline commands `lines` to 127.0.0.1:port in turn, some hundred microseconds apart,
// each when the last one is answered, until `stop`. An error is an error reply, or a connection
// that breaks before `stop`. Any thread.
base::Result<void> Disturb(uint16_t port, const std::vector<std::string>& lines,
                           const std::atomic<bool>& stop);

}  // namespace nuthatch::linearizability
