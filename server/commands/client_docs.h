// What COMMAND DOCS and COMMAND INFO tell of CLIENT's arguments, history and tips; for client.cc
// only.
#pragma once

#include <string_view>

#include "server/runtime/command_spec.h"

namespace nuthatch::commands {

using runtime::ArgSpec;
using runtime::ArgType;
using runtime::HistoryLine;
using runtime::kArgMultiple;
using runtime::kArgOptional;

inline constexpr std::string_view kClientInfoTips[] = {"nondeterministic_output"};

inline constexpr HistoryLine kClientKillHistory[] = {
    {"2.8.12", "Added new filter format."},
    {"2.8.12", "`ID` option."},
    {"3.2.0", "Added `master` type in for `TYPE` option."},
    {"5.0.0",
     "Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility."},
    {"6.2.0", "`LADDR` option."}};

inline constexpr ArgSpec kClientKillTypes[] = {
    {.name = "normal", .type = ArgType::kPureToken, .token = "NORMAL"},
    {.name = "master", .type = ArgType::kPureToken, .token = "MASTER", .since = "3.2.0"},
    {.name = "slave", .type = ArgType::kPureToken, .token = "SLAVE"},
    {.name = "replica", .type = ArgType::kPureToken, .token = "REPLICA", .since = "5.0.0"},
    {.name = "pubsub", .type = ArgType::kPureToken, .token = "PUBSUB"}};

inline constexpr ArgSpec kClientKillFilters[] = {
    {.name = "client-id",
     .type = ArgType::kInteger,
     .token = "ID",
     .since = "2.8.12",
     .flags = kArgOptional},
    {.name = "normal_master_slave_pubsub",
     .type = ArgType::kOneof,
     .token = "TYPE",
     .since = "2.8.12",
     .flags = kArgOptional,
     .args = kClientKillTypes},
    {.name = "username", .token = "USER", .flags = kArgOptional},
    {.name = "ip:port", .token = "ADDR", .flags = kArgOptional},
    {.name = "ip:port", .token = "LADDR", .since = "6.2.0", .flags = kArgOptional},
    {.name = "yes/no", .token = "SKIPME", .flags = kArgOptional}};

inline constexpr ArgSpec kClientKillForms[] = {{.name = "ip:port", .deprecated_since = "2.8.12"},
                                               {.name = "new-format",
                                                .type = ArgType::kOneof,
                                                .flags = kArgMultiple,
                                                .args = kClientKillFilters}};

inline constexpr ArgSpec kClientKillArgs[] = {
    {.name = "filter", .type = ArgType::kOneof, .args = kClientKillForms}};

inline constexpr HistoryLine kClientListHistory[] = {
    {"2.8.12", "Added unique client `id` field."},
    {"5.0.0", "Added optional `TYPE` filter."},
    {"6.0.0", "Added `user` field."},
    {"6.2.0",
     "Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter."},
    {"7.0.0", "Added `resp`, `multi-mem`, `rbs` and `rbp` fields."},
    {"7.0.3", "Added `ssub` field."}};

inline constexpr std::string_view kClientListTips[] = {"nondeterministic_output"};

inline constexpr ArgSpec kClientListTypes[] = {
    {.name = "normal", .type = ArgType::kPureToken, .token = "NORMAL"},
    {.name = "master", .type = ArgType::kPureToken, .token = "MASTER"},
    {.name = "replica", .type = ArgType::kPureToken, .token = "REPLICA"},
    {.name = "pubsub", .type = ArgType::kPureToken, .token = "PUBSUB"}};

inline constexpr ArgSpec kClientListIds[] = {
    {.name = "client-id", .type = ArgType::kInteger, .flags = kArgMultiple}};

inline constexpr ArgSpec kClientListArgs[] = {{.name = "normal_master_replica_pubsub",
                                               .type = ArgType::kOneof,
                                               .token = "TYPE",
                                               .since = "5.0.0",
                                               .flags = kArgOptional,
                                               .args = kClientListTypes},
                                              {.name = "id",
                                               .type = ArgType::kBlock,
                                               .token = "ID",
                                               .since = "6.2.0",
                                               .flags = kArgOptional,
                                               .args = kClientListIds}};

inline constexpr ArgSpec kClientOnOrOff[] = {
    {.name = "on", .type = ArgType::kPureToken, .token = "ON"},
    {.name = "off", .type = ArgType::kPureToken, .token = "OFF"}};

inline constexpr ArgSpec kClientNoEvictArgs[] = {
    {.name = "enabled", .type = ArgType::kOneof, .args = kClientOnOrOff}};

inline constexpr HistoryLine kClientPauseHistory[] = {
    {"6.2.0", "`CLIENT PAUSE WRITE` mode added along with the `mode` option."}};

inline constexpr ArgSpec kClientPauseModes[] = {
    {.name = "write", .type = ArgType::kPureToken, .token = "WRITE"},
    {.name = "all", .type = ArgType::kPureToken, .token = "ALL"}};

inline constexpr ArgSpec kClientPauseArgs[] = {{.name = "timeout", .type = ArgType::kInteger},
                                               {.name = "mode",
                                                .type = ArgType::kOneof,
                                                .since = "6.2.0",
                                                .flags = kArgOptional,
                                                .args = kClientPauseModes}};

inline constexpr ArgSpec kClientReplyModes[] = {
    {.name = "on", .type = ArgType::kPureToken, .token = "ON"},
    {.name = "off", .type = ArgType::kPureToken, .token = "OFF"},
    {.name = "skip", .type = ArgType::kPureToken, .token = "SKIP"}};

inline constexpr ArgSpec kClientReplyArgs[] = {
    {.name = "on_off_skip", .type = ArgType::kOneof, .args = kClientReplyModes}};

inline constexpr ArgSpec kClientSetnameArgs[] = {{.name = "connection-name"}};

inline constexpr ArgSpec kClientUnblockReasons[] = {
    {.name = "timeout", .type = ArgType::kPureToken, .token = "TIMEOUT"},
    {.name = "error", .type = ArgType::kPureToken, .token = "ERROR"}};

inline constexpr ArgSpec kClientUnblockArgs[] = {{.name = "client-id", .type = ArgType::kInteger},
                                                 {.name = "timeout_error",
                                                  .type = ArgType::kOneof,
                                                  .flags = kArgOptional,
                                                  .args = kClientUnblockReasons}};

inline constexpr ArgSpec kClientSetinfoAttributes[] = {{.name = "libname", .token = "LIB-NAME"},
                                                       {.name = "libver", .token = "LIB-VER"}};

inline constexpr ArgSpec kClientSetinfoArgs[] = {
    {.name = "attr", .type = ArgType::kOneof, .args = kClientSetinfoAttributes}};

inline constexpr std::string_view kClientSetinfoTips[] = {"request_policy:all_nodes",
                                                          "response_policy:all_succeeded"};

}  // namespace nuthatch::commands
