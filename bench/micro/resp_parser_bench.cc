// What a request costs to parse: nanoseconds a command, in a buffer of pipelined commands that fits
// the second-level cache, and for the ways in which reads cut them.
#include <cstring>
#include <string>

#include <benchmark/benchmark.h>

#include "server/base/random.h"
#include "server/resp/parser.h"

namespace nuthatch::resp {
namespace {

constexpr int kCommands = 256;

void AppendBulk(std::string* out, size_t size) {
  *out += "$" + std::to_string(size) + "\r\n" + std::string(size, 'x') + "\r\n";
}

// SET with a 16-byte key; the value has `size` bytes, or, when it is negative, a random size of one
// to three digits.
std::string Sets(int size) {
  base::Random random(1);
  std::string data;
  for (int i = 0; i < kCommands; ++i) {
    data += "*3\r\n$3\r\nSET\r\n";
    AppendBulk(&data, 16);
    AppendBulk(&data,
               size >= 0 ? static_cast<size_t>(size) : random.Below(1024) >> random.Below(10));
  }
  return data;
}

std::string Gets() {
  std::string data;
  for (int i = 0; i < kCommands; ++i) {
    data += "*2\r\n$3\r\nGET\r\n";
    AppendBulk(&data, 16);
  }
  return data;
}

// Parses all of data[0, size); returns the bytes taken.
size_t ParseAll(RequestParser* parser, char* data, size_t size, size_t* commands) {
  static thread_local std::vector<std::string_view> args;
  size_t at = 0;
  size_t consumed = 0;
  while (true) {
    args.clear();
    auto status = parser->Next(data + at, size - at, {}, &consumed, &args);
    if (status != RequestParser::Status::kCommand) return at;
    benchmark::DoNotOptimize(args.data());
    at += consumed;
    ++*commands;
  }
}

void Report(benchmark::State& state, size_t commands) {
  state.SetItemsProcessed(static_cast<int64_t>(commands));
  state.counters["per_command"] = benchmark::Counter(
      static_cast<double>(commands), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void Whole(benchmark::State& state, std::string data) {
  RequestParser parser;
  size_t commands = 0;
  for (auto _ : state) ParseAll(&parser, data.data(), data.size(), &commands);
  Report(state, commands);
}
BENCHMARK_CAPTURE(Whole, Set3, Sets(3));
BENCHMARK_CAPTURE(Whole, Set32, Sets(32));
BENCHMARK_CAPTURE(Whole, Set1024, Sets(1024));
BENCHMARK_CAPTURE(Whole, SetRandomSize, Sets(-1));
BENCHMARK_CAPTURE(Whole, Get, Gets());

// One command a read, as without pipelining.
void OneByOne(benchmark::State& state) {
  std::string data = "*3\r\n$3\r\nSET\r\n";
  AppendBulk(&data, 16);
  AppendBulk(&data, 32);
  RequestParser parser;
  size_t commands = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(data.data());
    ParseAll(&parser, data.data(), data.size(), &commands);
  }
  Report(state, commands);
}
BENCHMARK(OneByOne);

// Reads of state.range(0) bytes, each moved to the front of the buffer.
void InPieces(benchmark::State& state) {
  std::string data = Sets(32);
  std::string buffer(data.size(), '\0');
  RequestParser parser;
  size_t commands = 0;
  auto piece = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    size_t held = 0;
    for (size_t at = 0; at < data.size(); at += piece) {
      size_t size = std::min(piece, data.size() - at);
      std::memcpy(buffer.data() + held, data.data() + at, size);
      held += size;
      size_t used = ParseAll(&parser, buffer.data(), held, &commands);
      held -= used;
      std::memmove(buffer.data(), buffer.data() + used, held);
    }
  }
  Report(state, commands);
}
BENCHMARK(InPieces)->Arg(1)->Arg(16)->Arg(256)->Arg(4096);

// One command of many arguments, read 16 KB at a time.
void ManyArgs(benchmark::State& state) {
  auto count = static_cast<size_t>(state.range(0));
  std::string data = "*" + std::to_string(count) + "\r\n";
  for (size_t i = 0; i < count; ++i) AppendBulk(&data, 8);
  RequestParser parser;
  std::vector<std::string_view> args;
  size_t consumed = 0;
  size_t commands = 0;
  constexpr size_t kRead = size_t{16} * 1024;
  for (auto _ : state) {
    args.clear();
    for (size_t size = std::min(kRead, data.size());; size = std::min(size + kRead, data.size())) {
      auto status = parser.Next(data.data(), size, {}, &consumed, &args);
      if (status == RequestParser::Status::kCommand) break;
    }
    commands += args.size();
  }
  Report(state, commands);
}
BENCHMARK(ManyArgs)->Arg(1000)->Arg(1'000'000);

void Inline(benchmark::State& state) {
  std::string line = "set key:000000000001 0123456789abcdef\r\n";
  std::string data;
  for (int i = 0; i < kCommands; ++i) data += line;
  RequestParser parser;
  size_t commands = 0;
  for (auto _ : state) ParseAll(&parser, data.data(), data.size(), &commands);
  Report(state, commands);
}
BENCHMARK(Inline);

}  // namespace
}  // namespace nuthatch::resp
