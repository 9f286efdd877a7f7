// A request parser as plain as it can be, written from what Redis 7.0 was seen to answer: the whole
// input at once, copies, no state. The real one is tested against it.
#pragma once

#include <cctype>
#include <climits>
#include <cstdint>
#include <string>
#include <vector>

#include "server/resp/parser.h"

namespace nuthatch::resp {

// What a parser made of an input, up to the first error or incomplete command.
struct ParseOutcome {
  std::vector<std::vector<std::string>> commands;
  size_t consumed = 0;
  std::string error;

  bool operator==(const ParseOutcome&) const = default;
};

class ReferenceParser {
 public:
  ReferenceParser(std::string input, const RequestParser::Limits& limits)
      : input_(std::move(input)), limits_(limits) {}

  ParseOutcome Run() {
    ParseOutcome outcome;
    std::vector<std::string> args;
    while (outcome.error.empty() && at_ < input_.size() && One(&args, &outcome.error)) {
      outcome.commands.push_back(args);
      outcome.consumed = at_;
    }
    return outcome;
  }

 private:
  // True when a whole command was taken; otherwise it is incomplete or *error says why not.
  bool One(std::vector<std::string>* args, std::string* error) {
    args->clear();
    if (input_[at_] != '*') return Inline(args, error);
    std::string line;
    if (!TakeLine('\r', "too big mbulk count string", &line, error)) return false;
    int64_t count = 0;
    if (!Number(line.substr(1), &count) || count > INT_MAX) {
      return Fail("invalid multibulk length", error);
    }
    if (count > 10 && !limits_.authenticated) {
      return Fail("unauthenticated multibulk length", error);
    }
    for (; count > 0; --count) {
      if (!TakeLine('\r', "too big bulk count string", &line, error)) return false;
      if (line.empty() || line[0] != '$') {
        char got = line.empty() || line[0] == '\n' ? ' ' : line[0];
        return Fail(std::string("expected '$', got '") + got + "'", error);
      }
      int64_t length = 0;
      if (!Number(line.substr(1), &length) || length < 0 || length > limits_.max_bulk_bytes) {
        return Fail("invalid bulk length", error);
      }
      if (length > 16384 && !limits_.authenticated) {
        return Fail("unauthenticated bulk length", error);
      }
      uint64_t bytes = static_cast<uint64_t>(length);
      if (input_.size() - at_ < bytes + 2) return false;
      args->push_back(input_.substr(at_, bytes));
      at_ += bytes + 2;
    }
    return true;
  }

  bool Inline(std::vector<std::string>* args, std::string* error) {
    std::string line;
    if (!TakeLine('\n', "too big inline request", &line, error)) return false;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    size_t i = 0;
    while (true) {
      while (i < line.size() && isspace(static_cast<unsigned char>(line[i]))) ++i;
      if (i == line.size()) return true;
      std::string word;
      if (!Word(line, &i, &word)) return Fail("unbalanced quotes in request", error);
      args->push_back(word);
    }
  }

  static bool Word(const std::string& line, size_t* i, std::string* word) {
    char quote = 0;
    for (; *i < line.size(); ++*i) {
      char c = line[*i];
      std::string rest = line.substr(*i + 1, 3);
      if (quote == 0) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return true;
        if (c == '"' || c == '\'') {
          quote = c;
        } else {
          *word += c;
        }
      } else if (c == quote) {
        ++*i;
        return rest.empty() || isspace(static_cast<unsigned char>(rest[0]));
      } else if (quote == '"' && c == '\\' && rest.size() == 3 && rest[0] == 'x' &&
                 isxdigit(static_cast<unsigned char>(rest[1])) &&
                 isxdigit(static_cast<unsigned char>(rest[2]))) {
        *word += static_cast<char>(std::stoi(rest.substr(1), nullptr, 16));
        *i += 3;
      } else if (quote == '"' && c == '\\' && !rest.empty()) {
        const std::string from = "nrtba";
        const std::string to = "\n\r\t\b\a";
        size_t known = from.find(rest[0]);
        *word += known == std::string::npos ? rest[0] : to[known];
        *i += 1;
      } else if (quote == '\'' && c == '\\' && !rest.empty() && rest[0] == '\'') {
        *word += '\'';
        *i += 1;
      } else {
        *word += c;
      }
    }
    return quote == 0;
  }

  // The bytes up to `terminator`, which is taken too (with one more byte behind a CR).
  bool TakeLine(char terminator, const char* too_long, std::string* line, std::string* error) {
    size_t end = at_;
    while (end < input_.size() && input_[end] != terminator && input_[end] != '\0') ++end;
    bool found = end < input_.size() && input_[end] == terminator;
    if (found ? end - at_ > limits_.max_line_bytes : input_.size() - at_ > limits_.max_line_bytes) {
      return Fail(too_long, error);
    }
    size_t behind = end + (terminator == '\r' ? 2 : 1);
    if (!found || behind > input_.size()) return false;
    *line = input_.substr(at_, end - at_);
    at_ = behind;
    return true;
  }

  // The number whose printed form is `text`.
  static bool Number(const std::string& text, int64_t* number) {
    if (text.empty() || text.size() > 20) return false;
    char* end = nullptr;
    *number = strtoll(text.c_str(), &end, 10);
    return std::to_string(*number) == text;
  }

  static bool Fail(const std::string& text, std::string* error) {
    *error = "Protocol error: " + text;
    return false;
  }

  std::string input_;
  RequestParser::Limits limits_;
  size_t at_ = 0;
};

}  // namespace nuthatch::resp
