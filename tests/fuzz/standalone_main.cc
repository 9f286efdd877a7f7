// Runs a fuzz target without libFuzzer, for compilers and presets that have none. Takes libFuzzer's
// options as far as the tests need them:
//   fuzz_x [-runs=N] [-seed=S] [-max_len=BYTES] [-dict=FILE] [folder or file ...]
// Each given input is run as it is; then N mutated ones. Files alone, without -runs, are a replay.
// When an input kills the program, it is written to crash-<target>-<number> first.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "tests/fuzz/mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) __attribute__((weak));
// Of the sanitizers' runtime, where there is one.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

struct Options {
  uint64_t runs = 0;
  uint64_t seed = 1;
  size_t max_bytes = 4096;
  std::string dictionary;
  std::vector<std::string> paths;
};

// For the handler of fatal signals, which may use nothing that allocates.
std::string* current_input = nullptr;
char crash_path[512];

void WriteCrash() {
  if (current_input == nullptr) return;
  int file = open(crash_path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (file < 0) return;
  for (size_t done = 0; done < current_input->size();) {
    ssize_t count = write(file, current_input->data() + done, current_input->size() - done);
    if (count <= 0) break;
    done += static_cast<size_t>(count);
  }
  close(file);
  static constexpr char kSaying[] = "the input that did it is in ";
  if (write(STDERR_FILENO, kSaying, sizeof kSaying - 1) < 0 ||
      write(STDERR_FILENO, crash_path, std::char_traits<char>::length(crash_path)) < 0 ||
      write(STDERR_FILENO, "\n", 1) < 0) {
    return;
  }
}

void OnFatalSignal(int number) {
  WriteCrash();
  signal(number, SIG_DFL);
  raise(number);
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The value of "-name=value", or null.
const char* ValueOf(const std::string& argument, const std::string& name) {
  std::string prefix = "-" + name + "=";
  return argument.starts_with(prefix) ? argument.c_str() + prefix.size() : nullptr;
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (const char* runs = ValueOf(argument, "runs")) {
      options.runs = std::strtoull(runs, nullptr, 10);
    } else if (const char* seed = ValueOf(argument, "seed")) {
      options.seed = std::strtoull(seed, nullptr, 10);
    } else if (const char* bytes = ValueOf(argument, "max_len")) {
      options.max_bytes = std::strtoull(bytes, nullptr, 10);
    } else if (const char* path = ValueOf(argument, "dict")) {
      options.dictionary = path;
    } else if (!argument.starts_with('-')) {
      options.paths.push_back(argument);
    }
  }
  return options;
}

// Sorted, since the order of a folder differs from machine to machine.
std::vector<std::string> ReadInputs(const std::vector<std::string>& paths) {
  std::vector<std::filesystem::path> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  inputs.reserve(files.size());
  for (const auto& file : files) inputs.push_back(ReadFile(file));
  return inputs;
}

// The input is handed over in a block of exactly its size, so that a sanitizer sees a read beyond.
void RunOne(std::string input) {
  current_input = &input;
  std::vector<uint8_t> block(input.begin(), input.end());
  block.shrink_to_fit();
  LLVMFuzzerTestOneInput(block.data(), block.size());
  current_input = nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  Options options = ParseOptions(argc, argv);
  std::snprintf(crash_path, sizeof crash_path, "crash-%s-%ld",
                std::filesystem::path(argv[0]).filename().c_str(), static_cast<long>(getpid()));
  for (int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) signal(number, OnFatalSignal);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(WriteCrash);

  nuthatch::fuzz::Mutator mutator(options.seed, options.max_bytes);
  std::vector<std::string> inputs = ReadInputs(options.paths);
  for (std::string& input : inputs) {
    RunOne(input);
    mutator.AddSeed(std::move(input));
  }
  if (!options.dictionary.empty()) {
    for (std::string& word : nuthatch::fuzz::ParseDictionary(ReadFile(options.dictionary))) {
      mutator.AddWord(std::move(word));
    }
  }
  RunOne("");
  for (uint64_t run = 0; run < options.runs; ++run) RunOne(mutator.Next());
  std::printf("%zu given and %llu made inputs, seed %llu: nothing found\n", inputs.size(),
              static_cast<unsigned long long>(options.runs),
              static_cast<unsigned long long>(options.seed));
  return 0;
}
