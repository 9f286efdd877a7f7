#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/observe/latency_report.h"
#include "server/observe/lolwut_art.h"
#include "server/observe/memory_doctor.h"

namespace nuthatch::observe {
namespace {

using testing::HasSubstr;

TEST(LatencyGraph, DrawsAColumnASample) {
  runtime::LatencyEvent event;
  event.Add({100, 10});
  event.Add({130, 80});
  event.longest_ms = 200;
  std::string line(80, '-');
  EXPECT_EQ(DrawLatency("command", event, 160),
            "command - high 80 ms, low 10 ms (all time high 200 ms)\n" + line +
                "\n #\n #\n #\n.#\n\n13\nm0\n s\n");
}

TEST(LatencyDoctor, SaysWhatThereIs) {
  runtime::LatencyEvents events;
  EXPECT_THAT(DiagnoseLatency(events, 0), HasSubstr("monitoring is off"));
  EXPECT_THAT(DiagnoseLatency(events, 100), HasSubstr("Nothing took 100 ms"));
  runtime::NoteLatency(events, "command", 100, 150);
  runtime::NoteLatency(events, "command", 109, 250);
  EXPECT_THAT(DiagnoseLatency(events, 100),
              HasSubstr("command: 2 seconds with such an event within 10 s, 200 ms on average, at "
                        "most 250 ms"));
}

TEST(MemoryDoctor, JudgesLargeFiguresOnly) {
  Figures figures;
  MemoryFigures memory;
  memory.used = 1 << 20;
  EXPECT_THAT(DiagnoseMemory(figures, memory), HasSubstr("too little data"));
  memory.used = uint64_t{100} << 20;
  memory.peak = memory.used;
  EXPECT_THAT(DiagnoseMemory(figures, memory), HasSubstr("Nothing looks wrong"));
  memory.peak = memory.used * 2;
  EXPECT_THAT(DiagnoseMemory(figures, memory), HasSubstr("Peak: the server once used 200.00M"));
}

TEST(Lolwut, DrawsTheSameWoodForTheSameSeed) {
  EXPECT_EQ(DrawWood(40, 8, 1), DrawWood(40, 8, 1));
  EXPECT_NE(DrawWood(40, 8, 1), DrawWood(40, 8, 2));
}

TEST(Lolwut, FitsAnySize) {
  for (int columns : {1, 5, 6, 7, 400}) {
    for (int rows : {1, 2, 3, 4, 100}) {
      std::string text = DrawWood(columns, rows, 7);
      EXPECT_EQ(text.size(), static_cast<size_t>((columns + 1) * rows));
    }
  }
}

}  // namespace
}  // namespace nuthatch::observe
