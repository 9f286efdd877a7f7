// Reading the offset of a bit, as the bitmap commands take it.
//
// Any thread that runs a command.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/commands/args.h"

namespace nuthatch::commands {

// An offset within the longest string that there may be. With `bits`, "#3" means the fourth field
// of so many bits.
inline std::optional<uint64_t> BitOffsetOrReply(runtime::CommandContext& context,
                                                std::string_view text, int bits = 0) {
  bool by_fields = bits > 0 && text.starts_with('#');
  std::optional<int64_t> number = base::ParseInt64(by_fields ? text.substr(1) : text);
  if (number.has_value()) {
    // A product that is too large wraps, as it does in Redis.
    uint64_t factor = by_fields ? static_cast<uint64_t>(bits) : 1;
    auto offset = static_cast<int64_t>(static_cast<uint64_t>(*number) * factor);
    if (offset >= 0 && static_cast<uint64_t>(offset) >> 3 < context.config().proto_max_bulk_len) {
      return static_cast<uint64_t>(offset);
    }
  }
  context.reply().Error(errors::kBitOffset);
  return std::nullopt;
}

}  // namespace nuthatch::commands
