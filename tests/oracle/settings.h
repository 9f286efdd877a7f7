// Configuration directives that may change during a run without harm, with values worth trying.
// The runner puts them back between the parts of a run.
#pragma once

#include <span>
#include <string_view>

namespace nuthatch::oracle {

class Maker;

struct Setting {
  std::string_view name;
  std::span<const std::string_view> values;
  std::string_view initial;  // what both servers start with
};

std::span<const Setting> AllSettings();
const Setting& AnySetting(Maker& maker);

}  // namespace nuthatch::oracle
