#include "server/config/values.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <limits>

namespace nuthatch::config {
namespace {

bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool EndsWord(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char Unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Reads the rest of a quoted run, whose opening quote stands before line[i], into `word`; returns
// the position behind the closing quote, or nullopt.
std::optional<size_t> ReadQuoted(std::string_view line, size_t i, char quote, std::string& word) {
  for (; i < line.size(); ++i) {
    char c = line[i];
    if (c == quote) {
      size_t next = i + 1;
      if (next < line.size() && !IsSpace(line[next])) return std::nullopt;
      return next;
    }
    if (c == '\\' && quote == '"' && i + 3 < line.size() && line[i + 1] == 'x' &&
        HexDigit(line[i + 2]) >= 0 && HexDigit(line[i + 3]) >= 0) {
      word += static_cast<char>(HexDigit(line[i + 2]) * 16 + HexDigit(line[i + 3]));
      i += 3;
    } else if (c == '\\' && quote == '"' && i + 1 < line.size()) {
      word += Unescape(line[++i]);
    } else if (c == '\\' && quote == '\'' && i + 1 < line.size() && line[i + 1] == '\'') {
      word += line[++i];
    } else {
      word += c;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string>> SplitWords(std::string_view line) {
  line = line.substr(0, line.find('\0'));
  std::vector<std::string> words;
  size_t i = 0;
  while (true) {
    while (i < line.size() && IsSpace(line[i])) ++i;
    if (i == line.size()) return words;
    std::string word;
    while (i < line.size() && !EndsWord(line[i])) {
      char c = line[i++];
      if (c != '"' && c != '\'') {
        word += c;
        continue;
      }
      std::optional<size_t> next = ReadQuoted(line, i, c, word);
      if (!next) return std::nullopt;
      i = *next;
      break;
    }
    words.push_back(std::move(word));
  }
}

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    switch (c) {
      case '\\':
      case '"':
        quoted += '\\';
        quoted += c;
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\a':
        quoted += "\\a";
        break;
      case '\b':
        quoted += "\\b";
        break;
      default:
        if (c >= 0x20 && c < 0x7f) {
          quoted += c;
        } else {
          char hex[5];
          std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
          quoted += hex;
        }
    }
  }
  return quoted + '"';
}

bool NeedsQuotes(std::string_view text) {
  return text.empty() || text.front() == '#' || std::any_of(text.begin(), text.end(), [](char c) {
           return c <= 0x20 || c >= 0x7f || c == '"' || c == '\'' || c == '\\';
         });
}

std::vector<std::string> SplitAtSpaces(std::string_view text) {
  std::vector<std::string> pieces;
  if (text.empty()) return pieces;
  size_t start = 0;
  for (size_t space = text.find(' '); space != std::string_view::npos;
       space = text.find(' ', start)) {
    pieces.emplace_back(text.substr(start, space - start));
    start = space + 1;
  }
  pieces.emplace_back(text.substr(start));
  return pieces;
}

std::string JoinWithSpaces(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) {
    if (&word != &words.front()) joined += ' ';
    joined += word;
  }
  return joined;
}

std::optional<uint64_t> ParseMemory(std::string_view text) {
  constexpr uint64_t kLargest = std::numeric_limits<uint64_t>::max();
  size_t i = 0;
  uint64_t value = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
    auto digit = static_cast<uint64_t>(text[i] - '0');
    value = value > (kLargest - digit) / 10 ? kLargest : value * 10 + digit;
  }
  std::string unit = ToLower(text.substr(i));
  uint64_t factor = 0;
  if (unit.empty() || unit == "b") factor = 1;
  if (unit == "k") factor = 1000;
  if (unit == "kb") factor = 1024;
  if (unit == "m") factor = 1000UL * 1000;
  if (unit == "mb") factor = 1024UL * 1024;
  if (unit == "g") factor = 1000UL * 1000 * 1000;
  if (unit == "gb") factor = 1024UL * 1024 * 1024;
  uint64_t product = 0;
  if (factor == 0 || __builtin_mul_overflow(value, factor, &product)) return std::nullopt;
  return product;
}

std::string FormatMemory(uint64_t bytes) {
  constexpr uint64_t kKilobyte = 1024;
  constexpr const char* kUnits[] = {"", "kb", "mb", "gb"};
  size_t unit = 0;
  while (bytes > 0 && unit + 1 < std::size(kUnits) && bytes % kKilobyte == 0) {
    bytes /= kKilobyte;
    ++unit;
  }
  return std::to_string(bytes) + kUnits[unit];
}

std::optional<int64_t> ParseStrtoll(const std::string& text, int base) {
  char* end = nullptr;
  errno = 0;
  long long value = std::strtoll(text.c_str(), &end, base);
  if (errno != 0 || end != text.c_str() + text.size()) return std::nullopt;
  return value;
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool EqualIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ToLower(a) == ToLower(b);
}

std::string_view TrimSpaces(std::string_view text, std::string_view spaces) {
  size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

}  // namespace nuthatch::config
