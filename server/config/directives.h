// The table of directives: one row each. CONFIG GET, SET and REWRITE and the file parser derive
// from it.
//
// The table is constant after start; any thread may read it. A row's position in Directives() is
// its index in Config::Text(). To add a directive: a field in config.h where code reads it, a row
// in one of the table_*.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "server/base/result.h"
#include "server/config/config.h"

namespace nuthatch::config {

enum class Type : uint8_t {
  kBool,             // yes, no
  kEnum,             // one of names(); with kMultiArg a set of bits
  kInteger,          // a decimal integer within limits
  kMemory,           // bytes, with units
  kPercentOrMemory,  // "5%" or bytes; a percentage is kept negative
  kOctal,
  kString,   // any text, checked by validate()
  kSpecial,  // special() does it all
};

enum Flag : uint32_t {
  kImmutable = 1U << 0,     // not by CONFIG SET
  kHidden = 1U << 1,        // CONFIG GET shows it by its full name only
  kProtected = 1U << 2,     // CONFIG SET needs enable-protected-configs
  kSensitive = 1U << 3,     // its value stays out of the slow log and MONITOR
  kMultiArg = 1U << 4,      // takes several values
  kDenyLoading = 1U << 5,   // not while a snapshot is being loaded
  kNotRewritten = 1U << 6,  // CONFIG REWRITE never writes it
  kWritesEmpty = 1U << 7,   // CONFIG REWRITE writes it when it is empty, too
  kBinary = 1U << 8,        // does not end at a zero byte (integers never do)
  kOwnValue = 1U << 9,      // kImmutable, but setting it to what it is succeeds
};

// What this server makes of a directive today.
enum class Effect : uint8_t {
  kWorks,
  kRemembered,     // accepted and shown; changes nothing
  kRefusedAccess,  // protects access and does not work yet: only the default is accepted
  kRefusedData,    // protects data, likewise
};

struct EnumName {
  std::string_view name;
  int value = 0;
};

// Where a value comes from; the defaults of the table count as the file.
enum class Origin : uint8_t { kFile, kSet };
struct Context {
  Origin origin = Origin::kFile;
  bool first = true;  // the first line of this load that sets the directive
};

// One line of a rewritten file. One that is not `needed` only replaces a line of the directive that
// is there; it is not added.
struct RewrittenLine {
  std::string text;
  bool needed = false;
};

using Arguments = std::span<const std::string>;

struct Value {
  int64_t number = 0;  // bits of a uint64_t where the field is one
  std::string text;    // in the form of CONFIG GET
};

struct Directive {
  std::string_view name;
  std::string_view alias = {};  // the older name, also accepted
  Type type = Type::kBool;
  std::string_view initial = {};  // the default as in a file; several values with kMultiArg
  int64_t minimum = 0;
  uint64_t maximum = 0;
  uint32_t flags = 0;
  Effect effect = Effect::kRemembered;
  std::span<const EnumName> (*names)() = nullptr;
  // Says what is wrong with `text`, or nothing.
  std::string_view (*validate)(const Config& config, std::string_view text) = nullptr;
  void (*store)(Config& config, const Value& value) = nullptr;
  // Reads `arguments` into the fields of `config`; returns the text of CONFIG GET.
  base::Result<std::string> (*special)(Config& config, Arguments arguments,
                                       Context context) = nullptr;
  // The lines of CONFIG REWRITE, where they are not just the name and the value.
  std::vector<RewrittenLine> (*rewrite)(const Config& config, bool changed) = nullptr;

  bool Has(Flag flag) const { return (flags & flag) != 0; }
  bool Refused() const {
    return effect == Effect::kRefusedAccess || effect == Effect::kRefusedData;
  }
};

// Puts a value into a field; made for each row by its field.
template <auto Field>
void Store(Config& config, const Value& value) {
  using T = std::remove_reference_t<decltype(config.*Field)>;
  if constexpr (std::is_same_v<T, std::string>) {
    config.*Field = value.text;
  } else if constexpr (std::is_same_v<T, bool>) {
    config.*Field = value.number != 0;
  } else {
    config.*Field = static_cast<T>(value.number);
  }
}

// All rows. Never changes once it was called first.
const std::vector<Directive>& Directives();

// The row with this name or alias, in any case.
std::optional<size_t> FindDirective(std::string_view name);

// Lets eviction/ own the names of maxmemory-policy. REQUIRES: called at start, before the first
// Config; `names` lives for ever and begins with Redis's eight.
void SetMaxmemoryPolicies(std::span<const EnumName> names);
std::span<const EnumName> MaxmemoryPolicies();

// Why a value other than the default is refused for directive `row`. REQUIRES: row.Refused().
std::string RefusalText(const Directive& row);

// The only writer of a Config's values.
class ConfigWriter {
 public:
  explicit ConfigWriter(Config& config) : config_(config) {}

  // Gives directive `index` the value `arguments`. Fails with Redis's text; `config` may then hold
  // part of the change and must be thrown away. Does not look at flags but kMultiArg, nor at
  // Effect.
  base::Result<void> Apply(size_t index, Arguments arguments, Context context);

  // REQUIRES: `config` is new.
  void ApplyDefaults();

 private:
  Config& config_;
};

}  // namespace nuthatch::config
