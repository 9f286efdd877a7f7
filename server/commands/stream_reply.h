// How the stream commands write IDs and entries.
//
// Any thread that runs a command.
#pragma once

#include <cstdint>

#include "server/resp/reply_writer.h"
#include "server/runtime/context.h"
#include "server/values/stream.h"

namespace nuthatch::commands {

void WriteStreamId(resp::ReplyWriter& reply, values::StreamId id);

// The entry that the reader is at: its ID, fields and values.
void WriteEntry(resp::ReplyWriter& reply, values::StreamReader& reader);
// The entry of an ID; false, and nothing is written, if there is none.
bool WriteEntryOf(resp::ReplyWriter& reply, const values::Stream& stream, values::StreamId id);

// Writes an array of entries, at most `count` of them (0: all), and calls visit(StreamId) behind
// each. `visit` must not change the stream.
template <typename Visit>
void WriteEntries(runtime::CommandContext& context, values::StreamReader reader, uint64_t count,
                  const Visit& visit) {
  // Sockets are served after about so many.
  constexpr uint64_t kEntriesBetweenBreaths = 2048;
  resp::ReplyWriter& reply = context.reply();
  size_t mark = reply.BeginDeferred();
  uint64_t written = 0;
  while ((count == 0 || written < count) && reader.Next()) {
    WriteEntry(reply, reader);
    visit(reader.id());
    if (++written % kEntriesBetweenBreaths == 0) context.Breathe();
  }
  reply.EndDeferredArray(mark, written);
}

}  // namespace nuthatch::commands
