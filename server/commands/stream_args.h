// How the stream commands read IDs and intervals, by Redis's rules and with its error texts.
//
// Any thread that runs a command.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/commands/errors.h"
#include "server/runtime/context.h"
#include "server/values/stream_id.h"

namespace nuthatch::commands {

struct ParsedStreamId {
  values::StreamId id;
  bool has_seq = true;  // false for "<ms>-*"; then id.seq is 0
};
enum class IdForm : uint8_t {
  kStrict,    // "<ms>-<seq>", "<ms>"
  kOrEnds,    // also "-" and "+", the least and the greatest ID
  kOrAutoSeq  // also "<ms>-*"
};
// nullopt if it is none. `missing_seq` stands in for what "<ms>" lacks.
std::optional<ParsedStreamId> ParseStreamId(std::string_view text, IdForm form,
                                            uint64_t missing_seq);

// A strict one, or another form's, with 0 for what it lacks.
std::optional<values::StreamId> StreamIdOrReply(runtime::CommandContext& context,
                                                std::string_view text,
                                                IdForm form = IdForm::kStrict);

// The ends of an interval, which may be open ("(" before a strict ID); as the first and the last ID
// in it.
std::optional<values::StreamId> IntervalStartOrReply(runtime::CommandContext& context,
                                                     std::string_view text);
std::optional<values::StreamId> IntervalEndOrReply(runtime::CommandContext& context,
                                                   std::string_view text);

}  // namespace nuthatch::commands
