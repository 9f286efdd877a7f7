#include "tests/oracle/payload_samples.h"

#include <string_view>
#include <utility>

namespace nuthatch::oracle {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// The command with `count` names "<prefix><number>" behind its words, each with what follows it.
Argv Many(Argv argv, const std::string& prefix, int count, std::string_view then = {}) {
  for (int i = 0; i < count; ++i) {
    argv.push_back(prefix + std::to_string(i));
    if (!then.empty()) argv.emplace_back(then);
  }
  return argv;
}

// "<score> <member>" for each.
Argv Scored(Argv argv, int count) {
  for (int i = 0; i < count; ++i) {
    argv.push_back(std::to_string(i * 7 % 50) + (i % 3 == 0 ? ".5" : ""));
    argv.push_back("member:" + std::to_string(i));
  }
  return argv;
}

}  // namespace

std::vector<std::vector<Argv>> SampleBuilds() {
  const std::string key = "payload";
  const std::string large(100, 'v');
  const std::string long_one(3000, 'l');
  std::vector<std::vector<Argv>> builds;
  auto add = [&builds](std::vector<Argv> build) { builds.push_back(std::move(build)); };
  add({{"RPUSH", key, "a", "1", "", "-300", "70000", large}});
  add({{"RPUSH", key, "one"}});
  add({{"RPUSH", key, long_one, long_one, "a", long_one, long_one, "b"}});
  add({Many({"RPUSH", key}, "element:", 700)});
  add({{"DEBUG", "QUICKLIST-PACKED-THRESHOLD", "60"},
       {"RPUSH", key, "a", large, "b", large},
       {"DEBUG", "QUICKLIST-PACKED-THRESHOLD", "0"}});
  add({{"SADD", key, "1", "2", "-3"}});
  add({{"SADD", key, "1", "70000", "-9223372036854775808"}});
  add({{"SADD", key, "a", "1", "", large}});
  add({Many({"SADD", key}, "1", 600)});
  add({{"HSET", key, "a", "1", "b", "", "12", "x"}});
  add({{"HSET", key, "a", "1", "b", large}});
  add({Many({"HSET", key}, "field:", 60, "value")});
  add({Many({"HSET", key}, "field:", 600, "7")});
  add({{"ZADD", key, "1", "a", "2.5", "b", "inf", "c", "-0.1", "12"}});
  add({{"ZADD", key, "1", "a", "2.5", large}});
  add({Scored({"ZADD", key}, 60)});
  add({Scored({"ZADD", key}, 200)});
  add({{"XADD", key, "1-1", "field", "value", "12", ""},
       {"XADD", key, "1-2", "field", "x", "12", "7"}});
  std::vector<Argv> many;
  for (int i = 1; i <= 150; ++i) {
    many.push_back({"XADD", key, std::to_string(i) + "-0", "field", std::to_string(i)});
  }
  many.push_back({"XDEL", key, "5-0", "150-0"});
  add(many);
  add({{"XADD", key, "5-5", "a", "b"},
       {"XADD", key, "6-0", "a", "c"},
       {"XGROUP", "CREATE", key, "group", "0"},
       {"XGROUP", "CREATECONSUMER", key, "group", "idle"},
       {"XREADGROUP", "GROUP", "group", "consumer", "COUNT", "1", "STREAMS", key, ">"}});
  return builds;
}

std::vector<std::string> OldValues() {
  constexpr std::string_view kHex[] = {
      // A list, element by element.
      "01030161c00500",
      // A sorted set with scores as text.
      "0302016103332e350162ff",
      // A set.
      "020301330131c10001",
      // Hashes, element by element.
      "04020161013101620178",
      "04020161013101624046787878787878787878787878787878787878787878787878787878787878787878787878"
      "78787878787878787878787878787878787878787878787878787878787878787878",
      // A sorted set with binary scores.
      "05020161000000000000f83f016200003426f56b2c43",
      // Zipmaps.
      "091102016101023100000162020278780000ff",
      "09404c01016146007878787878787878787878787878787878787878787878787878787878787878787878787878"
      "7878787878787878787878787878787878787878787878787878787878787878ff",
      // Ziplists: lists, sorted set, hash.
      "0a407e7e000000340000000b0000016103f102fd02fe0d03fefb03c02c0104f070110105d00000000206e0000000"
      "00000100000a02313204404678787878787878787878787878787878787878787878787878787878787878787878"
      "787878787878787878787878787878787878787878787878787878787878787878787878ff",
      "0a1f1f000000170000000300fe000000000161fe07000000f2fe06000000fe0dff",
      "0c181800000012000000040000016103f20201350303322e35ff",
      "0d161600000012000000040000016103f2020135030178ff",
      // A quicklist of ziplists.
      "0e0210100000000d000000020000016103f2ff11110000000d0000000200000162030163ff",
      // A list of a plain node and two others.
      "1203010568656c6c6f020c0c00000002008161020701ff020a0a0000000100816202ff",
  };
  std::vector<std::string> values;
  for (std::string_view hex : kHex) values.push_back(FromHex(hex));
  return values;
}

}  // namespace nuthatch::oracle
