// The names of enum values, in the order of Redis's error texts, and their numbers here. Where two
// names have one number, CONFIG GET shows the first.
#include <vector>

#include <syslog.h>

#include "server/base/check.h"
#include "server/config/special.h"

namespace nuthatch::config {
namespace {

template <typename E>
constexpr int Number(E value) {
  return static_cast<int>(value);
}

constexpr EnumName kAclPubsubDefault[] = {{"allchannels", 1}, {"resetchannels", 0}};
constexpr EnumName kAppendfsync[] = {{"everysec", 2}, {"always", 1}, {"no", 0}};
constexpr EnumName kCommandAccess[] = {{"no", Number(CommandAccess::kNo)},
                                       {"yes", Number(CommandAccess::kYes)},
                                       {"local", Number(CommandAccess::kLocal)}};
constexpr EnumName kDisklessLoad[] = {{"disabled", 0}, {"on-empty-db", 1}, {"swapdb", 2}};
constexpr EnumName kEndpointType[] = {{"ip", 0}, {"hostname", 1}, {"unknown-endpoint", 2}};
constexpr EnumName kLogLevels[] = {{"debug", Number(LogLevel::kDebug)},
                                   {"verbose", Number(LogLevel::kVerbose)},
                                   {"notice", Number(LogLevel::kNotice)},
                                   {"warning", Number(LogLevel::kWarning)}};
constexpr EnumName kOomScoreAdj[] = {{"no", Number(OomScoreAdj::kNo)},
                                     {"yes", Number(OomScoreAdj::kRelative)},
                                     {"relative", Number(OomScoreAdj::kRelative)},
                                     {"absolute", Number(OomScoreAdj::kAbsolute)}};
constexpr EnumName kPropagationErrors[] = {
    {"ignore", Number(PropagationErrorBehavior::kIgnore)},
    {"panic", Number(PropagationErrorBehavior::kPanic)},
    {"panic-on-replicas", Number(PropagationErrorBehavior::kPanicOnReplicas)}};
constexpr EnumName kSanitize[] = {{"no", Number(SanitizeDumpPayload::kNo)},
                                  {"yes", Number(SanitizeDumpPayload::kYes)},
                                  {"clients", Number(SanitizeDumpPayload::kClients)}};
constexpr EnumName kShutdown[] = {{"default", 0},
                                  {"save", kShutdownSave},
                                  {"nosave", kShutdownNosave},
                                  {"now", kShutdownNow},
                                  {"force", kShutdownForce}};
constexpr EnumName kSupervised[] = {{"upstart", Number(Supervised::kUpstart)},
                                    {"systemd", Number(Supervised::kSystemd)},
                                    {"auto", Number(Supervised::kAuto)},
                                    {"no", Number(Supervised::kNo)}};
constexpr EnumName kSyslogFacilities[] = {
    {"user", LOG_USER},     {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7}};
constexpr EnumName kTlsAuthClients[] = {{"no", 0}, {"yes", 1}, {"optional", 2}};

constexpr EnumName kRedisPolicies[] = {
    {"volatile-lru", Number(MaxmemoryPolicy::kVolatileLru)},
    {"volatile-lfu", Number(MaxmemoryPolicy::kVolatileLfu)},
    {"volatile-random", Number(MaxmemoryPolicy::kVolatileRandom)},
    {"volatile-ttl", Number(MaxmemoryPolicy::kVolatileTtl)},
    {"allkeys-lru", Number(MaxmemoryPolicy::kAllkeysLru)},
    {"allkeys-lfu", Number(MaxmemoryPolicy::kAllkeysLfu)},
    {"allkeys-random", Number(MaxmemoryPolicy::kAllkeysRandom)},
    {"noeviction", Number(MaxmemoryPolicy::kNoeviction)}};

std::span<const EnumName>& PolicyNames() {
  static std::span<const EnumName> names = kRedisPolicies;
  return names;
}

}  // namespace

std::span<const EnumName> AclPubsubDefault() { return kAclPubsubDefault; }
std::span<const EnumName> Appendfsync() { return kAppendfsync; }
std::span<const EnumName> CommandAccessNames() { return kCommandAccess; }
std::span<const EnumName> DisklessLoad() { return kDisklessLoad; }
std::span<const EnumName> EndpointType() { return kEndpointType; }
std::span<const EnumName> LogLevels() { return kLogLevels; }
std::span<const EnumName> OomScoreAdjModes() { return kOomScoreAdj; }
std::span<const EnumName> PropagationErrors() { return kPropagationErrors; }
std::span<const EnumName> SanitizeModes() { return kSanitize; }
std::span<const EnumName> ShutdownOptions() { return kShutdown; }
std::span<const EnumName> SupervisedModes() { return kSupervised; }
std::span<const EnumName> SyslogFacilities() { return kSyslogFacilities; }
std::span<const EnumName> TlsAuthClients() { return kTlsAuthClients; }

std::span<const EnumName> MaxmemoryPolicies() { return PolicyNames(); }

void SetMaxmemoryPolicies(std::span<const EnumName> names) {
  CHECK(names.size() >= std::size(kRedisPolicies));
  PolicyNames() = names;
}

void StoreMaxmemoryPolicy(Config& config, const Value& value) {
  config.maxmemory_policy = static_cast<MaxmemoryPolicy>(value.number);
  config.maxmemory_policy_name = value.text;
}

}  // namespace nuthatch::config
