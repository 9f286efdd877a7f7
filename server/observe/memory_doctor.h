// MEMORY DOCTOR and MALLOC-STATS: reports for people.
//
// Any thread.
#pragma once

#include <string>

#include "server/observe/figures.h"
#include "server/observe/memory_figures.h"

namespace nuthatch::observe {

// What looks wrong about the memory, in a few sentences.
std::string DiagnoseMemory(const Figures& figures, const MemoryFigures& memory);

// The allocator's own report; empty if it has none.
std::string AllocatorReport();

}  // namespace nuthatch::observe
