#include "tests/oracle/reply.h"

#include <charconv>
#include <cstring>

namespace nuthatch::oracle {
namespace {

// Reads a line's number; nothing for a malformed one. "?" (streamed aggregates) is not spoken.
std::optional<long> LineNumber(std::string_view line) {
  long value = 0;
  auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (error != std::errc() || end != line.data() + line.size()) return std::nullopt;
  return value;
}

// The line that starts at `position`, without its end; nothing if it is not all there.
std::optional<std::string_view> Line(std::string_view bytes, size_t position) {
  const void* newline = std::memchr(bytes.data() + position, '\n', bytes.size() - position);
  if (newline == nullptr) return std::nullopt;
  size_t end = static_cast<size_t>(static_cast<const char*>(newline) - bytes.data());
  if (end == position || bytes[end - 1] != '\r') return std::string_view();
  return bytes.substr(position, end - 1 - position);
}

bool IsBulk(char type) { return type == '$' || type == '=' || type == '!'; }
bool IsAggregate(char type) {
  return type == '*' || type == '~' || type == '%' || type == '>' || type == '|';
}

// Parses one element from the front of `*rest`.
bool ParseElement(std::string_view* rest, Reply* reply, int depth) {
  if (rest->empty() || depth > 100) return false;
  auto line = Line(*rest, 0);
  if (!line || line->empty()) return false;
  reply->type = line->front();
  std::string_view body = line->substr(1);
  rest->remove_prefix(line->size() + 2);
  if (IsBulk(reply->type)) {
    auto size = LineNumber(body);
    if (!size || *size < -1) return false;
    if (*size == -1) {
      reply->null = true;
      return true;
    }
    size_t length = static_cast<size_t>(*size);
    if (rest->size() < length + 2) return false;
    reply->text = rest->substr(0, length);
    rest->remove_prefix(length + 2);
    return true;
  }
  if (IsAggregate(reply->type)) {
    auto count = LineNumber(body);
    if (!count || *count < -1) return false;
    reply->null = *count == -1;
    long elements = *count * (reply->type == '%' || reply->type == '|' ? 2 : 1);
    for (long i = 0; i < elements; ++i) {
      reply->items.emplace_back();
      if (!ParseElement(rest, &reply->items.back(), depth + 1)) return false;
    }
    return true;
  }
  reply->null = reply->type == '_';
  reply->text = body;
  return true;
}

}  // namespace

ReplyScanner::State ReplyScanner::Scan(std::string_view bytes, size_t* end) {
  while (pending_ > 0) {
    if (position_ >= bytes.size()) return State::kPartial;
    auto line = Line(bytes, position_);
    if (!line) return State::kPartial;
    if (line->empty()) return State::kBroken;
    char type = line->front();
    size_t next = position_ + line->size() + 2;
    if (IsBulk(type)) {
      auto size = LineNumber(line->substr(1));
      if (!size || *size < -1) return State::kBroken;
      if (*size >= 0) next += static_cast<size_t>(*size) + 2;
      if (next > bytes.size()) return State::kPartial;
      --pending_;
    } else if (IsAggregate(type)) {
      auto count = LineNumber(line->substr(1));
      if (!count || *count < -1) return State::kBroken;
      size_t elements = *count < 0 ? 0 : static_cast<size_t>(*count);
      pending_ += type == '%' || type == '|' ? elements * 2 : elements;
      if (type != '|' && type != '>') --pending_;
    } else if (std::strchr("+-:_#,(", type) != nullptr) {
      --pending_;
    } else {
      return State::kBroken;
    }
    position_ = next;
  }
  pending_ = 1;
  *end = position_;
  return State::kWhole;
}

const Reply* Reply::Find(std::string_view key) const {
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].text == key) return &items[i + 1];
  }
  return nullptr;
}

std::optional<Reply> ParseReply(std::string_view bytes) {
  Reply reply;
  if (!ParseElement(&bytes, &reply, 0) || !bytes.empty()) return std::nullopt;
  if ((reply.type == '=') && reply.text.size() >= 4) reply.text.erase(0, 4);
  return reply;
}

std::string Quote(std::string_view text, size_t limit) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text.substr(0, limit)) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      out += "\\r";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 32 || byte > 126) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
  if (text.size() > limit) out += "... (" + std::to_string(text.size()) + " bytes)";
  return out;
}

}  // namespace nuthatch::oracle
