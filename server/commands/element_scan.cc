#include "server/commands/element_scan.h"

#include <charconv>

#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/scan_page.h"

namespace nuthatch::commands {

using runtime::CommandContext;

std::optional<uint64_t> ScanCursorOrReply(CommandContext& context) {
  std::optional<uint64_t> cursor = ParseCursor(context.arg(2));
  if (!cursor.has_value()) context.reply().Error(errors::kInvalidCursor);
  return cursor;
}

std::optional<ElementScanOptions> ScanOptionsOrReply(CommandContext& context) {
  ElementScanOptions options;
  std::string_view error;
  for (size_t i = 3; i < context.argc() && error.empty(); i += 2) {
    const bool more = i + 1 < context.argc();
    if (more && IsWord(context.arg(i), "count")) {
      error = ParseScanCount(context.arg(i + 1), &options.count);
    } else if (more && IsWord(context.arg(i), "match")) {
      options.pattern = context.arg(i + 1);
    } else {
      error = errors::kSyntax;
    }
  }
  if (error.empty()) return options;
  context.reply().Error(error);
  return std::nullopt;
}

void ElementPage::Reply(uint64_t next_cursor) {
  char cursor[base::kMaxInt64Chars];
  char* end = std::to_chars(cursor, cursor + sizeof cursor, next_cursor).ptr;
  context_.reply().Array(2);
  context_.reply().Bulk({cursor, static_cast<size_t>(end - cursor)});
  context_.reply().Array(count_);
  context_.reply().Raw(bytes_.view());
}

}  // namespace nuthatch::commands
