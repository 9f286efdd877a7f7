// The names and numbers by which this server presents itself.
#pragma once

#include <string_view>

namespace nuthatch::base {

inline constexpr std::string_view kVersion = "0.1.0";
// What the server is compatible with: INFO's redis_version, COMMAND, RDB and the rest follow it.
inline constexpr std::string_view kRedisVersion = "7.0.15";

}  // namespace nuthatch::base
