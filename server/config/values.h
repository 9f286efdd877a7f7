// Text of configuration files to values and back: words and quotes, numbers, memory sizes.
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nuthatch::config {

// The words of a line, as Redis splits it: separated by space; "..." with the escapes \n \r \t \b
// \a \xHH and \<byte>; '...' with \' only. A closing quote must end its word. nullopt: unbalanced
// quotes. A zero byte ends the line.
std::optional<std::vector<std::string>> SplitWords(std::string_view line);

// `text` in double quotes, so that SplitWords() gives it back.
std::string Quote(std::string_view text);

// Whether a value must be quoted to be one word of a file.
bool NeedsQuotes(std::string_view text);

// The pieces of `text` between single spaces; of nothing, none. As CONFIG SET splits several
// values.
std::vector<std::string> SplitAtSpaces(std::string_view text);

std::string JoinWithSpaces(const std::vector<std::string>& words);

// Bytes with a unit (b, k, kb, m, mb, g, gb; any case). Like Redis: no digits mean 0, too many the
// largest number; unlike Redis a product beyond 64 bits is refused.
std::optional<uint64_t> ParseMemory(std::string_view text);

// Bytes in the largest unit (gb, mb, kb) that leaves no rest: "100mb".
std::string FormatMemory(uint64_t bytes);

// As strtoll() with this base, but of the whole text and without overflow.
std::optional<int64_t> ParseStrtoll(const std::string& text, int base);

std::string ToLower(std::string_view text);
bool EqualIgnoreCase(std::string_view a, std::string_view b);
std::string_view TrimSpaces(std::string_view text, std::string_view spaces = " \t\r\n");

}  // namespace nuthatch::config
