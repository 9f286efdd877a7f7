// What the dispatcher itself tells a client that errs; commands have their own (commands/errors.h).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nuthatch::runtime {

inline constexpr std::string_view kErrorCode = "ERR ";
inline constexpr std::string_view kNoAuthText = "NOAUTH Authentication required.";
inline constexpr std::string_view kOomText =
    "OOM command not allowed when used memory > 'maxmemory'.";
inline constexpr std::string_view kExecAbortText =
    "EXECABORT Transaction discarded because of previous errors.";
inline constexpr std::string_view kNotInMultiText = "ERR Command not allowed inside a transaction";
inline constexpr std::string_view kUnblockedText = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
inline constexpr std::string_view kInvalidKeysText = "ERR Invalid arguments specified for command";

// At most `limit` bytes of an argument as an error shows it: up to its first zero byte.
inline std::string_view ShownBytes(std::string_view arg, size_t limit) {
  arg = arg.substr(0, limit);
  return arg.substr(0, arg.find('\0'));
}

inline std::string UnknownCommandText(std::span<const std::string_view> args) {
  // As much of the call as Redis shows: 128 bytes of the name, then arguments until 128 bytes are
  // reached.
  constexpr size_t kShown = 128;
  std::string rest;
  for (size_t i = 1; i < args.size() && rest.size() < kShown; ++i) {
    size_t room = kShown - rest.size();
    rest.append("'").append(ShownBytes(args[i], room)).append("' ");
  }
  return std::string("ERR unknown command '")
      .append(ShownBytes(args[0], kShown))
      .append("', with args beginning with: ")
      .append(rest);
}

inline std::string UnknownSubcommandText(std::string_view container, std::string_view name) {
  std::string upper;
  for (char c : container) upper += (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  return std::string("ERR unknown subcommand '")
      .append(ShownBytes(name, 128))
      .append("'. Try ")
      .append(upper)
      .append(" HELP.");
}

// An EXEC that is refused itself. `cause` is the text of what refuses it.
inline std::string ExecAbortText(std::string_view cause) {
  return std::string("EXECABORT Transaction discarded because of: ").append(cause);
}

// `full_name` is "get", or "client|kill".
inline std::string WrongArityText(std::string_view full_name) {
  return std::string("ERR wrong number of arguments for '").append(full_name).append("' command");
}

}  // namespace nuthatch::runtime
