// Every text that a client sees as an error of a command, once, as Redis 7.0 words it. Texts begin
// with their code; those that name something have a function below.
//
// Constants and pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace nuthatch::commands::errors {

// --- Arguments of any command ---
inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kNotAnInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kNotAFloat = "ERR value is not a valid float";
inline constexpr std::string_view kOutOfIntRange =
    "ERR value is out of range, value must between -2147483648 and 2147483647";
inline constexpr std::string_view kNumKeys = "ERR numkeys should be greater than 0";
inline constexpr std::string_view kCountNotPositive = "ERR count should be greater than 0";
inline constexpr std::string_view kOutOfLongRange =
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
inline constexpr std::string_view kOutOfRange = "ERR value is out of range";
inline constexpr std::string_view kDbOutOfRange = "ERR DB index is out of range";
inline constexpr std::string_view kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";

// --- Strings ---
inline constexpr std::string_view kStringTooLong =
    "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
inline constexpr std::string_view kOffsetOutOfRange = "ERR offset is out of range";
inline constexpr std::string_view kIncrementOverflow = "ERR increment or decrement would overflow";
inline constexpr std::string_view kDecrementOverflow = "ERR decrement would overflow";
inline constexpr std::string_view kIncrementNotFinite =
    "ERR increment would produce NaN or Infinity";
inline constexpr std::string_view kLcsNotStrings =
    "ERR The specified keys must contain string values";
inline constexpr std::string_view kLcsIdxWithLen =
    "ERR If you want both the length and indexes, please just use IDX.";
inline constexpr std::string_view kLcsStringTooLong = "ERR String too long for LCS";
inline constexpr std::string_view kLcsTooMuchMemory =
    "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";
inline constexpr std::string_view kLcsNoMemory =
    "ERR Insufficient memory, failed allocating transient memory for LCS";

// --- Bitmaps ---
inline constexpr std::string_view kBitOffset = "ERR bit offset is not an integer or out of range";
inline constexpr std::string_view kBitValue = "ERR bit is not an integer or out of range";
inline constexpr std::string_view kBitPosBit = "ERR The bit argument must be 1 or 0.";
inline constexpr std::string_view kBitOpNot =
    "ERR BITOP NOT must be called with a single source key.";
inline constexpr std::string_view kBitFieldType =
    "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 "
    "is.";
inline constexpr std::string_view kBitFieldOverflow = "ERR Invalid OVERFLOW type specified";
inline constexpr std::string_view kBitFieldReadonly =
    "ERR BITFIELD_RO only supports the GET subcommand";

// --- Streams ---
inline constexpr std::string_view kInvalidStreamId =
    "ERR Invalid stream ID specified as stream command argument";
inline constexpr std::string_view kInvalidIntervalStart = "ERR invalid start ID for the interval";
inline constexpr std::string_view kInvalidIntervalEnd = "ERR invalid end ID for the interval";
inline constexpr std::string_view kTwoTrims =
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
inline constexpr std::string_view kMaxLenNegative = "ERR The MAXLEN argument must be >= 0.";
inline constexpr std::string_view kLimitNegative = "ERR The LIMIT argument must be >= 0.";
inline constexpr std::string_view kLimitWithoutTrim =
    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy";
inline constexpr std::string_view kXTrimWithoutTrim =
    "ERR syntax error, XTRIM must be called with a trimming strategy";
inline constexpr std::string_view kLimitWithoutTilde =
    "ERR syntax error, LIMIT cannot be used without the special ~ option";
inline constexpr std::string_view kXAddZeroId =
    "ERR The ID specified in XADD must be greater than 0-0";
inline constexpr std::string_view kXAddSmallId =
    "ERR The ID specified in XADD is equal or smaller than the target stream top item";
inline constexpr std::string_view kXAddExhausted =
    "ERR The stream has exhausted the last possible ID, unable to add more items";
inline constexpr std::string_view kXAddTooLarge = "ERR Elements are too large to be stored";
inline constexpr std::string_view kEntriesAddedNegative = "ERR entries_added must be positive";
inline constexpr std::string_view kEntriesAddedSmall =
    "ERR The entries_added specified in XSETID is smaller than the target stream length";
inline constexpr std::string_view kXSetIdSmall =
    "ERR The ID specified in XSETID is smaller than the target stream top item";
inline constexpr std::string_view kXSetIdBelowGivenDeleted =
    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id";
inline constexpr std::string_view kUnbalancedStreams =
    "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.";
inline constexpr std::string_view kGroupOfXRead =
    "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kNoAckOfXRead =
    "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.";
inline constexpr std::string_view kNoGroupOption = "ERR Missing GROUP option for XREADGROUP";
inline constexpr std::string_view kDollarOfXReadGroup =
    "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of "
    "this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would "
    "just return an empty result set.";
inline constexpr std::string_view kGreaterOfXRead =
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> "
    "option.";
inline constexpr std::string_view kGroupGone =
    "NOGROUP the consumer group this client was blocked on no longer exists";
inline constexpr std::string_view kStreamGone = "UNBLOCKED the stream key no longer exists";
inline constexpr std::string_view kXGroupNoKey =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use "
    "the MKSTREAM option to create an empty stream automatically.";
inline constexpr std::string_view kBusyGroup = "BUSYGROUP Consumer Group name already exists";
inline constexpr std::string_view kEntriesReadNegative =
    "ERR value for ENTRIESREAD must be positive or -1";
inline constexpr std::string_view kXClaimMinIdle = "ERR Invalid min-idle-time argument for XCLAIM";
inline constexpr std::string_view kClaimIdle = "ERR Invalid IDLE option argument for XCLAIM";
inline constexpr std::string_view kClaimTime = "ERR Invalid TIME option argument for XCLAIM";
inline constexpr std::string_view kClaimRetryCount =
    "ERR Invalid RETRYCOUNT option argument for XCLAIM";
inline constexpr std::string_view kXAutoClaimMinIdle =
    "ERR Invalid min-idle-time argument for XAUTOCLAIM";
inline constexpr std::string_view kXAutoClaimCount = "ERR COUNT must be > 0";
inline constexpr std::string_view kXAutoClaimMemory =
    "ERR Insufficient memory, failed allocating transient memory, COUNT too high.";

// --- HyperLogLog ---
inline constexpr std::string_view kNotHyperLogLog =
    "WRONGTYPE Key is not a valid HyperLogLog string value.";
inline constexpr std::string_view kCorruptHyperLogLog = "INVALIDOBJ Corrupted HLL object detected";
inline constexpr std::string_view kPfDebugNoKey = "ERR The specified key does not exist";
inline constexpr std::string_view kPfDebugNotSparse = "ERR HLL encoding is not sparse";

// --- Geo ---
inline constexpr std::string_view kGeoUnit =
    "ERR unsupported unit provided. please use M, KM, FT, MI";
inline constexpr std::string_view kGeoRadius = "ERR need numeric radius";
inline constexpr std::string_view kGeoNegativeRadius = "ERR radius cannot be negative";
inline constexpr std::string_view kGeoWidth = "ERR need numeric width";
inline constexpr std::string_view kGeoHeight = "ERR need numeric height";
inline constexpr std::string_view kGeoNegativeBox = "ERR height or width cannot be negative";
inline constexpr std::string_view kGeoNoMember = "ERR could not decode requested zset member";
inline constexpr std::string_view kGeoCount = "ERR COUNT must be > 0";
inline constexpr std::string_view kGeoAnyWithoutCount =
    "ERR the ANY argument requires COUNT argument";

// --- SORT ---
inline constexpr std::string_view kSortNotNumeric =
    "ERR One or more scores can't be converted into double";

// --- Hashes ---
inline constexpr std::string_view kHashValueNotInteger = "ERR hash value is not an integer";
inline constexpr std::string_view kHashValueNotFloat = "ERR hash value is not a float";
inline constexpr std::string_view kNanOrInfinity = "ERR value is NaN or Infinity";

// --- Lists ---
inline constexpr std::string_view kIndexOutOfRange = "ERR index out of range";
inline constexpr std::string_view kLPosRankZero =
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use "
    "negative to start from the end of the list";
inline constexpr std::string_view kLPosCount = "ERR COUNT can't be negative";
inline constexpr std::string_view kLPosMaxLen = "ERR MAXLEN can't be negative";
// --- Sets ---
inline constexpr std::string_view kTooManyKeys =
    "ERR Number of keys can't be greater than number of args";
inline constexpr std::string_view kNegativeLimit = "ERR LIMIT can't be negative";

// --- Sorted sets ---
inline constexpr std::string_view kAddNxWithXx =
    "ERR XX and NX options at the same time are not compatible";
inline constexpr std::string_view kAddGtLtNx =
    "ERR GT, LT, and/or NX options at the same time are not compatible";
inline constexpr std::string_view kAddIncrPairs =
    "ERR INCR option supports a single increment-element pair";
inline constexpr std::string_view kScoreNotANumber = "ERR resulting score is not a number (NaN)";
inline constexpr std::string_view kScoreBound = "ERR min or max is not a float";
inline constexpr std::string_view kLexBound = "ERR min or max not valid string range item";
inline constexpr std::string_view kLimitOfRanks =
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX";
inline constexpr std::string_view kScoresOfLex =
    "ERR syntax error, WITHSCORES not supported in combination with BYLEX";
inline constexpr std::string_view kWeightNotAFloat = "ERR weight value is not a float";

// --- Keys ---
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
inline constexpr std::string_view kSameObject = "ERR source and destination objects are the same";
inline constexpr std::string_view kExpireNxWithOthers =
    "ERR NX and XX, GT or LT options at the same time are not compatible";
inline constexpr std::string_view kExpireGtWithLt =
    "ERR GT and LT options at the same time are not compatible";
inline constexpr std::string_view kInvalidCursor = "ERR invalid cursor";
inline constexpr std::string_view kNotLfu =
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that "
    "when switching between policies at runtime LRU and LFU data will take some time to adjust.";
inline constexpr std::string_view kIsLfu =
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "
    "switching between policies at runtime LRU and LFU data will take some time to adjust.";
inline constexpr std::string_view kInvalidFirstDb = "ERR invalid first DB index";
inline constexpr std::string_view kInvalidSecondDb = "ERR invalid second DB index";

// --- RESTORE ---
inline constexpr std::string_view kBusyKey = "BUSYKEY Target key name already exists.";
inline constexpr std::string_view kInvalidTtl = "ERR Invalid TTL value, must be >= 0";
inline constexpr std::string_view kInvalidIdleTime = "ERR Invalid IDLETIME value, must be >= 0";
inline constexpr std::string_view kInvalidFreq = "ERR Invalid FREQ value, must be >= 0 and <= 255";
inline constexpr std::string_view kBadDump = "ERR DUMP payload version or checksum are wrong";
inline constexpr std::string_view kBadDataFormat = "ERR Bad data format";

// --- Connections ---
inline constexpr std::string_view kWrongPass =
    "WRONGPASS invalid username-password pair or user is disabled.";
inline constexpr std::string_view kAuthWithoutPassword =
    "ERR AUTH <password> called without any password configured for the default user. Are you "
    "sure your configuration is correct?";
inline constexpr std::string_view kProtocolVersionNotInteger =
    "ERR Protocol version is not an integer or out of range";
inline constexpr std::string_view kNoProtocol = "NOPROTO unsupported protocol version";
inline constexpr std::string_view kHelloNeedsAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH "
    "<user> <pass> option can be used to authenticate the client and select the RESP protocol "
    "version at the same time";
inline constexpr std::string_view kBadClientName =
    "ERR Client names cannot contain spaces, newlines or special characters.";
inline constexpr std::string_view kNoSuchClient = "ERR No such client";
inline constexpr std::string_view kClientIdNotPositive = "ERR client-id should be greater than 0";
inline constexpr std::string_view kInvalidClientId = "ERR Invalid client ID";
inline constexpr std::string_view kTimeoutNotInteger =
    "ERR timeout is not an integer or out of range";
inline constexpr std::string_view kTimeoutNotFloat = "ERR timeout is not a float or out of range";
inline constexpr std::string_view kTimeoutNegative = "ERR timeout is negative";
inline constexpr std::string_view kPauseMode = "ERR CLIENT PAUSE mode must be WRITE or ALL";
inline constexpr std::string_view kUnblockReason =
    "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR";

// --- Transactions ---
inline constexpr std::string_view kNestedMulti = "ERR MULTI calls can not be nested";
inline constexpr std::string_view kExecWithoutMulti = "ERR EXEC without MULTI";
inline constexpr std::string_view kDiscardWithoutMulti = "ERR DISCARD without MULTI";
inline constexpr std::string_view kWatchInMulti = "ERR WATCH inside MULTI is not allowed";

// --- COMMAND, CONFIG, SHUTDOWN ---
inline constexpr std::string_view kInvalidCommand = "ERR Invalid command specified";
inline constexpr std::string_view kNoKeyArguments = "ERR The command has no key arguments";
inline constexpr std::string_view kInvalidArgumentCount =
    "ERR Invalid number of arguments specified for command";
inline constexpr std::string_view kInvalidArguments = "ERR Invalid arguments specified for command";
inline constexpr std::string_view kNoConfigFile = "ERR The server is running without a config file";
inline constexpr std::string_view kNoShutdownInProgress = "ERR No shutdown in progress.";
inline constexpr std::string_view kShutdownFailed = "ERR Errors trying to SHUTDOWN. Check logs.";

// --- DEBUG ---
inline constexpr std::string_view kDebugNotAllowed =
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you "
    "can "
    "run it from a local connection, otherwise you need to set this option in the configuration "
    "file, and then restart the server.";
inline constexpr std::string_view kDebugProtocolType =
    "ERR Wrong protocol type name. Please use one of the following: "
    "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false";
inline constexpr std::string_view kNeedsResp3 = "ERR RESP2 is not supported by this command";
inline constexpr std::string_view kNotPositive = "ERR value is out of range, must be positive";
inline constexpr std::string_view kDebugNoHashTable =
    "ERR The value stored at the specified key is not represented using an hash table";
inline constexpr std::string_view kDebugNoListpack = "ERR Not a listpack encoded object.";
inline constexpr std::string_view kDebugNoQuicklist = "ERR Not a quicklist encoded object.";
inline constexpr std::string_view kDebugNoSds = "ERR Not an sds encoded string.";
inline constexpr std::string_view kDebugDbOutOfRange = "ERR Out of range database";
inline constexpr std::string_view kPackedThreshold =
    "ERR argument must be a memory value bigger than 1 and smaller than 4gb";

// --- SLOWLOG, LATENCY, MEMORY ---
inline constexpr std::string_view kSlowLogCount = "ERR count should be greater than or equal to -1";

// --- Texts that name something ---

// `command` is a full name in lower case, a subcommand's with its container ("object|encoding").
inline std::string WrongArity(std::string_view command) {
  return std::string("ERR wrong number of arguments for '").append(command).append("' command");
}

// `command` is its name in lower case.
inline std::string NoInputKey(std::string_view command) {
  return std::string("ERR at least 1 input key is needed for '")
      .append(command)
      .append("' command");
}

inline std::string InvalidExpireTime(std::string_view command) {
  return std::string("ERR invalid expire time in '").append(command).append("' command");
}

// `option` as it was sent; like Redis, up to its first zero byte, without line ends behind it.
inline std::string UnsupportedOption(std::string_view option) {
  option = option.substr(0, option.find('\0'));
  option = option.substr(0, option.find_last_not_of("\r\n") + 1);
  return std::string("ERR Unsupported option ").append(option);
}

// Both as "%f" prints them.
inline std::string GeoOutOfRange(std::string_view longitude, std::string_view latitude) {
  return std::string("ERR invalid longitude,latitude pair ")
      .append(longitude)
      .append(",")
      .append(latitude);
}

// `what` is "GEOSEARCHSTORE" or "STORE option in GEORADIUS".
inline std::string GeoStoreWithWith(std::string_view what) {
  return std::string("ERR ").append(what).append(
      " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
}

// The text of a client's argument as an error shows it: up to its first zero byte.
inline std::string_view Shown(std::string_view arg) { return arg.substr(0, arg.find('\0')); }

// `container` in upper case.
inline std::string UnknownSubcommandOrArity(std::string_view subcommand,
                                            std::string_view container) {
  return std::string("ERR unknown subcommand or wrong number of arguments for '")
      .append(Shown(subcommand).substr(0, 128))
      .append("'. Try ")
      .append(container)
      .append(" HELP.");
}

inline std::string HelloOption(std::string_view option) {
  return std::string("ERR Syntax error in HELLO option '").append(Shown(option)).append("'");
}

inline std::string UnknownClientType(std::string_view type) {
  return std::string("ERR Unknown client type '").append(Shown(type)).append("'");
}

inline std::string NoSuchUser(std::string_view user) {
  return std::string("ERR No such user '").append(Shown(user)).append("'");
}

inline std::string UnrecognizedOption(std::string_view option) {
  return std::string("ERR Unrecognized option '").append(Shown(option)).append("'");
}

// `attribute` is "lib-name" or "lib-ver" as it was sent.
inline std::string BadClientAttribute(std::string_view attribute) {
  return std::string("ERR ")
      .append(Shown(attribute))
      .append(" cannot contain spaces, newlines or special characters.");
}

// `command` as it was sent.
inline std::string GeoWithoutCenter(std::string_view command) {
  return std::string("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ")
      .append(Shown(command));
}

inline std::string GeoWithoutShape(std::string_view command) {
  return std::string("ERR exactly one of BYRADIUS and BYBOX can be specified for ")
      .append(Shown(command));
}

inline std::string UnknownPfDebug(std::string_view subcommand) {
  return std::string("ERR Unknown PFDEBUG subcommand '").append(Shown(subcommand)).append("'");
}

// `what` went wrong in PFSELFTEST.
inline std::string SelfTestFailed(std::string_view what) {
  return std::string("TESTFAILED ").append(what);
}

inline std::string NoGroup(std::string_view key, std::string_view group) {
  return std::string("NOGROUP No such key '")
      .append(Shown(key))
      .append("' or consumer group '")
      .append(Shown(group))
      .append("'");
}

inline std::string NoGroupToRead(std::string_view key, std::string_view group) {
  return NoGroup(key, group).append(" in XREADGROUP with GROUP option");
}

inline std::string NoGroupOfKey(std::string_view group, std::string_view key) {
  return std::string("NOGROUP No such consumer group '")
      .append(Shown(group))
      .append("' for key name '")
      .append(Shown(key))
      .append("'");
}

inline std::string UnknownClaimOption(std::string_view option) {
  return std::string("ERR Unrecognized XCLAIM option '").append(Shown(option)).append("'");
}

inline std::string RewriteFailed(std::string_view cause) {
  return std::string("ERR Rewriting config file: ").append(cause);
}

inline std::string NoLatencySamples(std::string_view event) {
  return std::string("ERR No samples available for event '").append(Shown(event)).append("'");
}

}  // namespace nuthatch::commands::errors
