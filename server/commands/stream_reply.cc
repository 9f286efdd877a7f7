#include "server/commands/stream_reply.h"

namespace nuthatch::commands {

using values::Element;
using values::StreamId;
using values::StreamReader;

void WriteStreamId(resp::ReplyWriter& reply, StreamId id) {
  values::StreamIdText text;
  reply.Bulk(values::FormatStreamId(id, text));
}

void WriteEntry(resp::ReplyWriter& reply, StreamReader& reader) {
  reply.Array(2);
  WriteStreamId(reply, reader.id());
  reply.Array(static_cast<size_t>(reader.field_count()) * 2);
  reader.ForEachField([&](const Element& field, const Element& value) {
    values::NumberText number;
    reply.Bulk(field.Text(number));
    reply.Bulk(value.Text(number));
  });
}

bool WriteEntryOf(resp::ReplyWriter& reply, const values::Stream& stream, StreamId id) {
  StreamReader reader(stream, id, id);
  if (!reader.Next()) return false;
  WriteEntry(reply, reader);
  return true;
}

}  // namespace nuthatch::commands
