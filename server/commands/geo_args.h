// How geo commands read places, lengths and units from their arguments, and how they print a
// distance.
//
// Any thread that runs a command. Functions named ...OrReply write the error where they return
// nothing.
#pragma once

#include <optional>
#include <string_view>

#include "server/runtime/context.h"
#include "server/values/geohash.h"

namespace nuthatch::commands {

// A place on the map.
std::optional<values::GeoPoint> GeoPointOrReply(runtime::CommandContext& context,
                                                std::string_view longitude,
                                                std::string_view latitude);

// How many meters a unit has.
std::optional<double> GeoUnitOrReply(runtime::CommandContext& context, std::string_view unit);

// Lengths are in units of `unit_m` meters.
struct GeoRadius {
  double radius;
  double unit_m;
};
std::optional<GeoRadius> GeoRadiusOrReply(runtime::CommandContext& context, std::string_view radius,
                                          std::string_view unit);
struct GeoBox {
  double width;
  double height;
  double unit_m;
};
std::optional<GeoBox> GeoBoxOrReply(runtime::CommandContext& context, std::string_view width,
                                    std::string_view height, std::string_view unit);

// With four digits behind the point.
void ReplyDistance(runtime::CommandContext& context, double distance);

// Longitude and latitude.
void ReplyPoint(runtime::CommandContext& context, values::GeoPoint point);

}  // namespace nuthatch::commands
