#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/runtime/stats.h"
#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

class GeoTest : public testing::Test {
 protected:
  void AddSicily() {
    EXPECT_EQ(server_.Ask("GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania"),
              "2");
  }
  // So many members on one meridian, a hundredth of a degree apart.
  void AddLine(const std::string& key, int count) {
    std::vector<std::string> words = {"GEOADD", key};
    for (int i = 0; i < count; ++i) {
      words.insert(words.end(), {"13.4", std::to_string(52 + 0.01 * i), "m" + std::to_string(i)});
    }
    EXPECT_EQ(server_.AskWords(words), std::to_string(count));
  }

  TestServer server_{4};
};

TEST_F(GeoTest, AddsAndTellsPlaces) {
  AddSicily();
  EXPECT_EQ(server_.Ask("GEOPOS Sicily Palermo nobody"),
            R"([["13.36138933897018433", "38.11555639549629859"], nil])");
  EXPECT_EQ(server_.Ask("GEOHASH Sicily Palermo Catania nobody"),
            R"(["sqc8b49rny0", "sqdtr74hyu0", nil])");
  EXPECT_EQ(server_.Ask("GEODIST Sicily Palermo Catania"), R"("166274.1516")");
  EXPECT_EQ(server_.Ask("GEODIST Sicily Palermo Catania MI"), R"("103.3182")");
  EXPECT_EQ(server_.Ask("GEODIST Sicily Palermo nobody"), "nil");
  EXPECT_EQ(server_.Ask("GEODIST nokey a b"), "nil");
  EXPECT_EQ(server_.Ask("GEOPOS nokey a"), "[nil]");
  EXPECT_EQ(server_.Ask("GEOHASH nokey a"), "[nil]");
}

TEST_F(GeoTest, AddsByTheRules) {
  AddSicily();
  EXPECT_EQ(server_.Ask("GEOADD Sicily NX 13.5 38.1 Palermo 1 1 new"), "1");
  EXPECT_EQ(server_.Ask("GEOHASH Sicily Palermo"), R"(["sqc8b49rny0"])");
  EXPECT_EQ(server_.Ask("GEOADD Sicily XX CH 13.5 38.1 Palermo 1 1 newer"), "1");
  EXPECT_EQ(server_.Ask("GEOHASH Sicily newer"), "[nil]");
  EXPECT_EQ(server_.Ask("GEOADD nokey XX 1 1 a"), "0");
  EXPECT_EQ(server_.Ask("EXISTS nokey"), "0");
  EXPECT_EQ(server_.Ask("GEOADD Sicily NX XX 1 1 a"), "-ERR syntax error");
  EXPECT_EQ(server_.Ask("GEOADD Sicily 1 1 a 2"), "-ERR syntax error");
  EXPECT_EQ(server_.Ask("GEOADD Sicily NX CH NX"), "-ERR syntax error");
  EXPECT_EQ(server_.Ask("GEOADD Sicily 1 1 a 200 100 b"),
            "-ERR invalid longitude,latitude pair 200.000000,100.000000");
  EXPECT_EQ(server_.Ask("GEOHASH Sicily a"), "[nil]");
  EXPECT_EQ(server_.Ask("SET text x"), "OK");
  EXPECT_EQ(server_.Ask("GEOADD text 1 1 a"),
            "-WRONGTYPE Operation against a key holding the wrong kind of value");
}

TEST_F(GeoTest, SearchesCirclesAndBoxes) {
  AddSicily();
  EXPECT_EQ(server_.Ask("GEORADIUS Sicily 15 37 200 km WITHDIST ASC"),
            R"([["Catania", "56.4413"], ["Palermo", "190.4424"]])");
  EXPECT_EQ(server_.Ask("GEORADIUS_RO Sicily 15 37 100 km WITHHASH WITHCOORD"),
            R"([["Catania", 3479447370796909, ["15.08726745843887329", "37.50266842333162032"]]])");
  EXPECT_EQ(server_.Ask("GEORADIUSBYMEMBER Sicily Palermo 200 km DESC"),
            R"(["Catania", "Palermo"])");
  EXPECT_EQ(server_.Ask("GEORADIUSBYMEMBER_RO Sicily Palermo 100 km"), R"(["Palermo"])");
  EXPECT_EQ(server_.Ask("GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 400 400 km ASC COUNT 1"),
            R"(["Catania"])");
  EXPECT_EQ(server_.Ask("GEOSEARCH Sicily BYRADIUS 1 m FROMMEMBER Catania"), R"(["Catania"])");
  EXPECT_EQ(server_.Ask("GEOSEARCH nokey BYRADIUS 1 m FROMMEMBER Catania"), "[]");
  server_.UseProtocol(3);
  EXPECT_EQ(server_.Ask("GEOSEARCH Sicily BYRADIUS 1 m FROMMEMBER Catania WITHCOORD WITHDIST"),
            R"([["Catania", "0.0000", [15.08726745843887329, 37.50266842333162032]]])");
}

TEST_F(GeoTest, StoresWhatIsFoundWithScoresOrDistances) {
  AddSicily();
  EXPECT_EQ(server_.Ask("GEORADIUS Sicily 15 37 200 km STORE found"), "2");
  EXPECT_EQ(server_.Ask("GEODIST found Palermo Catania"), R"("166274.1516")");
  EXPECT_EQ(server_.Ask("OBJECT ENCODING found"), R"("listpack")");
  EXPECT_EQ(server_.Ask("GEOSEARCHSTORE other Sicily FROMLONLAT 15 37 BYRADIUS 200 km STOREDIST"),
            "2");
  EXPECT_EQ(server_.Ask("SORT other BY nosort DESC"), R"(["Palermo", "Catania"])");
  // Onto itself; then nothing is found, and the key goes.
  EXPECT_EQ(server_.Ask("GEOSEARCHSTORE found found FROMMEMBER Catania BYRADIUS 1 m"), "1");
  EXPECT_EQ(server_.Ask("GEOHASH found Palermo Catania"), R"([nil, "sqdtr74hyu0"])");
  EXPECT_EQ(server_.Ask("GEORADIUSBYMEMBER found Catania 1 m STOREDIST other"), "1");
  EXPECT_EQ(server_.Ask("GEORADIUS found 0 0 1 m STORE found"), "0");
  EXPECT_EQ(server_.Ask("EXISTS found"), "0");
  EXPECT_EQ(server_.Ask("GEOSEARCHSTORE other nokey FROMMEMBER a BYRADIUS 1 m"), "0");
  EXPECT_EQ(server_.Ask("EXISTS other"), "0");
}

// Which keys the specifications find there is another matter.
TEST_F(GeoTest, StoresUnderTheLastDestination) {
  AddSicily();
  for (int i = 0; i < 20; ++i) {
    const std::string first = "first" + std::to_string(i);
    const std::string last = "last" + std::to_string(i);
    EXPECT_EQ(server_.Ask("GEORADIUS Sicily 15 37 200 km STORE " + first + " STORE " + last), "2");
    EXPECT_EQ(server_.Ask("EXISTS " + first + " " + last), "1");
    EXPECT_EQ(server_.Ask("EXISTS " + last), "1");
  }
}

TEST_F(GeoTest, LargeSetsAreSearchedAlike) {
  AddLine("small", 100);
  AddLine("large", 100);
  std::string long_member(70, 'x');
  EXPECT_EQ(server_.AskWords({"GEOADD", "large", "0", "0", long_member}), "1");
  EXPECT_EQ(server_.Ask("OBJECT ENCODING small"), R"("listpack")");
  EXPECT_EQ(server_.Ask("OBJECT ENCODING large"), R"("skiplist")");
  for (const std::string& rest :
       {std::string("FROMMEMBER m50 BYRADIUS 20 km"), std::string("FROMMEMBER m3 BYBOX 1 90 km"),
        std::string("FROMLONLAT 13.4 52.2 BYRADIUS 30 km COUNT 7 ANY"),
        std::string("FROMLONLAT 13.4 52.2 BYRADIUS 30 km COUNT 7 DESC WITHDIST")}) {
    const std::string found = server_.Ask("GEOSEARCH small " + rest);
    EXPECT_NE(found, "[]");
    EXPECT_EQ(server_.Ask("GEOSEARCH large " + rest), found) << rest;
  }
}

TEST_F(GeoTest, RefusesWhatDoesNotGoTogether) {
  AddSicily();
  const std::string with = " is not compatible with WITHDIST, WITHHASH and WITHCOORD options";
  EXPECT_EQ(server_.Ask("GEORADIUS Sicily 1 1 1 m STORE d WITHDIST"),
            "-ERR STORE option in GEORADIUS" + with);
  EXPECT_EQ(server_.Ask("GEOSEARCHSTORE d Sicily FROMMEMBER Palermo BYRADIUS 1 m WITHHASH"),
            "-ERR GEOSEARCHSTORE" + with);
  EXPECT_EQ(server_.Ask("GEORADIUS_RO Sicily 1 1 1 m STORE d"), "-ERR syntax error");
  EXPECT_EQ(server_.Ask("GeoSearch Sicily ASC ASC ASC ASC ASC"),
            "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GeoSearch");
  EXPECT_EQ(server_.Ask("GEOSEARCH Sicily FROMMEMBER Palermo ASC ASC ASC"),
            "-ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH");
  EXPECT_EQ(server_.Ask("GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 1 m BYBOX 1 1 m"),
            "-ERR syntax error");
  EXPECT_EQ(server_.Ask("GEOSEARCH Sicily FROMMEMBER nobody BYRADIUS 1 m"),
            "-ERR could not decode requested zset member");
  EXPECT_EQ(server_.Ask("GEORADIUS Sicily 1 1 1 m ANY"),
            "-ERR the ANY argument requires COUNT argument");
  EXPECT_EQ(server_.Ask("GEORADIUS Sicily 1 1 1 m COUNT 0"), "-ERR COUNT must be > 0");
  EXPECT_EQ(server_.Ask("GEORADIUS Sicily 1 1 x m"), "-ERR need numeric radius");
  EXPECT_EQ(server_.Ask("GEORADIUS Sicily 1 1 -1 m"), "-ERR radius cannot be negative");
  EXPECT_EQ(server_.Ask("GEODIST Sicily a b miles"),
            "-ERR unsupported unit provided. please use M, KM, FT, MI");
  // The type comes first.
  EXPECT_EQ(server_.Ask("SET text x"), "OK");
  EXPECT_EQ(server_.Ask("GEORADIUS text x y z w"),
            "-WRONGTYPE Operation against a key holding the wrong kind of value");
}

TEST_F(GeoTest, CountsChanges) {
  auto dirty = [&] { return server_.Sum(&runtime::ShardStats::dirty); };
  AddSicily();
  EXPECT_EQ(dirty(), 2u);
  EXPECT_EQ(server_.Ask("GEOADD Sicily 13.361389 38.115556 Palermo"), "0");
  EXPECT_EQ(dirty(), 2u);
  EXPECT_EQ(server_.Ask("GEORADIUS Sicily 15 37 200 km STORE found"), "2");
  EXPECT_EQ(dirty(), 4u);
}

}  // namespace
}  // namespace nuthatch::commands
