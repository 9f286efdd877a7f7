#include "tests/oracle/maker.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "tests/oracle/payload.h"

namespace nuthatch::oracle {
namespace {

using namespace std::string_view_literals;

constexpr std::array kKeys = {
    "a"sv,
    "b"sv,
    "k0"sv,
    "k1"sv,
    "k2"sv,
    "k3"sv,
    "k4"sv,
    "k5"sv,
    "k6"sv,
    "k7"sv,
    "{tag}1"sv,
    "{tag}2"sv,
    "{tag}3"sv,
    ""sv,
    "12"sv,
    "key with space"sv,
    "{}x"sv,
    "{"sv,
    "K0"sv,
    "\x00\xff\r\n"sv,
    "user:1"sv,
    "user:2"sv,
    "h[e]llo"sv,
    "a-rather-long-key-that-does-not-fit-into-any-small-header-at-all-0123456789-0123456789"sv,
};

constexpr std::array kValues = {
    "0"sv,
    "1"sv,
    "-1"sv,
    "9"sv,
    "10"sv,
    "42"sv,
    "100"sv,
    "9999"sv,
    "10000"sv,
    "-100"sv,
    "2147483647"sv,
    "-2147483648"sv,
    "4294967296"sv,
    "9223372036854775807"sv,
    "-9223372036854775808"sv,
    "9223372036854775806"sv,
    "9223372036854775808"sv,
    "-9223372036854775809"sv,
    "18446744073709551615"sv,
    "99999999999999999999999"sv,
    ""sv,
    " "sv,
    "3.0"sv,
    "3.14"sv,
    "-0.5"sv,
    "1e3"sv,
    "1e400"sv,
    "inf"sv,
    "nan"sv,
    "5.0e3"sv,
    "0.1"sv,
    "007"sv,
    "+5"sv,
    " 5"sv,
    "5 "sv,
    "-0"sv,
    "0x10"sv,
    "abc"sv,
    "hello world"sv,
    "ohmytext"sv,
    "mynewtext"sv,
    "\x00\x01\x02"sv,
    "\r\n"sv,
    "line\r\nbreak"sv,
    "\xc3\xa4\xc3\xb6"sv,
    "\"q\""sv,
    "0123456789012345678901234567890123456789abcd"sv,        // 44: the longest embstr
    "0123456789012345678901234567890123456789abcde"sv,       // 45: raw
    "01234567890123456789"sv,                                // 20 digits: no integer
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"sv,  // DUMP compresses it
};

constexpr std::array kWrongIntegers = {
    ""sv,
    " "sv,
    "abc"sv,
    "1.5"sv,
    "+1"sv,
    "01"sv,
    "-0"sv,
    "1 "sv,
    " 1"sv,
    "1e2"sv,
    "0x1"sv,
    "--1"sv,
    "-"sv,
    "9223372036854775808"sv,
    "-9223372036854775809"sv,
    "99999999999999999999"sv,
    "1\x00"sv,
    "inf"sv,
    "nan"sv,
    "\xff"sv,
    "18446744073709551616"sv,
};

constexpr std::array kEdgeIntegers = {
    "0"sv,
    "1"sv,
    "-1"sv,
    "2"sv,
    "-2"sv,
    "100"sv,
    "1000"sv,
    "2147483647"sv,
    "2147483648"sv,
    "-2147483648"sv,
    "4294967295"sv,
    "4294967296"sv,
    "9223372036854775807"sv,
    "-9223372036854775808"sv,
    "-9223372036854775807"sv,
    "4611686018427387904"sv,
};

constexpr std::array kDoubles = {
    "0"sv,
    "1"sv,
    "-1"sv,
    "0.1"sv,
    "0.2"sv,
    "-0.3"sv,
    "1.5"sv,
    "3.14159265358979"sv,
    "1e10"sv,
    "5.0e3"sv,
    "1e-5"sv,
    "1e17"sv,
    "-1e18"sv,
    "123456789.123456789"sv,
    "1e300"sv,
    "1e400"sv,
    "-1e5000"sv,
    "inf"sv,
    "-inf"sv,
    "+inf"sv,
    "infinity"sv,
    "nan"sv,
    ""sv,
    " 1"sv,
    "1 "sv,
    "+1"sv,
    "0x1p3"sv,
    "0x10"sv,
    ".5"sv,
    "5."sv,
    "1e"sv,
    "1.0.0"sv,
    "abc"sv,
    "-0"sv,
    "00.5"sv,
    "10000000000000000000000"sv,
    "0.00000000000000001"sv,
    "17179869184.25"sv,
    "1\x00"sv,
};

constexpr std::array kPatterns = {
    "*"sv,      "?"sv,      "k*"sv,          "k?"sv,       "k[0-3]"sv, "k[^0-3]"sv,
    "[a-b]"sv,  "*1"sv,     "{tag}*"sv,      ""sv,         "\\*"sv,    "k\\1"sv,
    "user:*"sv, "*e*"sv,    "h\\[e\\]llo"sv, "["sv,        "[a"sv,     "\\"sv,
    "**"sv,     "k[3-0]"sv, "?*"sv,          "*\xff*"sv,   "{tag}1"sv, "[]"sv,
    "[^]"sv,    "k[0-"sv,   "k[\\0]"sv,      "nothing*"sv, "K?"sv,
};

constexpr std::array kJunk = {
    "foo"sv,     "NX"sv,    "XX"sv,    "GET"sv,    "EX"sv,    "PX"sv, "KEEPTTL"sv,
    "REPLACE"sv, "COUNT"sv, "LIMIT"sv, "0"sv,      "-1"sv,    ""sv,   "LEN"sv,
    "IDX"sv,     "DB"sv,    "GT"sv,    "ABSTTL"sv, "MATCH"sv, "*"sv,  "\r\n"sv,
};

template <typename Pool>
std::string From(const Pool& pool, base::Random& random) {
  return std::string(pool[random.Below(pool.size())]);
}

bool NameHas(const Argument& argument, std::string_view part) {
  return argument.name.find(part) != std::string::npos;
}

}  // namespace

std::string Maker::Key() {
  if (Below(400) == 0) return kBigKey;
  if (Chance(3)) return "w" + std::to_string(Below(60));
  // Two draws, the smaller one: the first keys are met more often.
  size_t index = std::min(Below(kKeys.size()), Below(kKeys.size()));
  return std::string(kKeys[index]);
}

std::string Maker::HllKey() {
  size_t number = std::min(Below(8), Below(8));
  return (number % 2 == 0 ? "hll" : "{tag}hll") + std::to_string(number);
}

std::string Maker::ListKey() {
  size_t number = std::min(Below(8), Below(8));
  return (number % 2 == 0 ? "list" : "{tag}list") + std::to_string(number);
}

std::string Maker::HashKey() {
  size_t number = std::min(Below(8), Below(8));
  return (number % 2 == 0 ? "hash" : "{tag}hash") + std::to_string(number);
}

std::string Maker::Value() {
  if (Chance(3)) return LongText();
  if (Chance(2)) return RunsText();
  if (Chance(20)) return std::to_string(static_cast<int64_t>(Below(20000)) - 5000);
  return From(kValues, random_);
}

std::string Maker::ShortText() {
  std::string text(Below(12), 'x');
  for (char& c : text) c = static_cast<char>('a' + Below(6));
  return text;
}

std::string Maker::LongText() {
  std::string text(40 + Below(Chance(10) ? 3000 : 200), 'x');
  bool binary = Chance(30);
  size_t letters = 1 + Below(8);
  for (char& c : text) c = static_cast<char>(binary ? Below(256) : 'a' + Below(letters));
  return text;
}

std::string Maker::RunsText() {
  std::string text;
  for (size_t i = 1 + Below(4); i > 0; --i) {
    text.append(Below(Chance(20) ? 300 : 20), Chance(50) ? '\xff' : '\0');
    if (Chance(30)) text.push_back(static_cast<char>(Below(256)));
  }
  return text;
}

std::string Maker::BigText() {
  std::string text(30'000 + Below(300'000), static_cast<char>('a' + Below(3)));
  for (size_t i = Below(2000); i > 0; --i) text[Below(text.size())] = static_cast<char>(Below(256));
  return text;
}

std::string Maker::Pattern() { return From(kPatterns, random_); }

std::string Maker::SmallInteger() { return std::to_string(static_cast<int>(Below(41)) - 20); }

std::string Maker::Integer() {
  size_t dice = Below(20);
  if (dice < 12) return SmallInteger();
  if (dice < 14) return std::to_string(static_cast<int64_t>(Below(2'000'000)) - 1'000'000);
  if (dice < 18) return From(kEdgeIntegers, random_);
  return WrongInteger();
}

std::string Maker::WrongInteger() { return From(kWrongIntegers, random_); }

std::string Maker::Double() {
  if (Chance(15)) return Integer();
  return From(kDoubles, random_);
}

std::string Maker::Database() {
  size_t dice = Below(24);
  if (dice < 14) return "0";
  if (dice < 20) return std::to_string(1 + Below(2));
  if (dice < 21) return "15";
  return Chance(50) ? WrongInteger() : Pick({"16", "-1", "1000", "2147483648", "4294967296"});
}

std::string Maker::RelativeTime(bool milliseconds) {
  size_t dice = Below(20);
  if (dice < 1) return WrongInteger();
  if (dice < 3) return Pick({"0", "-1", "-100000", "-9223372036854775808"});
  if (dice < 4) return Pick({"9223372036854775807", "9223372036854775", "9223372036854776", "-5"});
  if (dice < 5 && milliseconds) return std::to_string(1 + Below(kSoonMaxMs));
  auto ms = kRelativeMinMs + static_cast<int64_t>(Below(kRelativeMaxMs - kRelativeMinMs));
  return std::to_string(milliseconds ? ms : ms / 1000);
}

std::string Maker::UnixTime(bool milliseconds) {
  size_t dice = Below(20);
  if (dice < 1) return WrongInteger();
  if (dice < 3) return Pick({"0", "-1", "1", "1000", "-100000", "-9223372036854775808"});
  if (dice < 4) return Pick({"9223372036854775807", "9223372036854775", "9223372036854776"});
  if (dice < 6) return std::to_string((milliseconds ? 1000 : 1) * int64_t{1'500'000'000});
  auto ms = kFarMs + static_cast<int64_t>(Below(kFarMs));
  return std::to_string(milliseconds ? ms : ms / 1000);
}

std::string Maker::Payload() {
  std::string payload = payloads_.empty() ? Value() : payloads_[Below(payloads_.size())];
  return Chance(33) ? SpoilPayload(payload, random_) : payload;
}

std::string Maker::JunkWord() { return From(kJunk, random_); }

std::string Maker::Cased(std::string_view word) {
  std::string text(word);
  size_t how = Below(3);
  for (char& c : text) {
    bool upper = how == 0 || (how == 2 && Below(2) == 0);
    auto byte = static_cast<unsigned char>(c);
    c = static_cast<char>(upper ? std::toupper(byte) : std::tolower(byte));
  }
  return text;
}

void Maker::EmitArguments(const std::vector<Argument>& arguments, Argv* argv) {
  std::vector<Argv> options;  // the trailing optional ones, which may change places
  for (const Argument& argument : arguments) {
    if (argument.optional) {
      if (Chance(55)) continue;
      options.emplace_back();
      Emit(argument, &options.back());
      if (Chance(6)) options.push_back(options.back());
      continue;
    }
    for (Argv& option : options) std::move(option.begin(), option.end(), std::back_inserter(*argv));
    options.clear();
    Emit(argument, argv);
  }
  if (options.size() > 1 && Chance(40)) {
    for (size_t i = options.size() - 1; i > 0; --i) std::swap(options[i], options[Below(i + 1)]);
  }
  for (Argv& option : options) std::move(option.begin(), option.end(), std::back_inserter(*argv));
}

void Maker::Emit(const Argument& argument, Argv* argv) {
  size_t count = 1;
  if (argument.multiple) {
    while (count < 8 && Chance(50)) ++count;
  }
  for (size_t i = 0; i < count; ++i) {
    if (!argument.token.empty() && (i == 0 || argument.multiple_token)) {
      argv->push_back(Cased(argument.token));
    }
    EmitOnce(argument, argv);
  }
}

void Maker::EmitOnce(const Argument& argument, Argv* argv) {
  using Type = Argument::Type;
  bool milliseconds = NameHas(argument, "milliseconds");
  switch (argument.type) {
    case Type::kPureToken:
      return;
    case Type::kOneOf:
      if (!argument.children.empty()) {
        Emit(argument.children[Below(argument.children.size())], argv);
      }
      return;
    case Type::kBlock:
      EmitArguments(argument.children, argv);
      return;
    case Type::kKey:
      return argv->push_back(Key());
    case Type::kPattern:
      return argv->push_back(Pattern());
    case Type::kDouble:
      return argv->push_back(Double());
    case Type::kUnixTime:
      return argv->push_back(UnixTime(milliseconds));
    case Type::kInteger:
      if (milliseconds || NameHas(argument, "seconds") || argument.name == "ttl") {
        return argv->push_back(RelativeTime(milliseconds || argument.name == "ttl"));
      }
      if (argument.name == "index" || argument.name == "db") return argv->push_back(Database());
      return argv->push_back(Integer());
    case Type::kString:
      if (argument.name == "serialized-value") return argv->push_back(Payload());
      return argv->push_back(Value());
  }
}

std::string Maker::AnyCommandName() {
  const CommandMap& commands = catalogue_.commands;
  return std::next(commands.begin(), static_cast<long>(Below(commands.size())))->first;
}

Argv Maker::AnyCall() {
  const Command& command = catalogue_.commands.find(AnyCommandName())->second;
  Argv argv = CallWords(command.name);
  for (std::string& word : argv) word = Cased(word);
  EmitArguments(command.arguments, &argv);
  return argv;
}

}  // namespace nuthatch::oracle
