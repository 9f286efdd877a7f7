#include "eviction/trace_parser.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <xxhash.h>

#include "server/base/numbers.h"

namespace nuthatch::eviction {

namespace {

constexpr std::string_view kBlank = " \t";

std::string_view Trim(std::string_view text) {
  size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

// A line of the format key,size.
struct KeySize {
  std::string_view key;
  std::string_view size;
};

std::optional<KeySize> SplitAtComma(std::string_view line) {
  size_t comma = line.rfind(',');
  if (comma == std::string_view::npos) return std::nullopt;
  return KeySize{.key = line.substr(0, comma), .size = Trim(line.substr(comma + 1))};
}

bool IsHeading(std::string_view line) {
  std::optional<KeySize> fields = SplitAtComma(line);
  constexpr std::string_view kSize = "size";
  return fields &&
         std::ranges::equal(fields->size, kSize, [](char a, char b) { return (a | 0x20) == b; });
}

bool HasSize(std::string_view line) {
  std::optional<KeySize> fields = SplitAtComma(line);
  return fields && !fields->size.empty() &&
         std::ranges::all_of(fields->size, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

base::Result<void> TraceParser::Feed(std::string_view piece) {
  if (full()) return {};
  pending_ += piece;
  return Consume(false);
}

base::Result<Trace> TraceParser::Finish() {
  if (!full()) {
    base::Result<void> rest = Consume(true);
    if (!rest.ok()) return base::Error(rest.error());
    if (format_ == Format::kRecords && !pending_.empty() && !full()) {
      return base::Error("the trace is truncated: " + std::to_string(pending_.size()) +
                         " bytes follow request " + std::to_string(trace_.size()) +
                         ", where a record has " + std::to_string(sizeof(TraceRecord)));
    }
  }
  if (trace_.empty()) return base::Error("the trace has no requests");
  return std::move(trace_);
}

base::Result<void> TraceParser::Consume(bool is_last) {
  if (format_ == Format::kUnknown) {
    std::string_view head(pending_.data(), std::min(pending_.size(), kHeadBytes));
    if (head.find('\0') != std::string_view::npos) {
      format_ = Format::kRecords;
    } else if (head.size() == kHeadBytes || is_last) {
      format_ = Format::kText;
    } else {
      return {};
    }
  }
  return format_ == Format::kRecords ? ConsumeRecords() : ConsumeLines(is_last);
}

base::Result<void> TraceParser::ConsumeRecords() {
  size_t done = 0;
  for (; pending_.size() - done >= sizeof(TraceRecord) && !full(); done += sizeof(TraceRecord)) {
    TraceRecord record;
    std::memcpy(&record, pending_.data() + done, sizeof record);
    base::Result<void> added = Add(record);
    if (!added.ok()) return added;
  }
  pending_.erase(0, done);
  return {};
}

base::Result<void> TraceParser::ConsumeLines(bool is_last) {
  std::string_view rest = pending_;
  while (!rest.empty() && !full()) {
    size_t end = rest.find('\n');
    bool is_whole = end != std::string_view::npos;
    if (std::min(end, rest.size()) > kMostLineBytes) {
      return base::Error("line " + std::to_string(lines_ + 1) + " is longer than " +
                         std::to_string(kMostLineBytes) + " bytes");
    }
    if (!is_whole && !is_last) break;
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(is_whole ? end + 1 : rest.size());
    ++lines_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    base::Result<void> added = AddLine(line);
    if (!added.ok()) return added;
  }
  pending_.erase(0, pending_.size() - rest.size());
  return {};
}

base::Result<void> TraceParser::AddLine(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) {
    return base::Error("line " + std::to_string(lines_) + " has a zero byte: not text");
  }
  if (format_ == Format::kText) {
    bool is_heading = IsHeading(line);
    format_ = is_heading || HasSize(line) ? Format::kKeySizes : Format::kKeys;
    if (is_heading) return {};
  }
  TraceRecord record;
  record.time_s = static_cast<uint32_t>(trace_.size() / kUntimedPerSecond);
  std::string_view key = line;
  if (format_ == Format::kKeySizes) {
    std::optional<KeySize> fields = SplitAtComma(line);
    std::optional<int64_t> size = fields ? base::ParseInt64(fields->size) : std::nullopt;
    if (!size || *size < 0 || *size > std::numeric_limits<uint32_t>::max()) {
      return base::Error("line " + std::to_string(lines_) +
                         " is not KEY,SIZE with a size of 0 to 4294967295 bytes");
    }
    key = fields->key;
    record.size = static_cast<uint32_t>(*size);
  }
  record.key = XXH3_64bits(key.data(), key.size());
  return Add(record);
}

base::Result<void> TraceParser::Add(const TraceRecord& record) {
  if (trace_.size() == kMostRequests) {
    return base::Error("the trace has more than " + std::to_string(kMostRequests) + " requests");
  }
  trace_.push_back(record);
  return {};
}

}  // namespace nuthatch::eviction
