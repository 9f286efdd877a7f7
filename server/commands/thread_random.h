// The chance that commands take their picks from: a generator for each thread, seeded by the
// operating system.
#pragma once

#include "server/base/random.h"

namespace nuthatch::commands {

inline base::Random& ThreadRandom() {
  thread_local base::Random random(base::EntropySeed());
  return random;
}

}  // namespace nuthatch::commands
