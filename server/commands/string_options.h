// The options that SET and GETEX share, and times of expiry as they stand in string commands.
// Pure parsing; errors go to the context's reply.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/runtime/context.h"

namespace nuthatch::commands {

enum class ExpiryForm : uint8_t { kNone, kSeconds, kMilliseconds, kUnixSeconds, kUnixMilliseconds };

struct StringOptions {
  bool nx = false;
  bool xx = false;
  bool get = false;
  bool keep_ttl = false;
  bool persist = false;
  ExpiryForm form = ExpiryForm::kNone;
  std::string_view expiry;  // the number, unless form is kNone
};

enum class OptionsOf : uint8_t { kSet, kGetEx };

// Reads the arguments from `first` on. Replies with a syntax error and returns nothing where they
// contradict each other or are unknown.
std::optional<StringOptions> ParseStringOptions(runtime::CommandContext& context, size_t first,
                                                OptionsOf command);

// Milliseconds of wall time: the deadline that `text` means. Replies with an error and returns
// nothing if it is no number, not above zero, or too far away.
std::optional<int64_t> DeadlineOrReply(runtime::CommandContext& context, ExpiryForm form,
                                       std::string_view text);

}  // namespace nuthatch::commands
