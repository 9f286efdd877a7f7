// Mailbox: where a shard's work arrives from everybody. Many producers, one consumer (the shard's
// thread).
//
// Two lanes: operations, whose order is the order of the server (DESIGN section 3), and answers:
// postings that come back, and calls. Invariants:
//   1. Operations are taken out in the order in which they were put in; the whole lane at a time.
//   2. time() never falls, and version() never falls.
//   3. Whoever puts operations into several mailboxes holds all their locks at once, taken in the
//   order of the shards.
//   4. The consumer says that it sleeps before it looks for the last time; a producer puts first,
//   then looks whether
//      the consumer sleeps. So no message is left lying.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include <uv.h>

#include "server/runtime/tiny_lock.h"

namespace nuthatch::runtime {

// What lies in a mailbox: a link inside the thing that is sent. Owned by the sender's protocol,
// never by the mailbox.
struct Message {
  enum class Kind : uint8_t { kPart, kCompletion, kCall };
  explicit Message(Kind message_kind) : kind(message_kind) {}
  Message* next = nullptr;
  Kind kind;
};

// A function to run on the shard's thread, outside of any command. Deleted by the shard after it
// ran.
struct CallMessage : Message {
  explicit CallMessage(std::function<void()> call) : Message(Kind::kCall), run(std::move(call)) {}
  std::function<void()> run;
};

class Mailbox {
 public:
  // --- Producers ---
  void Lock() { lock_.Lock(); }
  void Unlock() { lock_.Unlock(); }
  // REQUIRES for these: Lock() is held.
  int64_t time() const { return time_; }
  void set_time(int64_t time) { time_ = time; }
  uint64_t version() const { return version_; }
  void set_version(uint64_t version) { version_ = version; }
  bool empty_locked() const { return head_ == nullptr; }
  void PutOperation(Message* message) {
    message->next = nullptr;
    *tail_ = message;
    tail_ = &message->next;
    waiting_.store(true, std::memory_order_seq_cst);
  }

  // Puts into the answers' lane; no lock.
  void PutAnswer(Message* message) {
    Message* head = answers_.load(std::memory_order_relaxed);
    do {
      message->next = head;
    } while (!answers_.compare_exchange_weak(head, message, std::memory_order_seq_cst,
                                             std::memory_order_relaxed));
  }
  // After putting: wakes the consumer if it has said that it sleeps.
  void Wake() {
    if (asleep_.load(std::memory_order_seq_cst) && asleep_.exchange(false)) uv_async_send(async_);
  }

  // --- The consumer ---
  // Before any message arrives. `async` belongs to the consumer's loop.
  void Open(uv_async_t* async) { async_ = async; }
  // Whether an operation waits: one atomic load.
  bool HasOperations() const { return waiting_.load(std::memory_order_seq_cst); }
  bool HasAnswers() const { return answers_.load(std::memory_order_seq_cst) != nullptr; }
  // All operations, first in first, linked by `next`.
  Message* TakeOperations() {
    TinyLockGuard guard(lock_);
    Message* head = head_;
    head_ = nullptr;
    tail_ = &head_;
    waiting_.store(false, std::memory_order_relaxed);
    return head;
  }
  // All answers, first in first.
  Message* TakeAnswers() {
    if (answers_.load(std::memory_order_relaxed) == nullptr) return nullptr;
    Message* stack = answers_.exchange(nullptr, std::memory_order_acquire);
    Message* first = nullptr;
    while (stack != nullptr) {
      Message* next = stack->next;
      stack->next = first;
      first = stack;
      stack = next;
    }
    return first;
  }
  void SaySleeping() { asleep_.store(true, std::memory_order_seq_cst); }
  void SayAwake() { asleep_.store(false, std::memory_order_relaxed); }

 private:
  alignas(64) TinyLock lock_;
  Message* head_ = nullptr;  // by lock_
  Message** tail_ = &head_;  // by lock_
  int64_t time_ = 0;         // by lock_; milliseconds, the largest time posted here
  uint64_t version_ = 0;     // by lock_; of the snapshots
  std::atomic<bool> waiting_{false};
  alignas(64) std::atomic<Message*> answers_{nullptr};
  std::atomic<bool> asleep_{false};
  uv_async_t* async_ = nullptr;
};

}  // namespace nuthatch::runtime
