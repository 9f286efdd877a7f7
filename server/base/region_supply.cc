#include "server/base/region_supply.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

namespace nuthatch::base {
namespace {

// A thread that no signal is delivered to: they are for whoever waits for them.
template <typename Function>
std::thread StartWithoutSignals(Function function) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(function));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

RegionSupply::RegionSupply(size_t bytes, size_t least, size_t most, std::chrono::milliseconds quiet)
    : bytes_(bytes), least_(least), most_(most), quiet_(quiet), wanted_(least) {
  ready_.reserve(most);
  ranges_.reserve(kMostRanges);
  while (ready_.size() < least_) {
    void* region = MakeRegion();
    if (region == nullptr) break;
    ready_.push_back(region);
  }
  thread_ = StartWithoutSignals([this] { Run(); });
}

RegionSupply::~RegionSupply() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
  for (void* region : ready_) munmap(region, bytes_);
}

void* RegionSupply::Take() {
  void* region = nullptr;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    taken_ = true;
    if (ready_.empty()) {
      wanted_ = std::min(most_, wanted_ * 2);
    } else {
      region = ready_.back();
      ready_.pop_back();
    }
  }
  changed_.notify_one();
  return region;
}

void RegionSupply::TouchSoon(void* memory, size_t bytes) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (ranges_.size() == kMostRanges) return;
    ranges_.push_back({static_cast<char*>(memory), bytes});
  }
  changed_.notify_one();
}

size_t RegionSupply::ready() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return ready_.size();
}

size_t RegionSupply::wanted() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return wanted_;
}

// Null if there is no memory: then nobody gets any ahead of need.
void* RegionSupply::MakeRegion() const {
  void* region = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (region == MAP_FAILED) return nullptr;
  // Page by page: in one call (MADV_POPULATE_WRITE) the kernel would keep others from mapping.
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  auto* bytes = static_cast<volatile char*>(region);
  for (size_t at = 0; at < bytes_; at += page) bytes[at] = 0;
  return region;
}

bool RegionSupply::TouchOldest(std::unique_lock<std::mutex>& lock) {
  if (ranges_.empty()) return false;
  const Range range = ranges_.front();
  ranges_.erase(ranges_.begin());
  lock.unlock();
  // By a few pages, as in MakeRegion(); but by the kernel, for somebody may write to them now.
  const size_t step = 8 * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  for (size_t at = 0; at < range.bytes; at += step) {
    size_t some = std::min(step, range.bytes - at);
    if (madvise(range.memory + at, some, MADV_POPULATE_WRITE) != 0) break;
  }
  lock.lock();
  return true;
}

void RegionSupply::Run() {
  pthread_setname_np(pthread_self(), "regions");
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_) {
    bool touched = TouchOldest(lock);
    if (ready_.size() < wanted_) {
      lock.unlock();
      void* region = MakeRegion();
      lock.lock();
      if (region != nullptr) {
        ready_.push_back(region);
        continue;
      }
      if (touched) continue;
      // No memory: the next try is a while away, or after the next Take().
      changed_.wait_for(lock, quiet_);
      continue;
    }
    if (touched || std::exchange(taken_, false)) continue;
    if (wanted_ == least_) {
      changed_.wait(lock);
      continue;
    }
    if (changed_.wait_for(lock, quiet_) == std::cv_status::no_timeout) continue;
    // Nobody has taken any for a while.
    wanted_ = std::max(least_, wanted_ / 2);
    while (ready_.size() > wanted_) {
      void* region = ready_.back();
      ready_.pop_back();
      lock.unlock();
      munmap(region, bytes_);
      lock.lock();
    }
  }
}

}  // namespace nuthatch::base
