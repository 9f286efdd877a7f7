// Session: a connection without its socket: the bytes that arrived, the commands in them, their
// replies in order.
//
// Owned by its connection; used only by its home shard's thread. The transport puts bytes in
// (InputSpace, Received), lets it work (Serve), and writes out what output() holds. Invariants:
//   1. Replies leave in the order of the commands, wherever these ran.
//   2. Behind a barrier nothing is parsed, run or posted before its reply is there.
//   3. What is in flight, and what waits to be written, is bounded: beyond the bounds nothing more
//   is parsed, and the
//      transport stops reading (WantsInput).
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "server/base/buffer.h"
#include "server/resp/parser.h"
#include "server/runtime/client.h"
#include "server/runtime/posting.h"

namespace nuthatch::runtime {

class Shard;
struct CommandBatch;

// Bytes read from one connection. Postings refer to it; it is the home shard's, and freed or kept
// for the next connection when nobody does.
struct InputChunk {
  base::Buffer bytes;
  size_t begin = 0;       // what is before was parsed
  uint32_t postings = 0;  // that hold views into it
  bool detached = false;  // no session reads into it any more
  std::string_view rest() const { return bytes.view().substr(begin); }
};

// What a session asks of the transport that it belongs to.
class Transport {
 public:
  virtual ~Transport() = default;
  // There are bytes in output(), or the session can be closed.
  virtual void OnOutput() = 0;
  // Serve() could do more than it could before.
  virtual void OnServable() = 0;
};

class Session {
 public:
  Session(Shard* shard, Transport* transport);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ClientState& client() { return client_; }

  // --- Input ---
  // Room to read into; what was written is then told by Received(). None (*size is 0) while a
  // command of this session runs, for its arguments are views into what was read.
  char* InputSpace(size_t* size);
  void Received(size_t count);
  // Whether the transport should read on.
  bool WantsInput() const;
  size_t input_bytes() const {
    return chunk_ == nullptr ? 0 : chunk_->bytes.size() - chunk_->begin;
  }
  size_t input_capacity() const { return chunk_ == nullptr ? 0 : chunk_->bytes.capacity(); }

  // Whether a command of this session is on the stack (it breathes): the session must stay.
  bool serving() const { return serving_; }
  // Runs or posts what has arrived, until it is done, must wait, or `end_ticks` has passed. True:
  // there is more to do now.
  bool Serve(uint64_t end_ticks);

  // --- Output ---
  base::Buffer& output() { return output_; }
  // Bytes that the transport holds besides output(), for the bounds.
  void set_unsent_bytes(size_t bytes) { unsent_bytes_ = bytes; }
  // CLIENT PAUSE is over, or never mind.
  void Unpause() { paused_ = false; }
  // Whether everything that was asked has been answered into output().
  bool idle() const { return queue_.empty() && !barrier_; }
  // Whether nothing more will be answered unless more bytes arrive.
  bool Exhausted() const { return idle() && !paused_ && (input_bytes() == 0 || starving_); }
  bool paused() const { return paused_; }
  size_t postings_in_flight() const { return postings_in_flight_; }
  // Bytes of replies that are there and wait behind others.
  size_t queued_bytes() const { return queued_bytes_; }

  // A posting came back (home shard only): its replies leave as soon as those before them have.
  void Complete(Posting* posting);
  // The connection is gone: replies are thrown away from now on.
  void Abandon();
  // Nothing more will arrive: as in Redis, who waits then for a key waits no longer.
  void NoteInputEnd();
  // Whether its last command waits for a key.
  bool blocked() const;
  // Ends that wait; false if there is none.
  bool EndWait(WaitEnd end);

 private:
  friend class Dispatcher;
  // A reply, or several, in the queue: a posting, or bytes that were ready behind one.
  struct Pending {
    Posting* posting = nullptr;
    base::Buffer bytes;
  };

  bool MayParse() const;
  // Whether more commands may be posted: their replies are estimated by those before them.
  bool MayPost() const;
  // How many commands the next posting may hold.
  size_t PostingLimit() const;
  // Keeps an inline command as it was sent, for it is unescaped where it stands.
  void KeepLine(const char* data, size_t size);
  // Parses up to batch_limit_ commands, up to and with the first barrier.
  void ParseBatch(CommandBatch& batch);
  // The commands from `taken` on go back to the input.
  void GiveBack(const CommandBatch& batch, size_t taken);
  void FailProtocol();
  // Where the next reply belongs: output() if nothing stands before it.
  base::Buffer& ReplyTarget();
  // Puts a decided posting on its way, and in the queue.
  void Launch(Posting* posting);
  // Takes out of an outdated posting what is refused now.
  void DecideAgain(Posting& posting);
  void DrainQueue();
  void Emit(Posting& posting);
  void TuneBatch(size_t commands, size_t reply_bytes);
  bool MustAuthenticate() const;
  void DetachChunk();
  void NoteCommand(const ParsedCommand& command);

  Shard* shard_;
  Transport* transport_;
  ClientState client_;
  resp::RequestParser parser_;
  InputChunk* chunk_ = nullptr;
  base::Buffer output_;
  std::deque<Pending> queue_;
  size_t postings_in_flight_ = 0;
  size_t commands_in_flight_ = 0;
  size_t bytes_in_flight_ = 0;
  size_t reply_estimate_;  // bytes that a reply is expected to have
  size_t queued_bytes_ = 0;
  size_t unsent_bytes_ = 0;
  uint32_t batch_limit_;
  bool barrier_ = false;
  Posting* may_wait_ = nullptr;  // in flight, with a blocking command
  bool input_ended_ = false;
  bool serving_ = false;  // a command of this session runs at this moment (it may breathe)
  bool abandoned_ = false;
  bool paused_ = false;            // CLIENT PAUSE holds its next command
  bool waits_for_flight_ = false;  // its next command is decided when nothing is in flight
  bool protocol_failed_ = false;
  bool starving_ = false;   // the parser can't get further without more bytes
  size_t batch_end_ = 0;    // where the batch's last command ends in the chunk
  std::string raw_inline_;  // the last command of the batch as it was sent, if it was an inline one
};

}  // namespace nuthatch::runtime
