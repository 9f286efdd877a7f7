// Whole replies that never change, for ReplyWriter::Raw(). They are the same in RESP2 and RESP3.
#pragma once

#include <string_view>

namespace nuthatch::resp {

inline constexpr std::string_view kOkReply = "+OK\r\n";
inline constexpr std::string_view kPongReply = "+PONG\r\n";
inline constexpr std::string_view kQueuedReply = "+QUEUED\r\n";
inline constexpr std::string_view kZeroReply = ":0\r\n";
inline constexpr std::string_view kOneReply = ":1\r\n";
inline constexpr std::string_view kMinusOneReply = ":-1\r\n";
inline constexpr std::string_view kMinusTwoReply = ":-2\r\n";
inline constexpr std::string_view kEmptyBulkReply = "$0\r\n\r\n";
inline constexpr std::string_view kEmptyArrayReply = "*0\r\n";

}  // namespace nuthatch::resp
