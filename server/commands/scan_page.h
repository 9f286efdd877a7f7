// A page of SCAN, or of BLESS SCAN: a walk through keys of a database, shard by shard, within a
// shard in the order of slots and hashes. The cursor says where to go on, and so in which shard.
//
// A scatter over all shards: CollectPage() in each fragment, CombinePage() in the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/keyspace/keyspace.h"
#include "server/runtime/context.h"

namespace nuthatch::commands {

struct ScanRequest {
  uint64_t cursor = 0;
  size_t count = 0;  // about so many keys, at least 1
  std::string_view pattern = "*";
  std::optional<std::string_view> type;
  keyspace::Keyspace::ScanOf of = keyspace::Keyspace::ScanOf::kAll;
};

// A request, or the error to reply.
struct ParsedScan {
  ScanRequest request;
  std::string_view error;
};

// A number as strtoul() reads it, which is how Redis reads a cursor: a sign may precede it, what
// follows a zero byte doesn't matter, and no digits at all mean 0.
std::optional<uint64_t> ParseCursor(std::string_view text);

// The value of COUNT; the error to reply, or none.
std::string_view ParseScanCount(std::string_view text, size_t* count);

void CollectPage(runtime::CommandContext& context, const ScanRequest& request);
void CombinePage(runtime::CommandContext& context, const ScanRequest& request);

}  // namespace nuthatch::commands
