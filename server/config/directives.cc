#include "server/config/directives.h"

#include <algorithm>
#include <climits>
#include <map>

#include <unistd.h>

#include "server/base/check.h"
#include "server/base/numbers.h"
#include "server/config/special.h"
#include "server/config/values.h"

namespace nuthatch::config {
namespace {

using base::Error;
using Outcome = base::Result<Value>;

std::string LimitsText(const std::string& minimum, const std::string& maximum) {
  return "argument must be between " + minimum + " and " + maximum + " inclusive";
}

Outcome ParseBool(std::string_view text) {
  if (EqualIgnoreCase(text, "yes")) return Value{1, "yes"};
  if (EqualIgnoreCase(text, "no")) return Value{0, "no"};
  return Error("argument must be 'yes' or 'no'");
}

std::string EnumText(const Directive& row, int64_t number) {
  std::string text;
  for (const EnumName& name : row.names()) {
    if (row.Has(kMultiArg)) {
      if (name.value == 0 || (number & name.value) != name.value) continue;
      if (!text.empty()) text += ' ';
      text += name.name;
    } else if (name.value == number) {
      return std::string(name.name);
    }
  }
  if (!text.empty()) return text;
  return std::string(row.names().front().name);
}

Outcome ParseEnum(const Directive& row, Arguments arguments) {
  int64_t number = 0;
  bool known = !arguments.empty();
  for (const std::string& argument : arguments) {
    bool found = false;
    for (const EnumName& name : row.names()) {
      if (!EqualIgnoreCase(argument, name.name)) continue;
      number |= name.value;
      found = true;
      break;
    }
    known = known && found;
  }
  if (!known) {
    std::string text = "argument(s) must be one of the following: ";
    for (const EnumName& name : row.names()) {
      if (&name != &row.names().front()) text += ", ";
      text += name.name;
    }
    return Error(text);
  }
  if (row.Has(kMultiArg) && (number & kShutdownSave) != 0 && (number & kShutdownNosave) != 0) {
    return Error("shutdown options SAVE and NOSAVE can't be used simultaneously");
  }
  return Value{number, EnumText(row, number)};
}

Outcome ParseInteger(const Directive& row, std::string_view text) {
  std::optional<int64_t> number = base::ParseInt64(text);
  if (!number) return Error("argument couldn't be parsed into an integer");
  if (*number < row.minimum || (*number > 0 && static_cast<uint64_t>(*number) > row.maximum)) {
    return Error(LimitsText(std::to_string(row.minimum), std::to_string(row.maximum)));
  }
  return Value{*number, base::FormatInt64(*number)};
}

Outcome ParseMemoryValue(const Directive& row, std::string_view text) {
  std::optional<uint64_t> bytes = ParseMemory(text);
  if (!bytes) return Error("argument must be a memory value");
  if (*bytes < static_cast<uint64_t>(row.minimum) || *bytes > row.maximum) {
    return Error(LimitsText(std::to_string(row.minimum), std::to_string(row.maximum)));
  }
  return Value{static_cast<int64_t>(*bytes), std::to_string(*bytes)};
}

Outcome ParsePercentOrMemory(std::string_view text) {
  constexpr int64_t kWhole = 100;
  std::optional<int64_t> number;
  if (!text.empty() && text.back() == '%') {
    number = base::ParseInt64(text.substr(0, text.size() - 1));
    if (number && *number < 0) number = std::nullopt;
    if (number) number = -*number;
  } else if (std::optional<uint64_t> bytes = ParseMemory(text)) {
    // More than 63 bits wrap around into a percentage, in Redis too.
    number = static_cast<int64_t>(*bytes);
  }
  if (!number) return Error("argument must be a memory or percent value");
  if (*number < -kWhole) return Error("percentage argument must be less or equal to 100");
  return Value{*number, *number < 0 ? std::to_string(-*number) + '%' : std::to_string(*number)};
}

std::string Octal(uint64_t number) {
  char text[32];
  int length = std::snprintf(text, sizeof text, "%lo", number);
  return {text, static_cast<size_t>(length)};
}

Outcome ParseOctal(const Directive& row, const std::string& text) {
  std::optional<int64_t> number = ParseStrtoll(text, 8);
  if (!number) return Error("argument couldn't be parsed as an octal number");
  if (*number < row.minimum || static_cast<uint64_t>(*number) > row.maximum) {
    return Error(LimitsText(Octal(static_cast<uint64_t>(row.minimum)), Octal(row.maximum)));
  }
  return Value{*number, Octal(static_cast<uint64_t>(*number))};
}

Outcome ParseString(const Config& config, const Directive& row, const std::string& text) {
  if (row.validate != nullptr) {
    std::string_view wrong = row.validate(config, text);
    if (!wrong.empty()) return Error(std::string(wrong));
  }
  return Value{0, text};
}

Outcome Parse(const Config& config, const Directive& row, Arguments arguments) {
  if (row.type == Type::kEnum) return ParseEnum(row, arguments);
  const std::string& text = arguments[0];
  switch (row.type) {
    case Type::kBool:
      return ParseBool(text);
    case Type::kInteger:
      return ParseInteger(row, text);
    case Type::kMemory:
      return ParseMemoryValue(row, text);
    case Type::kPercentOrMemory:
      return ParsePercentOrMemory(text);
    case Type::kOctal:
      return ParseOctal(row, text);
    case Type::kString:
      return ParseString(config, row, text);
    case Type::kEnum:
    case Type::kSpecial:
      break;
  }
  CHECK(false);
}

// Redis keeps most values as C strings: what stands behind a zero byte is never looked at. Numbers
// are read by their length, and so is a percentage by its last byte.
bool EndsAtZeroByte(const Directive& row, std::string_view text) {
  if (row.Has(kBinary) || row.type == Type::kInteger) return false;
  return row.type != Type::kPercentOrMemory || text.empty() || text.back() != '%';
}

std::vector<Directive> CollectDirectives() {
  std::vector<Directive> rows;
  for (std::span<const Directive> part :
       {NetworkDirectives(), ProcessDirectives(), KeyspaceDirectives(), SnapshotDirectives(),
        ReplicationDirectives(), ClusterDirectives(), TlsDirectives()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

std::map<std::string_view, size_t> CollectNames() {
  std::map<std::string_view, size_t> names;
  const std::vector<Directive>& rows = Directives();
  for (size_t i = 0; i < rows.size(); ++i) {
    CHECK(names.emplace(rows[i].name, i).second);
    if (!rows[i].alias.empty()) CHECK(names.emplace(rows[i].alias, i).second);
  }
  return names;
}

}  // namespace

const std::vector<Directive>& Directives() {
  static const std::vector<Directive>* rows = new std::vector<Directive>(CollectDirectives());
  return *rows;
}

std::optional<size_t> FindDirective(std::string_view name) {
  static const auto* names = new std::map<std::string_view, size_t>(CollectNames());
  auto found = names->find(ToLower(name));
  if (found == names->end()) return std::nullopt;
  return found->second;
}

std::string RefusalText(const Directive& row) {
  CHECK(row.Refused());
  std::string what = row.effect == Effect::kRefusedAccess ? "access" : "data";
  return "Nuthatch does not support this setting of '" + std::string(row.name) +
         "' yet, and it protects " + what + ": it is refused rather than ignored";
}

base::Result<void> ConfigWriter::Apply(size_t index, Arguments arguments, Context context) {
  const Directive& row = Directives()[index];
  if (!row.Has(kMultiArg) && arguments.size() != 1) return Error("wrong number of arguments");
  std::vector<std::string> cut(arguments.begin(), arguments.end());
  for (std::string& text : cut) {
    if (EndsAtZeroByte(row, text)) text.resize(std::min(text.find('\0'), text.size()));
  }
  arguments = cut;
  if (row.type == Type::kSpecial) {
    base::Result<std::string> text = row.special(config_, arguments, context);
    if (!text.ok()) return Error(text.error());
    config_.texts_[index] = std::move(text.value());
    return {};
  }
  Outcome value = Parse(config_, row, arguments);
  if (!value.ok()) return Error(value.error());
  if (row.store != nullptr) row.store(config_, value.value());
  config_.texts_[index] = std::move(value.value().text);
  return {};
}

void ConfigWriter::ApplyDefaults() {
  const std::vector<Directive>& rows = Directives();
  config_.texts_.assign(rows.size(), "");
  char directory[PATH_MAX];
  if (::getcwd(directory, sizeof directory) != nullptr) config_.dir = directory;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<std::string> arguments{std::string(rows[i].initial)};
    if (rows[i].name == "dir") {
      config_.texts_[i] = config_.dir;
      continue;
    }
    if (rows[i].Has(kMultiArg)) arguments = SplitAtSpaces(rows[i].initial);
    base::Result<void> applied = Apply(i, arguments, Context{});
    CHECK(applied.ok());
  }
}

}  // namespace nuthatch::config
