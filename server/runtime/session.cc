#include "server/runtime/session.h"

#include <algorithm>
#include <cstring>

#include "server/resp/reply_writer.h"
#include "server/runtime/dispatcher.h"
#include "server/runtime/multi_dispatch.h"
#include "server/runtime/poster.h"
#include "server/runtime/shard.h"
#include "server/runtime/ticks.h"

namespace nuthatch::runtime {
namespace {

constexpr size_t kChunkBytes = 16 * 1024;
// Below this room a chunk is not read into any more.
constexpr size_t kMinimumRead = 4 * 1024;
// A posting's commands: few at first, more when replies turn out to be small, because their size is
// not known before.
constexpr uint32_t kFirstBatch = 8;
constexpr uint32_t kMostBatch = 128;
constexpr size_t kSmallReplies = 256 * 1024;
constexpr size_t kLargeReplies = 4 * 1024 * 1024;
// The bounds of what a connection may have in flight or waiting.
constexpr size_t kMostPostings = 16;
constexpr size_t kMostCommandsInFlight = size_t{2} * kMostBatch;
// Postings, with the replies between them, that wait behind one that is slow.
constexpr size_t kMostQueued = 64;
constexpr size_t kMostBytesInFlight = 64 * 1024 * 1024;
constexpr size_t kOutputHighWater = 32 * 1024 * 1024;
// What a reply is expected to have before one was seen: the first posting is awaited.
constexpr size_t kFirstEstimate = kOutputHighWater / kFirstBatch;
// Unparsed input beyond which the transport stops reading, unless one command needs more.
constexpr size_t kInputHighWater = 1024 * 1024;

// Whether the command that has waited was answered with an error, which is then in `*error`.
bool FailedAfterWait(const Posting& posting, std::string_view* error) {
  if (posting.waiter == nullptr || !posting.waiter->registered()) return false;
  const PostingItem& item = posting.items[posting.waiter->item()];
  if (item.kind == PostingItem::Kind::kOneShard) {
    const ReplyRun& replies = posting.parts[item.where]->replies;
    *error = replies.Reply(replies.count() - 1);
  } else {
    *error = posting.transactions[item.where].reply.view();
  }
  if (!error->starts_with('-')) return false;
  error->remove_prefix(1);
  return true;
}

}  // namespace

Session::Session(Shard* shard, Transport* transport)
    : shard_(shard),
      transport_(transport),
      reply_estimate_(kFirstEstimate),
      batch_limit_(kFirstBatch) {}

Session::~Session() {
  CHECK(postings_in_flight_ == 0);
  MultiDispatch::Abandon(*shard_, client_);
  DetachChunk();
}

void Session::Abandon() {
  abandoned_ = true;
  EndWait(WaitEnd::kClosed);
  MultiDispatch::Abandon(*shard_, client_);
}

void Session::NoteInputEnd() {
  input_ended_ = true;
  EndWait(WaitEnd::kClosed);
}

bool Session::blocked() const { return may_wait_ != nullptr && may_wait_->waiter->waiting(); }

bool Session::EndWait(WaitEnd end) {
  return may_wait_ != nullptr && Blocking::End(shard_->node(), may_wait_->waiter, end);
}

void Session::DetachChunk() {
  if (chunk_ == nullptr) return;
  chunk_->detached = true;
  if (chunk_->postings == 0) shard_->Recycle(chunk_);
  chunk_ = nullptr;
}

char* Session::InputSpace(size_t* size) {
  *size = 0;
  if (serving_) return nullptr;
  const size_t rest = input_bytes();
  const size_t wanted = parser_.wanted();
  // What is announced is taken on trust only as far as what has come: the room grows by doubling.
  size_t roomy = std::max(kChunkBytes, 2 * rest + kMinimumRead);
  if (wanted > rest) roomy = std::min(roomy, std::max(wanted, rest + kMinimumRead));
  if (chunk_ != nullptr && chunk_->postings == 0) {
    base::Buffer& bytes = chunk_->bytes;
    size_t room = bytes.capacity() - bytes.size();
    bool fits = room > 0 && wanted > rest && chunk_->begin + wanted <= bytes.capacity();
    if (rest == 0) {
      bytes.Clear();
      chunk_->begin = 0;
    } else if (room < kMinimumRead && !fits) {
      bytes.Consume(chunk_->begin);
      chunk_->begin = 0;
      if (bytes.capacity() < rest + kMinimumRead) bytes.Reserve(roomy);
    }
  } else if (chunk_ == nullptr || chunk_->bytes.capacity() - chunk_->bytes.size() < kMinimumRead) {
    InputChunk* fresh = shard_->NewChunk(std::max(kChunkBytes, roomy));
    if (rest > 0) fresh->bytes.Append(chunk_->rest());
    DetachChunk();
    chunk_ = fresh;
  }
  *size = chunk_->bytes.capacity() - chunk_->bytes.size();
  return chunk_->bytes.Prepare(*size);
}

void Session::Received(size_t count) {
  chunk_->bytes.Commit(count);
  shard_->stats().net_input_bytes += count;
}

bool Session::WantsInput() const {
  if (protocol_failed_ || abandoned_ || client_.close_after_reply) return false;
  if (output_.size() + unsent_bytes_ + queued_bytes_ > kOutputHighWater) return false;
  // A barrier, or too much in flight, leaves the input lying; one big command alone may fill it.
  return input_bytes() < kInputHighWater || starving_;
}

bool Session::MayPost() const {
  if (postings_in_flight_ == 0) return true;
  return postings_in_flight_ < kMostPostings && bytes_in_flight_ < kMostBytesInFlight &&
         commands_in_flight_ < kMostCommandsInFlight && queue_.size() < kMostQueued &&
         commands_in_flight_ * reply_estimate_ < kOutputHighWater;
}

bool Session::MayParse() const {
  if (barrier_ || paused_ || protocol_failed_ || serving_ || abandoned_) return false;
  if (client_.close_after_reply || client_.close_now) return false;
  if (waits_for_flight_ && postings_in_flight_ > 0) return false;
  return MayPost() && output_.size() + unsent_bytes_ + queued_bytes_ <= kOutputHighWater;
}

size_t Session::PostingLimit() const {
  return std::clamp<size_t>(kOutputHighWater / std::max<size_t>(reply_estimate_, 1), 1,
                            batch_limit_);
}

bool Session::MustAuthenticate() const {
  return !client_.authenticated && !shard_->config().requirepass.empty();
}

void Session::KeepLine(const char* data, size_t size) {
  const void* end = std::memchr(data, '\n', std::min(size, resp::kMaxLineBytes + 2));
  if (end != nullptr) raw_inline_.assign(data, static_cast<const char*>(end) + 1);
}

void Session::ParseBatch(CommandBatch& batch) {
  const config::Config& config = shard_->config();
  resp::RequestParser::Limits limits;
  limits.max_bulk_bytes = static_cast<int64_t>(config.proto_max_bulk_len);
  limits.authenticated = !MustAuthenticate();
  size_t skipped = 0;  // empty commands' bytes, counted with the next one
  // What runs here is bounded as it goes; only postings have to be cautious.
  size_t limit = shard_->node().shard_count() == 1 ? kMostBatch : PostingLimit();
  while (batch.commands.size() < limit && chunk_ != nullptr &&
         chunk_->begin < chunk_->bytes.size()) {
    char* data = chunk_->bytes.data() + chunk_->begin;
    size_t size = chunk_->bytes.size() - chunk_->begin;
    bool inlined = *data != '*';
    raw_inline_.clear();
    if (inlined) KeepLine(data, size);
    size_t consumed = 0;
    size_t arg_begin = batch.args.size();
    auto status = parser_.Next(data, size, limits, &consumed, &batch.args);
    if (status == resp::RequestParser::Status::kIncomplete) {
      raw_inline_.clear();
      starving_ = batch.commands.empty();
      return;
    }
    if (status == resp::RequestParser::Status::kError) {
      // Commands before it may be given back: then it is met again, as it was sent.
      if (!raw_inline_.empty()) std::memcpy(data, raw_inline_.data(), raw_inline_.size());
      raw_inline_.clear();
      protocol_failed_ = true;
      return;
    }
    chunk_->begin += consumed;
    skipped += consumed;
    if (batch.args.size() == arg_begin) {
      raw_inline_.clear();
      continue;
    }
    Dispatcher::Append(*shard_, batch, arg_begin, skipped);
    skipped = 0;
    batch_end_ = chunk_->begin;
    const ParsedCommand& command = batch.commands.back();
    // An inline command was unescaped where it stood; to be given back it has to be the last one.
    if (inlined) return;
    if (command.entry != nullptr && (command.entry->spec->flags & kBarrier) != 0) return;
  }
}

void Session::GiveBack(const CommandBatch& batch, size_t taken) {
  size_t bytes = 0;
  for (size_t i = taken; i < batch.commands.size(); ++i) bytes += batch.commands[i].input_bytes;
  if (bytes == 0) return;
  // The parser may have begun with what stands behind them: it begins again.
  parser_ = resp::RequestParser();
  size_t end = batch_end_;
  if (!raw_inline_.empty()) {
    std::memcpy(chunk_->bytes.data() + end - raw_inline_.size(), raw_inline_.data(),
                raw_inline_.size());
  }
  chunk_->begin = end - bytes;
}

bool Session::Serve(uint64_t end_ticks) {
  if (serving_) return false;
  if (waits_for_flight_ && postings_in_flight_ == 0) waits_for_flight_ = false;
  starving_ = false;
  bool more = false;
  while (MayParse()) {
    CommandBatch& batch = shard_->AcquireBatch();
    raw_inline_.clear();
    ParseBatch(batch);
    size_t parsed = batch.commands.size();
    size_t taken = 0;
    if (parsed > 0) {
      serving_ = true;
      taken = Dispatcher::Dispatch(*shard_, *this, batch);
      serving_ = false;
      // What came back while a command breathed.
      DrainQueue();
      if (taken < parsed) {
        GiveBack(batch, taken);
        // What was behind them, a protocol error too, is met again.
        if (protocol_failed_) protocol_failed_ = false;
      }
    }
    shard_->ReleaseBatch();
    if (protocol_failed_ && !client_.close_after_reply) FailProtocol();
    // Who is to be closed at once gets nothing more.
    if (client_.close_now) output_.Clear();
    if (!output_.empty() || client_.close_after_reply || client_.close_now) transport_->OnOutput();
    if (parsed == 0 || taken == 0) break;
    if (Ticks::Now() >= end_ticks) {
      more = MayParse() && input_bytes() > 0;
      break;
    }
  }
  // An idle connection holds no memory for input; the next one to read gets the warm chunk.
  if (chunk_ != nullptr && input_bytes() == 0) DetachChunk();
  return more;
}

void Session::FailProtocol() {
  std::string text = "ERR ";
  text.append(parser_.error());
  base::Buffer& out = ReplyTarget();
  size_t before = out.size();
  // CLIENT REPLY SKIP is for this, too, when it came last.
  if (client_.reply_mode == ReplyMode::kOn) resp::ReplyWriter(&out, client_.protocol).Error(text);
  if (&out != &output_) queued_bytes_ += out.size() - before;
  shard_->executor().CountRefusal(nullptr, text);
  client_.close_after_reply = true;
}

base::Buffer& Session::ReplyTarget() {
  if (queue_.empty()) return output_;
  if (queue_.back().posting != nullptr) queue_.emplace_back();
  return queue_.back().bytes;
}

void Session::NoteCommand(const ParsedCommand& command) {
  bool known =
      command.fault == ParsedCommand::Fault::kNone || command.fault == ParsedCommand::Fault::kArity;
  client_.last_command = known ? command.entry->spec : nullptr;
  client_.last_container = known ? command.entry->container : nullptr;
}

void Session::Launch(Posting* posting) {
  if (posting->HasWork()) {
    posting->chunk = chunk_;
    ++chunk_->postings;
    ++postings_in_flight_;
    bytes_in_flight_ += posting->input_bytes;
    commands_in_flight_ += posting->items.size();
    barrier_ = posting->barrier;
    queue_.emplace_back().posting = posting;
    if (posting->waiter != nullptr) {
      may_wait_ = posting;
      if (input_ended_) EndWait(WaitEnd::kClosed);
    }
    Shard* shard = shard_;
    shard->ExpectAnswer();
    for (;;) {
      switch (Post(shard->node(), shard, shard->version(), shard->now_ms(), *posting)) {
        case PostOutcome::kPosted:
          shard->stats().posted_messages += posting->part_count;
          return;
        case PostOutcome::kPostedOwnPartNow:
          shard->stats().posted_messages += posting->part_count - 1;
          shard->RunPart(&posting->PartOf(static_cast<uint16_t>(shard->index())));
          return;
        case PostOutcome::kOutdated:
          shard->RefreshSnapshots();
          DecideAgain(*posting);
          break;
      }
      if (posting->HasWork()) continue;
      // Nothing of it is left to be posted: the answer comes by the same way as any.
      shard->mailbox().PutAnswer(posting);
      return;
    }
  }
  base::Buffer& out = ReplyTarget();
  size_t before = out.size();
  posting->EmitReplies(out);
  if (&out != &output_) queued_bytes_ += out.size() - before;
  shard_->Recycle(posting);
}

void Session::DecideAgain(Posting& posting) {
  for (uint32_t index = 0; index < posting.items.size(); ++index) {
    PostingItem& item = posting.items[index];
    if (item.kind == PostingItem::Kind::kReplied) continue;
    std::optional<std::string> refusal = Dispatcher::RefusalAgain(*shard_, *this, posting, item);
    if (!refusal.has_value()) continue;
    item.kind = PostingItem::Kind::kReplied;
    item.where = static_cast<uint32_t>(posting.home_replies.count());
    resp::ReplyWriter(&posting.home_replies.bytes(), posting.CallerOf(item).protocol)
        .Error(*refusal);
    posting.home_replies.EndReply();
    shard_->executor().CountRefusal(item.command.entry, *refusal);
    for (size_t i = 0; i < posting.part_count; ++i) std::erase(posting.parts[i]->items, index);
  }
}

void Session::Complete(Posting* posting) {
  posting->complete = true;
  --postings_in_flight_;
  bytes_in_flight_ -= posting->input_bytes;
  commands_in_flight_ -= posting->items.size();
  queued_bytes_ += posting->ReplyBytes();
  // When its command began to wait, it was counted as one without an error.
  if (std::string_view error; FailedAfterWait(*posting, &error)) {
    shard_->executor().CountFailure(*posting->items[posting->waiter->item()].command.entry, error);
  }
  if (posting->barrier) {
    barrier_ = false;
    may_wait_ = nullptr;
    if (client_.multi != nullptr) {
      client_.multi->executing = false;
      if (client_.multi->idle()) client_.multi = nullptr;
    }
  }
  InputChunk* chunk = posting->chunk;
  if (--chunk->postings == 0 && chunk->detached) shard_->Recycle(chunk);
  // A command of this session that breathes holds on to where its reply goes.
  if (!serving_) DrainQueue();
  transport_->OnOutput();
  transport_->OnServable();
}

void Session::DrainQueue() {
  while (!queue_.empty()) {
    Pending& first = queue_.front();
    if (first.posting != nullptr) {
      if (!first.posting->complete) return;
      queued_bytes_ -= first.posting->ReplyBytes();
      Emit(*first.posting);
      shard_->Recycle(first.posting);
    } else {
      if (!abandoned_) output_.Append(first.bytes.view());
      queued_bytes_ -= first.bytes.size();
    }
    queue_.pop_front();
  }
}

void Session::Emit(Posting& posting) {
  if (!abandoned_) posting.EmitReplies(output_);
  TuneBatch(posting.items.size(), posting.ReplyBytes());
}

void Session::TuneBatch(size_t commands, size_t reply_bytes) {
  reply_estimate_ = std::max(reply_bytes / std::max<size_t>(commands, 1), reply_estimate_ / 2);
  if (reply_bytes < kSmallReplies && commands >= batch_limit_)
    batch_limit_ = std::min(batch_limit_ * 2, kMostBatch);
  if (reply_bytes > kLargeReplies) batch_limit_ = std::max(batch_limit_ / 4, 1u);
}

}  // namespace nuthatch::runtime
