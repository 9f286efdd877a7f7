// Faults that tests plant in the runtime: random delays at posts, and the three weaker forms of
// posting that DESIGN section 3 names as wrong. Only builds with NUTHATCH_TEST_HOOKS have them;
// elsewhere every question is a constant false.
//
// Read once from the environment:
// NUTHATCH_TEST_FAULTS="post-delay=200us,local-past-mailbox,fragments-one-by-one,
// hold-outside-mailbox", any of these.
#pragma once

#include <cstdint>

namespace nuthatch::runtime {

struct TestFaults {
  uint32_t post_delay_us = 0;
  bool local_past_mailbox = false;
  bool fragments_one_by_one = false;
  bool hold_outside_mailbox = false;

#if defined(NUTHATCH_TEST_HOOKS)
  static const TestFaults& Get();
  // Sleeps or spins for a random time of up to post_delay_us.
  static void DelayAtPost();
#else
  static constexpr TestFaults Get() { return {}; }
  static void DelayAtPost() {}
#endif
};

}  // namespace nuthatch::runtime
