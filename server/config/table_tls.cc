// TLS. What would switch it on is refused; the rest is remembered.
#include "server/config/special.h"

namespace nuthatch::config {
namespace {

constexpr Directive kDirectives[] = {
    {.name = "tls-auth-clients", .type = Type::kEnum, .initial = "yes", .names = TlsAuthClients},
    {.name = "tls-ca-cert-dir", .type = Type::kString, .effect = Effect::kRefusedAccess},
    {.name = "tls-ca-cert-file", .type = Type::kString, .effect = Effect::kRefusedAccess},
    {.name = "tls-cert-file", .type = Type::kString, .effect = Effect::kRefusedAccess},
    {.name = "tls-ciphers", .type = Type::kString},
    {.name = "tls-ciphersuites", .type = Type::kString},
    {.name = "tls-client-cert-file", .type = Type::kString, .effect = Effect::kRefusedAccess},
    {.name = "tls-client-key-file", .type = Type::kString, .effect = Effect::kRefusedAccess},
    {.name = "tls-client-key-file-pass", .type = Type::kString, .flags = kSensitive},
    {.name = "tls-cluster", .type = Type::kBool, .initial = "no", .effect = Effect::kRefusedAccess},
    {.name = "tls-dh-params-file", .type = Type::kString},
    {.name = "tls-key-file", .type = Type::kString, .effect = Effect::kRefusedAccess},
    {.name = "tls-key-file-pass", .type = Type::kString, .flags = kSensitive},
    {.name = "tls-port",
     .type = Type::kInteger,
     .initial = "0",
     .maximum = 65535,
     .effect = Effect::kRefusedAccess},
    {.name = "tls-prefer-server-ciphers", .type = Type::kBool, .initial = "no"},
    {.name = "tls-protocols", .type = Type::kString},
    {.name = "tls-replication",
     .type = Type::kBool,
     .initial = "no",
     .effect = Effect::kRefusedAccess},
    {.name = "tls-session-cache-size", .type = Type::kInteger, .initial = "20480", .maximum = kInt},
    {.name = "tls-session-cache-timeout",
     .type = Type::kInteger,
     .initial = "300",
     .maximum = kInt},
    {.name = "tls-session-caching", .type = Type::kBool, .initial = "yes"},
};

}  // namespace

std::span<const Directive> TlsDirectives() { return kDirectives; }

}  // namespace nuthatch::config
