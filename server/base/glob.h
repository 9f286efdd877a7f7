// Redis's glob patterns, as KEYS, SCAN MATCH, PSUBSCRIBE and CONFIG GET use them.
//
// `*` any run of bytes, `?` one byte, `[a-z]` and `[^a-z]` classes (ranges may be backwards, a
// class that is never closed ends with the pattern), `\x` the byte x itself. Bytes compare as
// signed characters, as in Redis. Against an empty text only an empty pattern matches, not even
// "*": where Redis takes "*" alone as "everything" (KEYS, SCAN), its caller must do so. Any thread;
// no allocation. Costs at most |pattern| * |text| steps.
#pragma once

#include <string_view>

namespace nuthatch::base {

bool GlobMatch(std::string_view pattern, std::string_view text, bool ignore_case = false);

// Whether `text` holds a character that makes it a pattern for CONFIG GET and `include`.
inline bool HasGlobCharacter(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

}  // namespace nuthatch::base
