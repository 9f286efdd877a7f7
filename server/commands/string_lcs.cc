// LCS: the longest common subsequence of two strings, by the textbook table of prefix lengths:
// cell (i, j) is the length for the first i and the first j bytes. O(N*M) time; O(N*M) memory to
// find the subsequence itself, two rows where only its length is asked for.
//
// Of several longest subsequences the one is taken that Redis's walk back through the table finds:
// where both neighbours are equal, it drops a byte of the second string.
#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <string>

#include "server/commands/args.h"
#include "server/commands/group_parts.h"
#include "server/commands/key_specs.h"
#include "server/commands/lookup.h"
#include "server/commands/string_docs.h"
#include "server/runtime/acl_category.h"

namespace nuthatch::commands {
namespace {

using keyspace::NumberText;

// Sockets are served after about so many cells.
constexpr size_t kCellsBetweenBreaths = size_t{1} << 17;

struct LcsOptions {
  bool idx = false;
  bool len = false;
  bool with_match_len = false;
  int64_t min_match_len = 0;
};

std::optional<LcsOptions> ParseLcsOptions(CommandContext& context) {
  LcsOptions options;
  for (size_t i = 3; i < context.argc(); ++i) {
    std::string_view arg = context.arg(i);
    if (IsWord(arg, "idx")) {
      options.idx = true;
    } else if (IsWord(arg, "len")) {
      options.len = true;
    } else if (IsWord(arg, "withmatchlen")) {
      options.with_match_len = true;
    } else if (IsWord(arg, "minmatchlen") && i + 1 < context.argc()) {
      std::optional<int64_t> length = IntegerOrReply(context, context.arg(++i));
      if (!length.has_value()) return std::nullopt;
      options.min_match_len = *length;
    } else {
      context.reply().Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  if (options.idx && options.len) {
    context.reply().Error(errors::kLcsIdxWithLen);
    return std::nullopt;
  }
  return options;
}

class LcsTable {
 public:
  // Keeps all rows, or with `length_only` the last two. False when there is no memory.
  bool Compute(CommandContext& context, std::string_view a, std::string_view b, bool length_only) {
    width_ = b.size() + 1;
    rows_ = length_only ? 2 : a.size() + 1;
    cells_.reset(new (std::nothrow) uint32_t[rows_ * width_]);
    if (cells_ == nullptr) return false;
    std::fill_n(Row(0), width_, 0);
    size_t since_breath = 0;
    for (size_t i = 1; i <= a.size(); ++i) {
      const uint32_t* above = Row(i - 1);
      uint32_t* row = Row(i);
      row[0] = 0;
      for (size_t j = 1; j < width_; ++j) {
        row[j] = a[i - 1] == b[j - 1] ? above[j - 1] + 1 : std::max(above[j], row[j - 1]);
      }
      since_breath += width_;
      if (since_breath >= kCellsBetweenBreaths) {
        context.Breathe();
        since_breath = 0;
      }
    }
    length_ = Row(a.size())[b.size()];
    return true;
  }
  uint32_t length() const { return length_; }
  // REQUIRES: computed with all rows.
  uint32_t At(size_t i, size_t j) const { return cells_[i * width_ + j]; }

 private:
  uint32_t* Row(size_t i) { return cells_.get() + (i % rows_) * width_; }

  std::unique_ptr<uint32_t[]> cells_;
  size_t width_ = 0;
  size_t rows_ = 0;
  uint32_t length_ = 0;
};

// Walks from the ends of both strings to a beginning and calls run(i, j, length) for each maximal
// run of common bytes, which begins at a[i] and b[j]; the last run comes first.
template <typename Run>
void WalkRuns(const LcsTable& table, std::string_view a, std::string_view b, const Run& run) {
  size_t i = a.size();
  size_t j = b.size();
  size_t length = 0;
  while (i > 0 && j > 0) {
    if (a[i - 1] == b[j - 1]) {
      --i;
      --j;
      ++length;
      continue;
    }
    if (length > 0) run(i, j, length);
    length = 0;
    table.At(i - 1, j) > table.At(i, j - 1) ? --i : --j;
  }
  if (length > 0) run(i, j, length);
}

void ReplyRange(CommandContext& context, size_t begin, size_t length) {
  context.reply().Array(2);
  context.reply().Integer(static_cast<int64_t>(begin));
  context.reply().Integer(static_cast<int64_t>(begin + length - 1));
}

void ReplyMatches(CommandContext& context, const LcsTable& table, std::string_view a,
                  std::string_view b, const LcsOptions& options) {
  context.reply().Map(2);
  context.reply().Bulk("matches");
  size_t mark = context.reply().BeginDeferred();
  size_t matches = 0;
  WalkRuns(table, a, b, [&](size_t i, size_t j, size_t length) {
    if (static_cast<int64_t>(length) < options.min_match_len) return;
    context.reply().Array(options.with_match_len ? 3 : 2);
    ReplyRange(context, i, length);
    ReplyRange(context, j, length);
    if (options.with_match_len) context.reply().Integer(static_cast<int64_t>(length));
    ++matches;
  });
  context.reply().EndDeferredArray(mark, matches);
  context.reply().Bulk("len");
  context.reply().Integer(table.length());
}

void ReplySubsequence(CommandContext& context, const LcsTable& table, std::string_view a,
                      std::string_view b) {
  std::string common(table.length(), '\0');
  size_t left = common.size();
  WalkRuns(table, a, b, [&](size_t i, size_t, size_t length) {
    left -= length;
    common.replace(left, length, a.substr(i, length));
  });
  context.reply().Bulk(common);
}

// Copies the string out, for looking up the other key may change the keyspace. False if the key
// holds something else.
bool CopyString(CommandContext& context, const Key& key, std::string& out) {
  EntryRef ref = FindForRead(context, key);
  if (!ref) return true;
  if (ref->type() != keyspace::Type::kString) return false;
  NumberText text;
  out = ref->Text(text);
  return true;
}

void Lcs(CommandContext& context) {
  std::string a;
  std::string b;
  bool strings = CopyString(context, context.key(0), a);
  strings = CopyString(context, context.key(1), b) && strings;
  if (!strings) return context.reply().Error(errors::kLcsNotStrings);
  std::optional<LcsOptions> options = ParseLcsOptions(context);
  if (!options.has_value()) return;
  constexpr size_t kMostBytes = std::numeric_limits<uint32_t>::max() - 1;
  if (a.size() >= kMostBytes || b.size() >= kMostBytes) {
    return context.reply().Error(errors::kLcsStringTooLong);
  }
  // Redis's bound on its own table; it stands for the length alone, too.
  unsigned __int128 bytes = static_cast<unsigned __int128>(a.size() + 1) * (b.size() + 1) * 4;
  if (bytes > context.config().proto_max_bulk_len) {
    return context.reply().Error(errors::kLcsTooMuchMemory);
  }
  LcsTable table;
  if (!table.Compute(context, a, b, options->len)) {
    return context.reply().Error(errors::kLcsNoMemory);
  }
  if (options->idx) return ReplyMatches(context, table, a, b, *options);
  if (options->len) return context.reply().Integer(table.length());
  ReplySubsequence(context, table, a, b);
}

using namespace runtime;  // the words of the rows

constexpr CommandSpec kStringLcsCommands[] = {
    {.name = "lcs",
     .arity = -3,
     .flags = kReadonly,
     .key_specs = kKeyTwoRoAccess,
     .acl_categories = kAclString,
     .where = Where::kByKeys,
     .several = Several::kRendezvous,
     .run = Lcs,
     .summary = "Find longest common substring",
     .complexity = "O(N*M) where N and M are the lengths of s1 and s2, respectively",
     .since = "7.0.0",
     .group = "string",
     .args = kLcsArgs},
};

}  // namespace

std::span<const runtime::CommandSpec> StringLcsCommands() { return kStringLcsCommands; }

}  // namespace nuthatch::commands
