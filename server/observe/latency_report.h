// LATENCY GRAPH and DOCTOR: reports for people about events that took long.
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/runtime/latency_events.h"

namespace nuthatch::observe {

// A heading, a line, and a column a sample with its age below. REQUIRES: the event has samples.
std::string DrawLatency(std::string_view name, const runtime::LatencyEvent& event, int64_t now_s);

// `threshold_ms`: latency-monitor-threshold, 0 if it is off.
std::string DiagnoseLatency(const runtime::LatencyEvents& events, int64_t threshold_ms);

}  // namespace nuthatch::observe
