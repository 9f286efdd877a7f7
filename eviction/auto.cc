// auto: S3-FIFO whose parameters are chosen by shadow caches.
//
// Which share of memory the small queue should have, and how often a key must be used there to pass
// into the main one, depends on the requests: a tenth where popularity hardly changes, a fifth
// and more where keys come in bursts. See shadow_caches.h for how this is found out. A change takes
// effect from one pick to the next; no key is touched for it.
#include <memory>
#include <string>

#include <fmt/format.h>

#include "eviction/s3fifo.h"
#include "eviction/shadow_caches.h"

namespace nuthatch::eviction {
namespace {

class AutoPolicy final : public S3FifoPolicy<5> {
 public:
  explicit AutoPolicy(const Parameters& parameters) : S3FifoPolicy<5>(parameters) {}

  AccessHook BeginBatch(int64_t now_ms) override {
    step_hook_ = S3FifoPolicy<5>::BeginBatch(now_ms);
    return AccessHook().Call(&AutoPolicy::OnAccess, this);
  }

  KeyMeta OnInsert(uint64_t hash, uint64_t bytes, int64_t now_ms) override {
    OnRequest(hash);
    return S3FifoPolicy<5>::OnInsert(hash, bytes, now_ms);
  }

  Pick PickVictim(View& view, const Scope& scope, int64_t now_ms) override {
    if (uint64_t before = keys(), now = view.Count(scope); now != before && now > 0) {
      shadows_.SetKeys(now);
    }
    return S3FifoPolicy<5>::PickVictim(view, scope, now_ms);
  }

  size_t metadata_bytes() const override {
    return S3FifoPolicy<5>::metadata_bytes() + shadows_.bytes();
  }

  std::vector<std::pair<std::string, std::string>> Info() const override {
    auto info = S3FifoPolicy<5>::Info();
    info.emplace_back("tuner_small_share", fmt::format("{:.2f}", small_share()));
    info.emplace_back("tuner_promote_at", std::to_string(promote_at()));
    info.emplace_back("tuner_changes", std::to_string(changes_));
    for (size_t i = 0; i < ShadowCaches::kShadows; ++i) {
      const ShadowCaches::Shape& shape = ShadowCaches::kShapes[i];
      info.emplace_back(fmt::format("tuner_shadow_{:.2f}_{}", shape.small_share, shape.promote_at),
                        fmt::format("{:.2f}", shadows_.hit_ratio(i)));
    }
    return info;
  }

 private:
  static Changed OnAccess(Policy* policy, uint64_t hash, KeyMeta& meta, AccessKind kind) {
    auto* self = static_cast<AutoPolicy*>(policy);
    self->OnRequest(hash);
    return self->step_hook_.OnAccess(hash, meta, kind);
  }

  void OnRequest(uint64_t hash) {
    if (!shadows_.Samples(hash)) [[likely]] {
      return;
    }
    if (!shadows_.OnRequest(hash)) return;
    ++changes_;
    Tune(shadows_.shape().small_share, shadows_.shape().promote_at);
  }

  ShadowCaches shadows_;
  AccessHook step_hook_;
  uint64_t changes_ = 0;
};

}  // namespace

std::unique_ptr<Policy> MakeAuto(const Parameters& parameters) {
  return std::make_unique<AutoPolicy>(parameters);
}

}  // namespace nuthatch::eviction
