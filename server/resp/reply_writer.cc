#include "server/resp/reply_writer.h"

#include <algorithm>
#include <string>

#include "server/resp/replies.h"

namespace nuthatch::resp {
void ReplyWriter::Error(std::string_view text) {
  size_t start = out_->size();
  Line('-', text);
  char* first = out_->data() + start + 1;
  std::replace_if(
      first, first + text.size(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
}

void ReplyWriter::BulkInteger(int64_t value) {
  char text[base::kMaxInt64Chars];
  Bulk({text, base::FormatInt64(value, text)});
}

void ReplyWriter::Bool(bool value) {
  if (resp3_) {
    Raw(value ? std::string_view("#t\r\n") : std::string_view("#f\r\n"));
  } else {
    Raw(value ? kOneReply : kZeroReply);
  }
}

void ReplyWriter::Double(double value) {
  char room[base::kMaxDoubleChars];
  std::string_view text(room, base::FormatDouble(value, room));
  resp3_ ? Line(',', text) : Bulk(text);
}

void ReplyWriter::HumanLongDouble(long double value) {
  std::string text = base::FormatLongDoubleHuman(value);
  resp3_ ? Line(',', text) : Bulk(text);
}

void ReplyWriter::Verbatim(std::string_view extension, std::string_view text) {
  if (!resp3_) return Bulk(text);
  char prefix[] = {' ', ' ', ' ', ':'};
  std::copy_n(extension.data(), std::min<size_t>(extension.size(), 3), prefix);
  Blob('=', {prefix, sizeof prefix}, text);
}

// The header is written into the room that was left for it; when it needs another size, the values
// move.
void ReplyWriter::EndDeferred(size_t mark, char type, int64_t number) {
  CHECK(mark + kDeferredBytes <= out_->size());
  char header[internal::kMaxHeaderBytes];
  size_t length = internal::WriteHeader(type, number, header);
  if (length != kDeferredBytes) {
    size_t more = length - kDeferredBytes;
    out_->Prepare(more);
    char* values = out_->data() + mark + kDeferredBytes;
    std::memmove(values + more, values, out_->size() - mark - kDeferredBytes);
    out_->Commit(more);
  }
  std::memcpy(out_->data() + mark, header, length);
}

}  // namespace nuthatch::resp
