#include "server/commands/stream_args.h"

#include <cerrno>
#include <cstdlib>
#include <string>

#include "server/base/numbers.h"

namespace nuthatch::commands {
namespace {

using values::StreamId;

// Longer texts are no IDs for Redis.
constexpr size_t kMaxIdChars = 127;

// A number as Redis reads one in an ID: a canonical one that isn't negative, or else whatever
// strtoull takes (spaces and a sign before it, leading zeros).
std::optional<uint64_t> ParseIdPart(const std::string& text) {
  if (std::optional<int64_t> number = base::ParseInt64(text)) {
    if (*number < 0) return std::nullopt;
    return static_cast<uint64_t>(*number);
  }
  errno = 0;
  char* end = nullptr;
  uint64_t number = std::strtoull(text.c_str(), &end, 10);
  if (errno != 0 || text.empty() || *end != '\0') return std::nullopt;
  return number;
}

// An end of an interval: whether it is open, and the ID.
struct IntervalEnd {
  StreamId id;
  bool open = false;
};
std::optional<IntervalEnd> IntervalEndOrReply(runtime::CommandContext& context,
                                              std::string_view text, uint64_t missing_seq) {
  bool open = text.size() > 1 && text.front() == '(';
  if (open) text.remove_prefix(1);
  std::optional<ParsedStreamId> parsed =
      ParseStreamId(text, open ? IdForm::kStrict : IdForm::kOrEnds, missing_seq);
  if (!parsed.has_value()) {
    context.reply().Error(errors::kInvalidStreamId);
    return std::nullopt;
  }
  return IntervalEnd{parsed->id, open};
}

}  // namespace

std::optional<ParsedStreamId> ParseStreamId(std::string_view text, IdForm form,
                                            uint64_t missing_seq) {
  if (text.size() > kMaxIdChars) return std::nullopt;
  // As for Redis, a zero byte ends it.
  text = text.substr(0, text.find('\0'));
  if (form == IdForm::kOrEnds) {
    if (text == "-") return ParsedStreamId{};
    if (text == "+") return ParsedStreamId{.id = StreamId::Max()};
  }
  size_t dash = text.find('-');
  std::optional<uint64_t> ms = ParseIdPart(std::string(text.substr(0, dash)));
  if (!ms.has_value()) return std::nullopt;
  if (dash == std::string_view::npos) return ParsedStreamId{.id = {*ms, missing_seq}};
  std::string seq_text(text.substr(dash + 1));
  if (form == IdForm::kOrAutoSeq && seq_text == "*") {
    return ParsedStreamId{.id = {*ms, 0}, .has_seq = false};
  }
  std::optional<uint64_t> seq = ParseIdPart(seq_text);
  if (!seq.has_value()) return std::nullopt;
  return ParsedStreamId{.id = {*ms, *seq}};
}

std::optional<StreamId> StreamIdOrReply(runtime::CommandContext& context, std::string_view text,
                                        IdForm form) {
  std::optional<ParsedStreamId> parsed = ParseStreamId(text, form, 0);
  if (!parsed.has_value()) {
    context.reply().Error(errors::kInvalidStreamId);
    return std::nullopt;
  }
  return parsed->id;
}

std::optional<StreamId> IntervalStartOrReply(runtime::CommandContext& context,
                                             std::string_view text) {
  std::optional<IntervalEnd> end = IntervalEndOrReply(context, text, 0);
  if (!end.has_value()) return std::nullopt;
  std::optional<StreamId> first = end->open ? end->id.Next() : end->id;
  if (!first.has_value()) context.reply().Error(errors::kInvalidIntervalStart);
  return first;
}

std::optional<StreamId> IntervalEndOrReply(runtime::CommandContext& context,
                                           std::string_view text) {
  std::optional<IntervalEnd> end = IntervalEndOrReply(context, text, UINT64_MAX);
  if (!end.has_value()) return std::nullopt;
  std::optional<StreamId> last = end->open ? end->id.Previous() : end->id;
  if (!last.has_value()) context.reply().Error(errors::kInvalidIntervalEnd);
  return last;
}

}  // namespace nuthatch::commands
