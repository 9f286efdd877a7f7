// One pass with a reading and a writing cursor. The rules are those of Redis:
// - any of the six C spaces may stand between words, but a word outside of quotes ends only at a
//   space, tab, CR or LF (a vertical tab or form feed is a part of it);
// - quotes may open inside of a word, but the word ends with the closing quote;
// - in double quotes \n \r \t \b \a and \xHH stand for a byte, any other \c for c itself;
// - in single quotes only \' is an escape.
#include "server/resp/inline_command.h"

namespace nuthatch::resp {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool EndsPlainWord(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

int HexValue(char c) {
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

struct Cursor {
  char* in;
  char* out;
  char* end;
};

// Each copies what stands behind an opening quote; false when the quotes are not closed properly.
bool CopyDoubleQuoted(Cursor* c) {
  while (c->in < c->end && *c->in != '"') {
    size_t left = static_cast<size_t>(c->end - c->in);
    if (*c->in != '\\' || left < 2) {
      *c->out++ = *c->in++;
    } else if (c->in[1] == 'x' && left >= 4 && HexValue(c->in[2]) >= 0 && HexValue(c->in[3]) >= 0) {
      *c->out++ = static_cast<char>(HexValue(c->in[2]) * 16 + HexValue(c->in[3]));
      c->in += 4;
    } else {
      *c->out++ = Unescape(c->in[1]);
      c->in += 2;
    }
  }
  return c->in < c->end;
}

bool CopySingleQuoted(Cursor* c) {
  while (c->in < c->end && *c->in != '\'') {
    if (*c->in == '\\' && c->end - c->in >= 2 && c->in[1] == '\'') ++c->in;
    *c->out++ = *c->in++;
  }
  return c->in < c->end;
}

// Copies one word; its first byte is no space. Leaves `in` behind the word.
bool CopyWord(Cursor* c) {
  while (c->in < c->end && !EndsPlainWord(*c->in)) {
    char first = *c->in++;
    if (first != '"' && first != '\'') {
      *c->out++ = first;
      continue;
    }
    if (!(first == '"' ? CopyDoubleQuoted(c) : CopySingleQuoted(c))) return false;
    ++c->in;  // the closing quote
    return c->in == c->end || IsSpace(*c->in);
  }
  return true;
}

}  // namespace

bool SplitInlineCommand(char* line, size_t length, std::vector<std::string_view>* args) {
  size_t before = args->size();
  Cursor cursor{line, line, line + length};
  while (true) {
    while (cursor.in < cursor.end && IsSpace(*cursor.in)) ++cursor.in;
    if (cursor.in == cursor.end) return true;
    char* word = cursor.out = cursor.in;
    if (!CopyWord(&cursor)) {
      args->resize(before);
      return false;
    }
    args->emplace_back(word, static_cast<size_t>(cursor.out - word));
  }
}

}  // namespace nuthatch::resp
