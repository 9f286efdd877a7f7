#include "server/runtime/test_faults.h"

#if defined(NUTHATCH_TEST_HOOKS)

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "server/base/random.h"

namespace nuthatch::runtime {
namespace {

TestFaults ReadEnvironment() {
  TestFaults faults;
  const char* text = std::getenv("NUTHATCH_TEST_FAULTS");
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    size_t comma = rest.find(',');
    std::string_view word = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
    constexpr std::string_view kDelay = "post-delay=";
    if (word.starts_with(kDelay)) {
      std::from_chars(word.data() + kDelay.size(), word.data() + word.size(), faults.post_delay_us);
    }
    if (word == "local-past-mailbox") faults.local_past_mailbox = true;
    if (word == "fragments-one-by-one") faults.fragments_one_by_one = true;
    if (word == "hold-outside-mailbox") faults.hold_outside_mailbox = true;
  }
  return faults;
}

}  // namespace

const TestFaults& TestFaults::Get() {
  static const TestFaults faults = ReadEnvironment();
  return faults;
}

void TestFaults::DelayAtPost() {
  uint32_t most = Get().post_delay_us;
  if (most == 0) return;
  thread_local base::Random random(base::EntropySeed());
  // Half of the posts are not delayed, so that both orders of two posts are met.
  if (random.Below(2) == 0) return;
  std::this_thread::sleep_for(std::chrono::microseconds(random.Below(most) + 1));
}

}  // namespace nuthatch::runtime

#endif
