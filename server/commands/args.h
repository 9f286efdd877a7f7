// What the commands' functions use to read their arguments, with Redis's rules and error texts.
//
// Functions named ...OrReply write the error to the context's reply where they return nothing; the
// caller then just returns. Any thread that runs a command.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "server/base/numbers.h"
#include "server/commands/errors.h"
#include "server/runtime/context.h"

namespace nuthatch::commands {

// Whether `arg` is the option `word`, which is in lower case, in any case of letters. As for Redis,
// a zero byte ends an option.
inline bool IsWord(std::string_view arg, std::string_view word) {
  if (arg.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    char c = arg[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != word[i]) return false;
  }
  return arg.size() == word.size() || arg[word.size()] == '\0';
}

// A 64-bit integer.
inline std::optional<int64_t> IntegerOrReply(runtime::CommandContext& context,
                                             std::string_view text,
                                             std::string_view error = errors::kNotAnInteger) {
  std::optional<int64_t> value = base::ParseInt64(text);
  if (!value.has_value()) context.reply().Error(error);
  return value;
}

// An integer from `least` on; `error` stands for all that can be wrong.
inline std::optional<int64_t> AtLeastOrReply(runtime::CommandContext& context,
                                             std::string_view text, int64_t least,
                                             std::string_view error) {
  std::optional<int64_t> value = IntegerOrReply(context, text, error);
  if (!value.has_value() || *value >= least) return value;
  context.reply().Error(error);
  return std::nullopt;
}

// A 32-bit integer, such as the number of a database. With `error` that text stands for all that
// can be wrong, otherwise Redis tells no number from one out of range.
inline std::optional<int> IntOrReply(runtime::CommandContext& context, std::string_view text,
                                     std::string_view error = {}) {
  std::optional<int64_t> value = base::ParseInt64(text);
  if (!value.has_value()) {
    context.reply().Error(error.empty() ? errors::kNotAnInteger : error);
    return std::nullopt;
  }
  if (*value < std::numeric_limits<int>::min() || *value > std::numeric_limits<int>::max()) {
    context.reply().Error(error.empty() ? errors::kOutOfIntRange : error);
    return std::nullopt;
  }
  return static_cast<int>(*value);
}

// Whether `db` is the number of a database; otherwise replies kDbOutOfRange.
inline bool DbExistsOrReply(runtime::CommandContext& context, int db) {
  if (db >= 0 && db < context.config().databases) return true;
  context.reply().Error(errors::kDbOutOfRange);
  return false;
}

}  // namespace nuthatch::commands
