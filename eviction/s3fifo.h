// S3FifoPolicy: S3-FIFO by tags; s3fifo itself, and what auto and s3fifo-size are made from.
//
// The first queue is the small one, the second the main one. The own bits of a tag are two bits of
// uses, the lower ones, and whatever a derived policy puts above them.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "eviction/ghost_table.h"
#include "eviction/tag_policy.h"

namespace nuthatch::eviction {

template <int kEpochBits>
class S3FifoPolicy : public TagPolicy<kEpochBits> {
 public:
  explicit S3FifoPolicy(const Parameters& parameters) : Base(parameters) {}

  AccessHook BeginBatch(int64_t now_ms) override {
    return Base::BeginBatch(now_ms).StepTag(Steps().data());
  }

  KeyMeta OnInsert(uint64_t hash, uint64_t bytes, int64_t now_ms) override {
    KeyMeta meta = Base::OnInsert(hash, bytes, now_ms);
    uint32_t mark = MarkOf(bytes);
    int lag = LagOf(bytes);
    if (ghosts_.Take(hash)) {
      ++ghost_hits_;
      meta.tag = this->EnterSecond(mark, lag);
      return meta;
    }
    // While memory fills up, all keys are in the small queue: its epochs grow with them.
    if (this->first_count() > 2 * small_share_ * static_cast<double>(this->keys())) {
      this->first().SetLength(static_cast<uint64_t>(this->first_count()));
    }
    meta.tag = this->EnterFirst(mark, lag);
    this->CountInsert(meta.tag);
    return meta;
  }

  void OnRemove(uint64_t hash, const KeyMeta& meta, uint64_t /*bytes*/,
                RemoveReason reason) override {
    this->CountRemove(meta.tag, reason);
    if (reason == RemoveReason::kEvicted && (meta.tag & Base::kSecond) == 0) {
      ghosts_.Remember(hash);
    }
  }

  size_t metadata_bytes() const override { return ghosts_.bytes(); }

  std::vector<std::pair<std::string, std::string>> Info() const override {
    return {{"ghost_hits", std::to_string(ghost_hits_)}};
  }
  void ResetCounts() override { ghost_hits_ = 0; }

 protected:
  using Base = TagPolicy<kEpochBits>;
  using Verdict = typename Base::Verdict;
  static constexpr uint32_t kMostUses = 3;
  static constexpr uint32_t UsesOf(uint8_t tag) { return Base::OwnOf(tag) & kMostUses; }
  static constexpr uint32_t MarkOfTag(uint8_t tag) { return Base::OwnOf(tag) & ~kMostUses; }

  // One use more, up to three.
  static const std::array<uint8_t, 256>& Steps() {
    static const std::array<uint8_t, 256> steps = [] {
      std::array<uint8_t, 256> next;
      for (uint32_t tag = 0; tag < 256; ++tag) {
        bool full = UsesOf(static_cast<uint8_t>(tag)) == kMostUses;
        next[tag] = static_cast<uint8_t>(full ? tag : tag + (1U << Base::kOwnShift));
      }
      return next;
    }();
    return steps;
  }

  // The share of the small queue, and the uses that let a key pass from it into the main one.
  void Tune(double small_share, uint32_t promote_at) {
    small_share_ = small_share;
    promote_at_ = promote_at;
    this->FitLengths();
  }
  double small_share() const { return small_share_; }
  uint32_t promote_at() const { return promote_at_; }

  // --- For derived policies ---
  // Bits above the two of uses, for a key of that size.
  virtual uint32_t MarkOf(uint64_t /*bytes*/) { return 0; }
  // How many epochs it enters its queue back from its end.
  virtual int LagOf(uint64_t /*bytes*/) { return 0; }
  // The same for a round more in the main queue, by what the tag still says.
  virtual int LagOfMark(uint32_t /*mark*/) { return 0; }

  void SetLengths(uint64_t keys) override {
    auto all = static_cast<double>(keys);
    this->first().SetLength(
        static_cast<uint64_t>(std::max(small_share_ * all, this->first_count())));
    this->second().SetLength(static_cast<uint64_t>(all * (1 - small_share_)));
    ghosts_.SetCapacity(std::max<uint64_t>(1, keys - keys / 10));
  }

  bool WantsFirst() override { return this->first_share() >= small_share_; }

  Verdict Judge(uint8_t& tag, bool due) override {
    bool in_main = (tag & Base::kSecond) != 0;
    uint32_t uses = UsesOf(tag);
    if (uses < (in_main ? 1 : promote_at_)) return Verdict::kCandidate;
    if (!due) return Verdict::kStays;
    uint32_t mark = MarkOfTag(tag);
    tag = this->EnterSecond(mark | (in_main ? uses - 1 : 0), LagOfMark(mark));
    return Verdict::kMoved;
  }

 private:
  double small_share_ = 0.1;
  uint32_t promote_at_ = 2;
  GhostTable ghosts_;
  uint64_t ghost_hits_ = 0;
};

}  // namespace nuthatch::eviction
