// The parts of rows that are code: enum names, checks of strings, and the directives whose values
// have a form of their own. For the table_*.cc only.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/config/directives.h"

namespace nuthatch::config {

// Limits that rows name.
inline constexpr int64_t kInt = std::numeric_limits<int32_t>::max();
inline constexpr int64_t kIntMinimum = std::numeric_limits<int32_t>::min();
inline constexpr uint64_t kUnsigned = std::numeric_limits<uint32_t>::max();
inline constexpr uint64_t kLong = std::numeric_limits<int64_t>::max();
inline constexpr uint64_t kLargest = std::numeric_limits<uint64_t>::max();
inline constexpr int64_t kMegabyte = 1024L * 1024;
inline constexpr size_t kMaxBindAddresses = 16;

std::span<const EnumName> AclPubsubDefault();
std::span<const EnumName> Appendfsync();
std::span<const EnumName> CommandAccessNames();
std::span<const EnumName> DisklessLoad();
std::span<const EnumName> EndpointType();
std::span<const EnumName> LogLevels();
std::span<const EnumName> OomScoreAdjModes();
std::span<const EnumName> PropagationErrors();
std::span<const EnumName> SanitizeModes();
std::span<const EnumName> ShutdownOptions();
std::span<const EnumName> SupervisedModes();
std::span<const EnumName> SyslogFacilities();
std::span<const EnumName> TlsAuthClients();

std::string_view CheckAppendDirname(const Config& config, std::string_view text);
std::string_view CheckAppendFilename(const Config& config, std::string_view text);
std::string_view CheckHostname(const Config& config, std::string_view text);
std::string_view CheckPlainFilename(const Config& config, std::string_view text);
std::string_view CheckProcTitleTemplate(const Config& config, std::string_view text);

void StoreMaxmemoryPolicy(Config& config, const Value& value);

base::Result<std::string> ApplyBind(Config& config, Arguments arguments, Context context);
base::Result<std::string> ApplyDir(Config& config, Arguments arguments, Context context);
base::Result<std::string> ApplyHz(Config& config, Arguments arguments, Context context);
base::Result<std::string> ApplyNotifyKeyspaceEvents(Config& config, Arguments arguments,
                                                    Context context);
base::Result<std::string> ApplyOomScoreAdjValues(Config& config, Arguments arguments,
                                                 Context context);
base::Result<std::string> ApplyOutputBufferLimits(Config& config, Arguments arguments,
                                                  Context context);
base::Result<std::string> ApplyPercentiles(Config& config, Arguments arguments, Context context);
base::Result<std::string> ApplyReplBacklogSize(Config& config, Arguments arguments,
                                               Context context);
base::Result<std::string> ApplyReplicaof(Config& config, Arguments arguments, Context context);
base::Result<std::string> ApplySave(Config& config, Arguments arguments, Context context);

std::vector<RewrittenLine> RewriteBind(const Config& config, bool changed);
std::vector<RewrittenLine> RewriteDir(const Config& config, bool changed);
std::vector<RewrittenLine> RewriteNotifyKeyspaceEvents(const Config& config, bool changed);
std::vector<RewrittenLine> RewriteOutputBufferLimits(const Config& config, bool changed);
std::vector<RewrittenLine> RewritePercentiles(const Config& config, bool changed);
std::vector<RewrittenLine> RewriteReplBacklogSize(const Config& config, bool changed);
std::vector<RewrittenLine> RewriteReplicaof(const Config& config, bool changed);
std::vector<RewrittenLine> RewriteSave(const Config& config, bool changed);

// The rows, by theme.
std::span<const Directive> NetworkDirectives();
std::span<const Directive> ProcessDirectives();
std::span<const Directive> KeyspaceDirectives();
std::span<const Directive> SnapshotDirectives();
std::span<const Directive> ReplicationDirectives();
std::span<const Directive> ClusterDirectives();
std::span<const Directive> TlsDirectives();

}  // namespace nuthatch::config
