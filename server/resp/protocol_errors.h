// What a client is told before its connection is closed for breaking the protocol: the text behind
// "-ERR ". Each stands here once, to the byte as Redis 7.0 says it.
#pragma once

#include <string_view>

namespace nuthatch::resp {

inline constexpr std::string_view kTooBigInlineRequest = "Protocol error: too big inline request";
inline constexpr std::string_view kUnbalancedQuotes =
    "Protocol error: unbalanced quotes in request";
inline constexpr std::string_view kTooBigMultibulkCount =
    "Protocol error: too big mbulk count string";
inline constexpr std::string_view kInvalidMultibulkLength =
    "Protocol error: invalid multibulk length";
inline constexpr std::string_view kUnauthenticatedMultibulkLength =
    "Protocol error: unauthenticated multibulk length";
inline constexpr std::string_view kTooBigBulkCount = "Protocol error: too big bulk count string";
inline constexpr std::string_view kInvalidBulkLength = "Protocol error: invalid bulk length";
inline constexpr std::string_view kUnauthenticatedBulkLength =
    "Protocol error: unauthenticated bulk length";
// Followed by the byte that stood there (a line end as a space) and a closing quote.
inline constexpr std::string_view kExpectedDollarGot = "Protocol error: expected '$', got '";

}  // namespace nuthatch::resp
