#include "eviction/simulate.h"

#include <algorithm>
#include <chrono>

#include "server/base/check.h"

namespace nuthatch::eviction {

namespace {

constexpr int64_t kStartMs = 1'700'000'000'000;
constexpr int64_t kFarDeadlineMs = kStartMs * 2;
constexpr int64_t kTickMs = 100;

}  // namespace

SimulatedCache::SimulatedCache(const PolicyChoice& choice, const Parameters& parameters,
                               const Capacity& capacity)
    : policy_(choice.Make(parameters)),
      scope_(choice.scope()),
      capacity_(capacity),
      buckets_(kFirstBuckets) {
  policy_->SetCapacity(capacity.bytes, capacity.keys);
}

uint64_t SimulatedCache::HashOf(uint64_t key) { return base::Random(key).Next(); }

SimulatedCache::Place SimulatedCache::Locate(uint64_t key) const {
  size_t bucket = BucketOf(HashOf(key));
  for (size_t i = 0; i < buckets_[bucket].size; ++i) {
    Slot& slot = const_cast<Slot&>(buckets_[bucket].slots[i]);
    if (slot.key == key) return {&slot, bucket};
  }
  return {};
}

void SimulatedCache::StartBatch(int64_t now_ms) {
  if (now_ms == batch_ms_) return;
  hook_ = policy_->BeginBatch(now_ms);
  if (now_ms / kTickMs != batch_ms_ / kTickMs) policy_->Tick(*this, now_ms);
  batch_ms_ = now_ms;
}

void SimulatedCache::Touch(Slot& slot, AccessKind kind) {
  KeyMeta meta = slot.meta;
  Changed changed = hook_.OnAccess(slot.hash, meta, kind);
  if (ChangedTag(changed)) slot.meta.tag = meta.tag;
  if (ChangedAccess(changed)) slot.meta.access = meta.access;
}

bool SimulatedCache::Get(uint64_t key, int64_t now_ms) {
  StartBatch(now_ms);
  Place place = Locate(key);
  if (place.slot == nullptr) return false;
  Touch(*place.slot, AccessKind::kRead);
  return true;
}

bool SimulatedCache::Set(uint64_t key, uint64_t bytes, int64_t now_ms, int64_t deadline_ms) {
  StartBatch(now_ms);
  Place place = Locate(key);
  if (place.slot != nullptr) {
    uint64_t old_bytes = place.slot->bytes;
    if (!MakeRoom(bytes > old_bytes ? bytes - old_bytes : 0, 0, now_ms)) return false;
    place = Locate(key);  // it may have been evicted itself
  }
  if (place.slot == nullptr) {
    if (!MakeRoom(bytes, 1, now_ms)) return false;
  }
  if (place.slot == nullptr) {
    Slot slot{
        .key = key, .hash = HashOf(key), .bytes = bytes, .deadline_ms = deadline_ms, .meta = {}};
    slot.meta = policy_->OnInsert(slot.hash, bytes, now_ms);
    Insert(slot);
    return true;
  }
  Slot& slot = *place.slot;
  Touch(slot, AccessKind::kWrite);
  KeyMeta meta = slot.meta;
  Changed changed = policy_->OnUpdate(slot.hash, meta, slot.bytes, bytes);
  if (ChangedTag(changed)) slot.meta.tag = meta.tag;
  if (ChangedAccess(changed)) slot.meta.access = meta.access;
  volatile_size_ += (deadline_ms != kNeverExpires) - (slot.deadline_ms != kNeverExpires);
  bytes_ += bytes - slot.bytes;
  slot.bytes = bytes;
  slot.deadline_ms = deadline_ms;
  return true;
}

bool SimulatedCache::Remove(uint64_t key, RemoveReason reason) {
  Place place = Locate(key);
  if (place.slot == nullptr) return false;
  uint64_t hash = reason == RemoveReason::kFlushed ? 0 : place.slot->hash;
  policy_->OnRemove(hash, place.slot->meta, place.slot->bytes, reason);
  Erase(place);
  return true;
}

std::optional<uint64_t> SimulatedCache::Evict(int64_t now_ms) {
  for (int steps = 0; steps < kMaxSteps; ++steps) {
    Pick pick = policy_->PickVictim(*this, scope_, now_ms);
    if (pick.outcome == Pick::Outcome::kNone) return std::nullopt;
    if (pick.outcome == Pick::Outcome::kTryAgain) {
      ++retries_;
      continue;
    }
    uint64_t key = key_of(pick.victim);
    CHECK(Remove(key, RemoveReason::kEvicted));
    ++evictions_;
    return key;
  }
  return std::nullopt;
}

void SimulatedCache::Tick(int64_t now_ms) { policy_->Tick(*this, now_ms); }

void SimulatedCache::SetCapacity(const Capacity& capacity, int64_t now_ms) {
  capacity_ = capacity;
  policy_->SetCapacity(capacity.bytes, capacity.keys);
  MakeRoom(0, 0, now_ms);
}

void SimulatedCache::SwitchTo(const PolicyChoice& choice, const Parameters& parameters) {
  std::unique_ptr<Policy> policy = choice.Make(parameters);
  policy->SetCapacity(capacity_.bytes, capacity_.keys);
  policy->SwitchFrom(*policy_);
  policy_ = std::move(policy);
  scope_ = choice.scope();
  hook_ = AccessHook();
  batch_ms_ = -1;
}

bool SimulatedCache::MakeRoom(uint64_t bytes, uint64_t keys, int64_t now_ms) {
  while (size_ > 0 && !Fits(bytes, keys)) {
    if (!Evict(now_ms)) return false;
  }
  return true;
}

void SimulatedCache::Insert(const Slot& slot) {
  if (static_cast<double>(size_) >= static_cast<double>(buckets_.size()) * kFullest) Grow();
  while (buckets_[BucketOf(slot.hash)].size == kBucketSlots) Grow();
  Bucket& bucket = buckets_[BucketOf(slot.hash)];
  bucket.slots[bucket.size++] = slot;
  ++size_;
  bytes_ += slot.bytes;
  if (slot.deadline_ms != kNeverExpires) ++volatile_size_;
}

void SimulatedCache::Erase(const Place& place) {
  Bucket& bucket = buckets_[place.bucket];
  --size_;
  bytes_ -= place.slot->bytes;
  if (place.slot->deadline_ms != kNeverExpires) --volatile_size_;
  *place.slot = bucket.slots[--bucket.size];
  if (size_ >= shrink_below_ || buckets_.size() <= kFirstBuckets) return;
  Resize(buckets_.size() - buckets_.size() / 4);
  // Whether it could or not.
  shrink_below_ = std::min(shrink_below_, size_ - size_ / 4);
}

void SimulatedCache::Grow() {
  size_t buckets = buckets_.size();
  do {
    buckets += buckets / 4;
  } while (!Resize(buckets));
}

// False, and nothing has happened, if a bucket would hold too many: keys that went in the order of
// their hashes can leave others close together.
bool SimulatedCache::Resize(size_t buckets) {
  std::vector<Bucket> old(buckets);
  old.swap(buckets_);
  shrink_below_ = static_cast<uint64_t>(static_cast<double>(buckets) * kEmptiest);
  for (const Bucket& bucket : old) {
    for (size_t i = 0; i < bucket.size; ++i) {
      Bucket& target = buckets_[BucketOf(bucket.slots[i].hash)];
      if (target.size == kBucketSlots) {
        buckets_.swap(old);
        return false;
      }
      target.slots[target.size++] = bucket.slots[i];
    }
  }
  return true;
}

Candidate SimulatedCache::CandidateAt(size_t bucket, size_t index, Fields fields) const {
  const Slot& slot = buckets_[bucket].slots[index];
  Candidate candidate;
  candidate.handle = bucket * kBucketSlots + index;
  candidate.ref = {.where = 0, .hash = slot.hash};
  candidate.meta.tag = slot.meta.tag;
  if ((fields & kAccess) != 0) candidate.meta.access = slot.meta.access;
  if ((fields & kDeadline) != 0) candidate.deadline_ms = slot.deadline_ms;
  if ((fields & kBytes) != 0) candidate.bytes = slot.bytes;
  if ((fields & kHash) != 0) candidate.hash = slot.hash;
  return candidate;
}

size_t SimulatedCache::Count(const Scope& scope) const {
  return scope.volatile_only ? volatile_size_ : size_;
}

size_t SimulatedCache::Sample(const Scope& scope, Fields fields, base::Random& random,
                              std::span<Candidate> out) {
  size_t at = random.Below(buckets_.size());
  const Bucket& bucket = buckets_[at];
  if (bucket.size == 0) return 0;
  size_t first = random.Below(bucket.size);
  size_t count = 0;
  for (size_t i = 0; i < bucket.size && count < out.size(); ++i) {
    size_t index = (first + i) % bucket.size;
    if (Eligible(bucket.slots[index], scope)) out[count++] = CandidateAt(at, index, fields);
  }
  return count;
}

size_t SimulatedCache::Walk(WalkPosition& position, const Scope& scope, Fields fields,
                            std::span<Candidate> out, bool* wrapped) {
  CHECK(out.size() >= kMaxPerStep);
  size_t at = BucketOf(position.hash);
  const Bucket& bucket = buckets_[at];
  // One bucket in thousands has more than a step hands out: then some of them.
  size_t first = bucket.size > kMaxPerStep ? walk_random_.Below(bucket.size) : 0;
  size_t count = 0;
  for (size_t i = 0; i < bucket.size && count < kMaxPerStep; ++i) {
    size_t index = (first + i) % bucket.size;
    if (Eligible(bucket.slots[index], scope)) out[count++] = CandidateAt(at, index, fields);
  }
  bool end = at + 1 == buckets_.size();
  // The smallest hash of the next bucket.
  auto next = static_cast<unsigned __int128>(at + 1) << 64;
  position.hash = end ? 0 : static_cast<uint64_t>((next + buckets_.size() - 1) / buckets_.size());
  if (wrapped != nullptr && end) *wrapped = true;
  return count;
}

bool SimulatedCache::Find(const KeyRef& ref, const Scope& scope, Fields fields, Candidate& out) {
  size_t at = BucketOf(ref.hash);
  for (size_t i = 0; i < buckets_[at].size; ++i) {
    const Slot& slot = buckets_[at].slots[i];
    if (slot.hash != ref.hash || !Eligible(slot, scope)) continue;
    out = CandidateAt(at, i, fields);
    return true;
  }
  return false;
}

void SimulatedCache::Store(const Candidate& candidate, Changed changed) {
  Slot& slot = SlotOf(candidate.handle);
  if (ChangedTag(changed)) slot.meta.tag = candidate.meta.tag;
  if (ChangedAccess(changed)) slot.meta.access = candidate.meta.access;
}

double SimulationResult::hit_ratio() const {
  return requests == 0 ? 0 : 100.0 * static_cast<double>(hits) / static_cast<double>(requests);
}

double SimulationResult::byte_hit_ratio() const {
  return bytes_requested == 0
             ? 0
             : 100.0 * static_cast<double>(bytes_hit) / static_cast<double>(bytes_requested);
}

namespace {

// The mean duration of one call in so many, without what the clock takes itself.
class Stopwatch {
 public:
  explicit Stopwatch(bool on) : on_(on) {
    for (int i = 0; on && i < 64; ++i) {
      int64_t start_ns = Now();
      own_ns_ = std::min(own_ns_, Now() - start_ns);
    }
  }

  template <typename Call>
  auto Time(Call call) {
    if (!on_ || ++calls_ % kEvery != 0) return call();
    int64_t start_ns = Now();
    auto result = call();
    int64_t ns = Now() - start_ns - own_ns_;
    if (ns > kInterruptedNs) return result;
    sum_ns_ += std::max<int64_t>(0, ns);
    ++timed_;
    return result;
  }
  double mean_ns() const {
    return timed_ == 0 ? 0 : static_cast<double>(sum_ns_) / static_cast<double>(timed_);
  }

 private:
  static constexpr uint64_t kEvery = 16;
  // So long it takes only if another process had the processor meanwhile.
  static constexpr int64_t kInterruptedNs = 20'000;

  static int64_t Now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  bool on_;
  int64_t own_ns_ = std::numeric_limits<int64_t>::max();
  uint64_t calls_ = 0;
  uint64_t timed_ = 0;
  int64_t sum_ns_ = 0;
};

// Not the hash that gives a key its bucket, or the first deadlines would all stand in the first
// buckets.
uint64_t DeadlineHash(uint64_t key) { return SimulatedCache::HashOf(SimulatedCache::HashOf(key)); }

std::vector<std::unique_ptr<SimulatedCache>> MakeShards(const PolicyChoice& choice,
                                                        const SimulationOptions& options) {
  std::vector<std::unique_ptr<SimulatedCache>> shards;
  constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();
  for (uint32_t i = 0; i < options.shards; ++i) {
    Parameters parameters = options.parameters;
    parameters.seed += i;
    Capacity capacity = options.capacity;
    if (capacity.keys != kUnlimited) {
      capacity.keys = capacity.keys * (i + 1) / options.shards - capacity.keys * i / options.shards;
    }
    if (capacity.bytes != kUnlimited) capacity.bytes /= options.shards;
    shards.push_back(std::make_unique<SimulatedCache>(choice, parameters, capacity));
  }
  return shards;
}

}  // namespace

SimulationResult Simulate(const PolicyChoice& choice, const Trace& trace,
                          const SimulationOptions& options) {
  CHECK(options.shards > 0);
  std::vector<std::unique_ptr<SimulatedCache>> shards = MakeShards(choice, options);
  SimulationResult result;
  Stopwatch access(options.measure);
  Stopwatch eviction(options.measure);
  uint32_t second = 0;
  int64_t within_ms = 0;  // requests of one second are a millisecond apart
  for (const TraceRecord& record : trace) {
    if (record.time_s != second) {
      second = record.time_s;
      within_ms = 0;
    }
    int64_t trace_ms = int64_t{1000} * second + std::min<int64_t>(within_ms++, 999);
    int64_t now_ms =
        kStartMs +
        (options.requests_per_second == 0
             ? trace_ms
             : static_cast<int64_t>(result.requests * 1000 / options.requests_per_second));
    uint64_t bytes = record.size == 0 ? options.default_size : record.size;
    ++result.requests;
    result.bytes_requested += bytes;
    size_t shard = 0;
    if (options.shards > 1) shard = SimulatedCache::HashOf(~record.key) % options.shards;
    SimulatedCache& cache = *shards[shard];
    if (access.Time([&] { return cache.Get(record.key, now_ms); })) {
      ++result.hits;
      result.bytes_hit += bytes;
      continue;
    }
    int64_t deadline_ms = kNeverExpires;
    if (options.with_deadlines) {
      deadline_ms = kFarDeadlineMs + static_cast<int64_t>(DeadlineHash(record.key) >> 32);
    }
    // What Set would do, if it were not for the stopwatch.
    while (!cache.HasRoomFor(bytes) && eviction.Time([&] { return cache.Evict(now_ms); })) {
    }
    cache.Set(record.key, bytes, now_ms, deadline_ms);
    uint64_t metadata_bytes = 0;
    uint64_t keys = 0;
    for (const auto& each : shards) {
      metadata_bytes += each->policy().metadata_bytes();
      keys += each->size();
    }
    result.most_metadata_bytes = std::max(result.most_metadata_bytes, metadata_bytes);
    result.most_keys = std::max(result.most_keys, keys);
  }
  for (const auto& each : shards) result.evictions += each->evictions();
  result.access_ns = access.mean_ns();
  result.eviction_ns = eviction.mean_ns();
  result.info = shards[0]->policy().Info();
  return result;
}

}  // namespace nuthatch::eviction
