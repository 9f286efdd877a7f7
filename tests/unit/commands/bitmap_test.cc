#include <gtest/gtest.h>

#include "tests/unit/commands/test_server.h"

namespace nuthatch::commands {
namespace {

const std::string kWrongOffset = "-ERR bit offset is not an integer or out of range";

TEST(SetBit, GrowsTheStringAndMakesItRaw) {
  TestServer server;
  EXPECT_EQ(server.Ask("SETBIT k 7 1"), "0");
  EXPECT_EQ(server.Ask("SETBIT k 7 0"), "1");
  EXPECT_EQ(server.Ask("SETBIT k 100 0"), "0");
  EXPECT_EQ(server.Ask("STRLEN k"), "13");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"raw\"");
  server.Ask("SET n 1 EX 100");
  EXPECT_EQ(server.Ask("SETBIT n 6 1"), "0");
  EXPECT_EQ(server.Ask("GET n"), "\"3\"");
  EXPECT_EQ(server.Ask("OBJECT ENCODING n"), "\"raw\"");
  EXPECT_EQ(server.Ask("TTL n"), "100");
}

TEST(SetBit, CountsAChangeOnlyWhereThereIsOne) {
  TestServer server;
  server.Ask("SETBIT k 5 1");
  server.Ask("SETBIT k 5 1");
  server.Ask("SETBIT k 6 0");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 1U);
  server.Ask("SETBIT k 50 0");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 2U);
}

TEST(SetBit, RefusesWhatIsNoBit) {
  TestServer server;
  for (const char* offset : {"-1", "4294967296", "x", "#1", ""}) {
    EXPECT_EQ(server.AskWords({"SETBIT", "k", offset, "1"}), kWrongOffset) << offset;
    EXPECT_EQ(server.AskWords({"GETBIT", "k", offset}), kWrongOffset) << offset;
  }
  EXPECT_EQ(server.Ask("SETBIT k 1 2"), "-ERR bit is not an integer or out of range");
  EXPECT_EQ(server.Ask("EXISTS k"), "0");
}

TEST(SetBit, IsBoundByTheLongestString) {
  TestServer server(1, {{"proto-max-bulk-len", "1mb"}});
  EXPECT_EQ(server.Ask("SETBIT k 8388608 1"), kWrongOffset);
  EXPECT_EQ(server.Ask("SETBIT k 8388607 1"), "0");
  EXPECT_EQ(server.Ask("STRLEN k"), "1048576");
}

// A long string is changed in place: its room grows by as much as it has, up to a megabyte.
TEST(SetBit, MovesALongStringSeldom) {
  TestServer server;
  server.Ask("SETBIT k 8000000 1");
  uint64_t moves = 0;
  uint64_t memory = server.keyspace(0).memory().total();
  for (int i = 1; i <= 1000; ++i) {
    server.AskWords({"SETBIT", "k", std::to_string(8'000'000 + i * 80), "1"});
    uint64_t now = server.keyspace(0).memory().total();
    moves += now != memory ? 1 : 0;
    memory = now;
  }
  EXPECT_LE(moves, 2U);
  EXPECT_EQ(server.Ask("BITCOUNT k"), "1001");
}

TEST(BitCount, TakesRangesOfBytesAndBits) {
  TestServer server;
  server.Ask("SET k foobar");
  EXPECT_EQ(server.Ask("BITCOUNT k"), "26");
  EXPECT_EQ(server.Ask("BITCOUNT k 0 0"), "4");
  EXPECT_EQ(server.Ask("BITCOUNT k 1 1 byte"), "6");
  EXPECT_EQ(server.Ask("BITCOUNT k 5 30 BIT"), "17");
  EXPECT_EQ(server.Ask("BITCOUNT k -2 -1"), "7");
  EXPECT_EQ(server.Ask("BITCOUNT k -1 -2 nonsense"), "0");
  EXPECT_EQ(server.Ask("BITCOUNT k 0"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("BITCOUNT k 0 1 foo"), "-ERR syntax error");
  EXPECT_EQ(server.Ask("BITCOUNT nokey x y z"), "0");
  EXPECT_EQ(server.Ask("BITCOUNT k 0 x foo"), "-ERR value is not an integer or out of range");
}

TEST(BitPos, KnowsAnEndThatWasGiven) {
  TestServer server;
  server.AskWords({"SET", "k", "\xff\xf0"});
  EXPECT_EQ(server.Ask("BITPOS k 0"), "12");
  EXPECT_EQ(server.Ask("BITPOS k 1 1"), "8");
  EXPECT_EQ(server.Ask("BITPOS k 0 0 0"), "-1");
  EXPECT_EQ(server.Ask("BITPOS k 0 8 13 BIT"), "12");
  EXPECT_EQ(server.Ask("BITPOS k 0 8 11 BIT"), "-1");
  server.AskWords({"SET", "ones", "\xff\xff"});
  EXPECT_EQ(server.Ask("BITPOS ones 0"), "16");
  EXPECT_EQ(server.Ask("BITPOS ones 0 1"), "16");
  EXPECT_EQ(server.Ask("BITPOS ones 0 0 -1"), "-1");
  EXPECT_EQ(server.Ask("BITPOS nokey 0"), "0");
  EXPECT_EQ(server.Ask("BITPOS nokey 1 x"), "-1");
  EXPECT_EQ(server.Ask("BITPOS k 2"), "-ERR The bit argument must be 1 or 0.");
  EXPECT_EQ(server.Ask("BITPOS k 1 0 x foo"), "-ERR syntax error");
  server.AskWords({"SET", "empty", ""});
  EXPECT_EQ(server.Ask("BITPOS empty 0"), "-1");
}

class BitmapShards : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shards, BitmapShards, testing::Values(1, 2, 4));

TEST_P(BitmapShards, BitOpCombinesAndPadsWithZeros) {
  TestServer server(GetParam());
  server.AskWords({"SET", "a", "\xf0\x0f\xff"});
  server.AskWords({"SET", "b", "\x3c\x3c"});
  server.Ask("SET d old EX 100");
  EXPECT_EQ(server.Ask("BITOP AND d a b"), "3");
  EXPECT_EQ(server.AskWords({"GET", "d"}), std::string("\"\x30\x0c\0\"", 5));
  EXPECT_EQ(server.Ask("TTL d"), "-1");
  EXPECT_EQ(server.Ask("OBJECT ENCODING d"), "\"raw\"");
  EXPECT_EQ(server.Ask("BITOP or d a b nokey"), "3");
  EXPECT_EQ(server.Ask("GET d"), "\"\xfc\x3f\xff\"");
  EXPECT_EQ(server.Ask("BITOP Xor d b a"), "3");
  EXPECT_EQ(server.Ask("GET d"), "\"\xcc\x33\xff\"");
  EXPECT_EQ(server.Ask("BITOP NOT a a"), "3");
  EXPECT_EQ(server.AskWords({"GET", "a"}), std::string("\"\x0f\xf0\0\"", 5));
  EXPECT_EQ(server.Ask("BITOP AND d nokey a"), "3");
  EXPECT_EQ(server.AskWords({"GET", "d"}), std::string("\"\0\0\0\"", 5));
  server.Ask("SET n 12");
  EXPECT_EQ(server.Ask("BITOP OR d n n"), "2");
  EXPECT_EQ(server.Ask("GET d"), "\"12\"");
  EXPECT_EQ(server.Ask("BITOP OR d nokey other"), "0");
  EXPECT_EQ(server.Ask("EXISTS d"), "0");
  EXPECT_EQ(server.Ask("BITOP NOT d a b"),
            "-ERR BITOP NOT must be called with a single source key.");
  EXPECT_EQ(server.Ask("BITOP NAND d a"), "-ERR syntax error");
}

TEST_P(BitmapShards, BitOpOfLongStrings) {
  TestServer server(GetParam());
  std::string a(600'001, '\x0f');
  std::string b(1'000'000, '\x3c');
  server.AskWords({"SET", "a", a});
  server.AskWords({"SET", "b", b});
  EXPECT_EQ(server.Ask("BITOP XOR a a b"), "1000000");
  EXPECT_EQ(server.Ask("BITCOUNT a"), std::to_string(1'000'000 * 4));
  EXPECT_EQ(server.Ask("BITCOUNT a 600000 600001"), "8");
  EXPECT_EQ(server.Ask("GETRANGE a 600000 600001"), "\"\x33\x3c\"");
  EXPECT_EQ(server.Ask("BITOP AND a a nokey"), "1000000");
  EXPECT_EQ(server.Ask("BITPOS a 1"), "-1");
  EXPECT_EQ(server.Ask("BITPOS a 0 999999"), "7999992");
}

TEST(BitField, RunsItsOperationsInOrder) {
  TestServer server;
  EXPECT_EQ(server.Ask("BITFIELD k SET u8 0 255 INCRBY u8 0 10 GET u4 #1"), "[0, 9, 9]");
  EXPECT_EQ(server.Ask("BITFIELD k OVERFLOW SAT INCRBY u8 0 1000 OVERFLOW FAIL INCRBY u8 0 1"),
            "[255, nil]");
  EXPECT_EQ(server.Ask("BITFIELD k SET i64 #1 -1"), "[0]");
  EXPECT_EQ(server.Ask("STRLEN k"), "16");
  EXPECT_EQ(server.Ask("BITFIELD k"), "[]");
  EXPECT_EQ(server.Ask("BITFIELD_RO k GET i8 64 GET u8 1000"), "[-1, 0]");
  EXPECT_EQ(server.Ask("OBJECT ENCODING k"), "\"raw\"");
}

TEST(BitField, CountsEveryWriteToAStringThatGrows) {
  TestServer server;
  server.Ask("BITFIELD k GET u8 0 SET u8 0 0 INCRBY u8 0 0");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 2U);
  server.Ask("BITFIELD k SET u8 0 0 SET u8 0 1 SET u8 0 1");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 3U);
  server.Ask("BITFIELD k SET u8 8 0 OVERFLOW FAIL SET u8 0 256");
  EXPECT_EQ(server.Sum(&runtime::ShardStats::dirty), 4U);
}

TEST(BitField, GrowsTheStringEvenForWhatItRefuses) {
  TestServer server;
  EXPECT_EQ(server.Ask("BITFIELD k OVERFLOW FAIL SET u8 100 256"), "[nil]");
  EXPECT_EQ(server.Ask("STRLEN k"), "14");
  server.UseProtocol(3);
  EXPECT_EQ(server.Raw({"BITFIELD", "k", "OVERFLOW", "FAIL", "SET", "u8", "0", "256"}),
            "*1\r\n_\r\n");
}

TEST(BitField, DoesNothingWhereAnythingIsWrong) {
  TestServer server;
  const std::string type =
      "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but "
      "i64 is.";
  const std::pair<std::string, std::string> cases[] = {
      {"GET u64 0", type},
      {"GET u8 -1", kWrongOffset},
      {"GET u8 #", kWrongOffset},
      {"GET u8 4294967296", kWrongOffset},
      {"GET u8", "-ERR syntax error"},
      {"SET u8 0", "-ERR syntax error"},
      {"SET u8 0 x", "-ERR value is not an integer or out of range"},
      {"OVERFLOW no", "-ERR Invalid OVERFLOW type specified"},
      {"OVERFLOW", "-ERR syntax error"},
  };
  for (const auto& [words, error] : cases) {
    EXPECT_EQ(server.Ask("BITFIELD k SET u8 0 1 " + words), error) << words;
  }
  EXPECT_EQ(server.Ask("EXISTS k"), "0");
  EXPECT_EQ(server.Ask("BITFIELD_RO k SET u8 0 1"),
            "-ERR BITFIELD_RO only supports the GET subcommand");
  // The product of a field's number and width wraps.
  EXPECT_EQ(server.Ask("BITFIELD k GET i4 #4611686018427387905"), "[0]");
}

TEST(BitField, TellsWhetherItOnlyReads) {
  TestServer server;
  EXPECT_EQ(server.Ask("COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0 OVERFLOW SAT"),
            "[[\"k\", [RO, access]]]");
  EXPECT_EQ(server.Ask("COMMAND GETKEYSANDFLAGS BITFIELD k GET u8"),
            "[[\"k\", [RW, access, update]]]");
}

}  // namespace
}  // namespace nuthatch::commands
