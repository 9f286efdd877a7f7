// SCAN: a walk through the keys of a database; see scan_page.h.
#include "server/commands/args.h"
#include "server/commands/errors.h"
#include "server/commands/generic_docs.h"
#include "server/commands/group_parts.h"
#include "server/commands/scan_page.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using runtime::CommandContext;

// Keys of a page where COUNT says nothing.
constexpr size_t kDefaultCount = 10;

ParsedScan ParseScan(const CommandContext& context) {
  ParsedScan parsed;
  std::optional<uint64_t> cursor = ParseCursor(context.arg(1));
  if (!cursor.has_value()) return {{}, errors::kInvalidCursor};
  parsed.request.cursor = *cursor;
  parsed.request.count = kDefaultCount;
  for (size_t i = 2; i < context.argc(); i += 2) {
    if (i + 1 == context.argc()) return {{}, errors::kSyntax};
    std::string_view value = context.arg(i + 1);
    if (IsWord(context.arg(i), "count")) {
      std::string_view error = ParseScanCount(value, &parsed.request.count);
      if (!error.empty()) return {{}, error};
    } else if (IsWord(context.arg(i), "match")) {
      parsed.request.pattern = value;
    } else if (IsWord(context.arg(i), "type")) {
      parsed.request.type = value;
    } else {
      return {{}, errors::kSyntax};
    }
  }
  return parsed;
}

void ScanFragment(CommandContext& context) {
  ParsedScan parsed = ParseScan(context);
  if (parsed.error.empty()) CollectPage(context, parsed.request);
}

void ScanCombine(CommandContext& context) {
  ParsedScan parsed = ParseScan(context);
  if (!parsed.error.empty()) return context.reply().Error(parsed.error);
  CombinePage(context, parsed.request);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kScanCommands[] = {
    {.name = "scan",
     .arity = -2,
     .flags = kReadonly,
     .acl_categories = kAclKeyspace,
     .where = Where::kScatterAll,
     .scatter = {.fragment = ScanFragment, .combine = ScanCombine},
     .summary = "Incrementally iterate the keys space",
     .complexity =
         "O(1) for every call. O(N) for a complete iteration, including enough command calls for "
         "the cursor to return back to 0. N is the number of elements inside the collection.",
     .since = "2.8.0",
     .group = "generic",
     .history = kScanHistory,
     .tips = kScanTips,
     .args = kScanArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> ScanCommands() { return kScanCommands; }

}  // namespace nuthatch::commands
