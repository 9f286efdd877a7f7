// The names that maxmemory-policy takes are those of eviction's registry: config/, which stands
// below, is told of them.
#pragma once

namespace nuthatch::runtime {

// REQUIRES: called at start, before the first Config. Further calls do nothing.
void RegisterPolicyNames();

}  // namespace nuthatch::runtime
