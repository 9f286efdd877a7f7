// Cluster.
#include "server/config/special.h"

namespace nuthatch::config {
namespace {

constexpr Directive kDirectives[] = {
    {.name = "cluster-allow-pubsubshard-when-down", .type = Type::kBool, .initial = "yes"},
    {.name = "cluster-allow-reads-when-down", .type = Type::kBool, .initial = "no"},
    {.name = "cluster-allow-replica-migration", .type = Type::kBool, .initial = "yes"},
    {.name = "cluster-announce-bus-port", .type = Type::kInteger, .initial = "0", .maximum = 65535},
    {.name = "cluster-announce-hostname", .type = Type::kString, .validate = CheckHostname},
    {.name = "cluster-announce-ip", .type = Type::kString},
    {.name = "cluster-announce-port", .type = Type::kInteger, .initial = "0", .maximum = 65535},
    {.name = "cluster-announce-tls-port", .type = Type::kInteger, .initial = "0", .maximum = 65535},
    {.name = "cluster-config-file",
     .type = Type::kString,
     .initial = "nodes.conf",
     .flags = kImmutable},
    {.name = "cluster-enabled",
     .type = Type::kBool,
     .initial = "no",
     .flags = kImmutable,
     .effect = Effect::kRefusedData,
     .store = Store<&Config::cluster_enabled>},
    {.name = "cluster-link-sendbuf-limit",
     .type = Type::kMemory,
     .initial = "0",
     .maximum = kLargest},
    {.name = "cluster-migration-barrier", .type = Type::kInteger, .initial = "1", .maximum = kInt},
    {.name = "cluster-node-timeout",
     .type = Type::kInteger,
     .initial = "15000",
     .maximum = kLong,
     .store = Store<&Config::cluster_node_timeout>},
    {.name = "cluster-port",
     .type = Type::kInteger,
     .initial = "0",
     .maximum = 65535,
     .flags = kImmutable},
    {.name = "cluster-preferred-endpoint-type",
     .type = Type::kEnum,
     .initial = "ip",
     .names = EndpointType},
    {.name = "cluster-replica-no-failover",
     .alias = "cluster-slave-no-failover",
     .type = Type::kBool,
     .initial = "no"},
    {.name = "cluster-replica-validity-factor",
     .alias = "cluster-slave-validity-factor",
     .type = Type::kInteger,
     .initial = "10",
     .maximum = kInt},
    {.name = "cluster-require-full-coverage", .type = Type::kBool, .initial = "yes"},
};

}  // namespace

std::span<const Directive> ClusterDirectives() { return kDirectives; }

}  // namespace nuthatch::config
