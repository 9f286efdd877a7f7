#include "server/values/stream.h"

namespace nuthatch::values {

StreamReader::StreamReader(const Stream& stream, StreamId start, StreamId end, Direction direction)
    : nodes_(stream.nodes()), start_(start), end_(end), direction_(direction) {
  if (direction == Direction::kForward) {
    StreamNodes::Place place = nodes_.Floor(start);
    EnterNode(place ? place : nodes_.First());
  } else {
    EnterNode(nodes_.Floor(end));
  }
}

void StreamReader::EnterNode(StreamNodes::Place place) {
  place_ = place;
  if (!place) return;
  listpack_ = nodes_.At(place).listpack();
  master_ = stream_node::ReadMaster(listpack_);
  at_ = direction_ == Direction::kForward ? master_.entries_at : listpack_.End();
}

bool StreamReader::Next() {
  return direction_ == Direction::kForward ? NextForward() : NextBackward();
}

bool StreamReader::NextForward() {
  while (place_) {
    if (inside_) at_ = stream_node::Behind(listpack_, entry_);
    inside_ = at_ != listpack_.End();
    if (!inside_) {
      EnterNode(nodes_.Next(place_));
      continue;
    }
    entry_ = stream_node::ReadEntry(listpack_, master_, nodes_.At(place_).id, at_);
    if (entry_.deleted() || entry_.id < start_) continue;
    if (entry_.id > end_) break;
    return true;
  }
  place_ = {};
  return false;
}

bool StreamReader::NextBackward() {
  while (place_) {
    at_ = stream_node::Before(listpack_, master_, at_);
    if (at_ == 0) {
      EnterNode(nodes_.Previous(place_));
      continue;
    }
    entry_ = stream_node::ReadEntry(listpack_, master_, nodes_.At(place_).id, at_);
    if (entry_.deleted() || entry_.id > end_) continue;
    if (entry_.id < start_) break;
    return true;
  }
  place_ = {};
  return false;
}

}  // namespace nuthatch::values
