// Inline commands: a line of words, as a person types it into telnet, with the quotes and escapes
// of a config file. No state; any thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace nuthatch::resp {

// Splits the line [line, line + length), without its line end and without NUL bytes, into words.
// They are unescaped in place (a word never grows) and appended to *args as views into the line.
// Returns false when quotes are not closed, or a closing quote is followed by something other than
// space; *args is then as before, the line's bytes are unspecified.
[[nodiscard]] bool SplitInlineCommand(char* line, size_t length,
                                      std::vector<std::string_view>* args);

}  // namespace nuthatch::resp
