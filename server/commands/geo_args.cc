#include "server/commands/geo_args.h"

#include <charconv>
#include <limits>

#include "server/base/numbers.h"
#include "server/commands/args.h"
#include "server/commands/errors.h"

namespace nuthatch::commands {
namespace {

using runtime::CommandContext;

// The text of a number with so many digits behind the point.
class FixedText {
 public:
  FixedText(double value, int digits)
      : size_(static_cast<size_t>(
            std::to_chars(text_, text_ + sizeof text_, value, std::chars_format::fixed, digits)
                .ptr -
            text_)) {}
  std::string_view view() const { return {text_, size_}; }

 private:
  // Sign, all digits before the point, point, digits behind it.
  static constexpr size_t kMostBehind = 6;
  char text_[std::numeric_limits<double>::max_exponent10 + 3 + kMostBehind];
  size_t size_;
};

std::optional<double> NumberOrReply(CommandContext& context, std::string_view text,
                                    std::string_view error) {
  std::optional<double> number = base::ParseDouble(text);
  if (!number.has_value()) context.reply().Error(error);
  return number;
}

}  // namespace

std::optional<values::GeoPoint> GeoPointOrReply(CommandContext& context, std::string_view longitude,
                                                std::string_view latitude) {
  std::optional<double> x = NumberOrReply(context, longitude, errors::kNotAFloat);
  if (!x.has_value()) return std::nullopt;
  std::optional<double> y = NumberOrReply(context, latitude, errors::kNotAFloat);
  if (!y.has_value()) return std::nullopt;
  const values::GeoPoint point{*x, *y};
  if (values::IsGeoPoint(point)) return point;
  constexpr int kDigits = 6;
  context.reply().Error(
      errors::GeoOutOfRange(FixedText(*x, kDigits).view(), FixedText(*y, kDigits).view()));
  return std::nullopt;
}

std::optional<double> GeoUnitOrReply(CommandContext& context, std::string_view unit) {
  if (IsWord(unit, "m")) return 1;
  if (IsWord(unit, "km")) return 1000;
  if (IsWord(unit, "ft")) return 0.3048;
  if (IsWord(unit, "mi")) return 1609.34;
  context.reply().Error(errors::kGeoUnit);
  return std::nullopt;
}

std::optional<GeoRadius> GeoRadiusOrReply(CommandContext& context, std::string_view radius,
                                          std::string_view unit) {
  std::optional<double> length = NumberOrReply(context, radius, errors::kGeoRadius);
  if (!length.has_value()) return std::nullopt;
  if (*length < 0) {
    context.reply().Error(errors::kGeoNegativeRadius);
    return std::nullopt;
  }
  std::optional<double> unit_m = GeoUnitOrReply(context, unit);
  if (!unit_m.has_value()) return std::nullopt;
  return GeoRadius{*length, *unit_m};
}

std::optional<GeoBox> GeoBoxOrReply(CommandContext& context, std::string_view width,
                                    std::string_view height, std::string_view unit) {
  std::optional<double> across = NumberOrReply(context, width, errors::kGeoWidth);
  if (!across.has_value()) return std::nullopt;
  std::optional<double> up = NumberOrReply(context, height, errors::kGeoHeight);
  if (!up.has_value()) return std::nullopt;
  if (*across < 0 || *up < 0) {
    context.reply().Error(errors::kGeoNegativeBox);
    return std::nullopt;
  }
  std::optional<double> unit_m = GeoUnitOrReply(context, unit);
  if (!unit_m.has_value()) return std::nullopt;
  return GeoBox{*across, *up, *unit_m};
}

void ReplyDistance(CommandContext& context, double distance) {
  constexpr int kDigits = 4;
  context.reply().Bulk(FixedText(distance, kDigits).view());
}

void ReplyPoint(CommandContext& context, values::GeoPoint point) {
  context.reply().Array(2);
  context.reply().HumanLongDouble(point.longitude);
  context.reply().HumanLongDouble(point.latitude);
}

}  // namespace nuthatch::commands
