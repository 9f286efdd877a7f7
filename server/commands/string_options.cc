#include "server/commands/string_options.h"

#include <limits>

#include "server/commands/args.h"
#include "server/commands/errors.h"

namespace nuthatch::commands {
namespace {

ExpiryForm FormOfWord(std::string_view arg) {
  if (IsWord(arg, "ex")) return ExpiryForm::kSeconds;
  if (IsWord(arg, "px")) return ExpiryForm::kMilliseconds;
  if (IsWord(arg, "exat")) return ExpiryForm::kUnixSeconds;
  if (IsWord(arg, "pxat")) return ExpiryForm::kUnixMilliseconds;
  return ExpiryForm::kNone;
}

// Takes an option of one word; false if it isn't one, or not beside those taken already.
bool TakeWord(std::string_view arg, OptionsOf command, StringOptions& options) {
  bool timeless = options.form == ExpiryForm::kNone;
  if (command == OptionsOf::kGetEx) {
    if (!IsWord(arg, "persist") || !timeless) return false;
    options.persist = true;
  } else if (IsWord(arg, "nx") && !options.xx) {
    options.nx = true;
  } else if (IsWord(arg, "xx") && !options.nx) {
    options.xx = true;
  } else if (IsWord(arg, "get")) {
    options.get = true;
  } else if (IsWord(arg, "keepttl") && timeless) {
    options.keep_ttl = true;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<StringOptions> ParseStringOptions(runtime::CommandContext& context, size_t first,
                                                OptionsOf command) {
  StringOptions options;
  for (size_t i = first; i < context.argc(); ++i) {
    std::string_view arg = context.arg(i);
    if (TakeWord(arg, command, options)) continue;
    // The same form may come twice, the last one counts; two forms may not.
    ExpiryForm form = FormOfWord(arg);
    bool fits = form != ExpiryForm::kNone && !options.keep_ttl && !options.persist &&
                (options.form == ExpiryForm::kNone || options.form == form);
    if (!fits || i + 1 == context.argc()) {
      context.reply().Error(errors::kSyntax);
      return std::nullopt;
    }
    options.form = form;
    options.expiry = context.arg(++i);
  }
  return options;
}

std::optional<int64_t> DeadlineOrReply(runtime::CommandContext& context, ExpiryForm form,
                                       std::string_view text) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  std::optional<int64_t> given = IntegerOrReply(context, text);
  if (!given.has_value()) return std::nullopt;
  bool seconds = form == ExpiryForm::kSeconds || form == ExpiryForm::kUnixSeconds;
  bool relative = form == ExpiryForm::kSeconds || form == ExpiryForm::kMilliseconds;
  int64_t time_ms = *given;
  bool valid = time_ms > 0 && (!seconds || time_ms <= kMost / 1000);
  if (valid && seconds) time_ms *= 1000;
  if (valid && relative) valid = !__builtin_add_overflow(time_ms, context.now_ms(), &time_ms);
  if (!valid) {
    context.reply().Error(errors::InvalidExpireTime(context.spec().name));
    return std::nullopt;
  }
  return time_ms;
}

}  // namespace nuthatch::commands
