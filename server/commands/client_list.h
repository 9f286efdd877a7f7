// CLIENT LIST, INFO and KILL: how a connection is shown, and which ones are meant.
//
// Fragments look at the connections of their own shard; the registry brings their figures up to
// date. Any thread that runs such a command.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/runtime/client.h"
#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

// Redis's classes of clients. All connections are normal ones as long as there are no others.
enum class ClientType : uint8_t { kNormal, kReplica, kPubsub, kPrimary };

// In any case of letters, "slave" included.
std::optional<ClientType> ParseClientType(std::string_view name);

// One line of CLIENT LIST, without its end; `now_ms` is monotonic. `touched`: a key that it watches
// was changed.
std::string FormatClient(const runtime::ClientState& client, int64_t now_ms, bool touched);

// The rows' functions.
void ClientInfo(runtime::CommandContext& context);
void ClientListFragment(runtime::CommandContext& context);
void ClientListCombine(runtime::CommandContext& context);
void ClientKillFragment(runtime::CommandContext& context);
void ClientKillCombine(runtime::CommandContext& context);

}  // namespace nuthatch::commands
