// What SSCAN, HSCAN and ZSCAN share: their cursor, their options and the form of their replies.
//
// Used by functions of commands, on the thread that runs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/base/buffer.h"
#include "server/base/glob.h"
#include "server/resp/reply_writer.h"
#include "server/runtime/context.h"

namespace nuthatch::commands {

struct ElementScanOptions {
  size_t count = 10;  // about so many elements, at least 1
  std::string_view pattern = "*";

  bool Matches(std::string_view name) const {
    return pattern == "*" || base::GlobMatch(pattern, name);
  }
};

// The cursor, argument 2. Redis reads it before it looks the key up.
std::optional<uint64_t> ScanCursorOrReply(runtime::CommandContext& context);
// The options behind it. Redis reads them when it has the key, and it is of the right type.
std::optional<ElementScanOptions> ScanOptionsOrReply(runtime::CommandContext& context);

// A page of elements, which come before the cursor is known that the reply begins with.
class ElementPage {
 public:
  explicit ElementPage(runtime::CommandContext& context)
      : context_(context), values_(&bytes_, context.caller().protocol) {}

  // The next value: a member, a field, the value of one, a score.
  void Add(std::string_view value) {
    values_.Bulk(value);
    ++count_;
  }
  void Reply(uint64_t next_cursor);

 private:
  runtime::CommandContext& context_;
  base::Buffer bytes_;
  resp::ReplyWriter values_;
  size_t count_ = 0;
};

}  // namespace nuthatch::commands
