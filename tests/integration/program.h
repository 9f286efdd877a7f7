// A run of the binary with a command line of the test's own: for starts that fail, and for those
// whose files, signals and exit are what is tested. (A server that only has to be there:
// server_process.h.)
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace nuthatch::tests {

// A directory that goes, with all that is in it, at the end.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  // The path of `name` in it; its own without one.
  std::string Path(std::string_view name = "") const;
  // Writes a file; gives its path.
  std::string Write(std::string_view name, std::string_view text) const;

 private:
  std::string path_;
};

// A file's text; empty if there is none.
std::string ReadFile(const std::string& path);
// Whether `condition` came true within the limit of every wait of these tests.
bool Eventually(const std::function<bool()>& condition);
// Whether a part of `text` matches (ECMAScript; ^ and $ hold at every line).
bool Matches(const std::string& text, const std::string& pattern);

class Program {
 public:
  struct Options {
    std::string binary{};                    // empty: the binary under test
    std::string input{};                     // standard input
    std::vector<std::string> environment{};  // NAME=value, besides the test's own
    int most_files = 0;                      // a hard limit of open files; 0: as it is
  };
  explicit Program(std::vector<std::string> args) : Program(std::move(args), Options{}) {}
  Program(std::vector<std::string> args, const Options& options);
  // Kills it if it still runs.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return pid_; }
  // What it has written to stdout and stderr so far.
  std::string Output() const { return ReadFile(directory_.Path("output")); }
  // Waits until it has written `text`; fails the test, with the output, if it ends or does not.
  void AwaitOutput(std::string_view text);
  void AwaitReady() { AwaitOutput("Ready to accept connections"); }
  void Signal(int number) const;
  bool Running();
  // Waits for its end: the exit code, or minus the signal that killed it; -1000 if it does not end.
  int Wait();

 private:
  TempDirectory directory_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace nuthatch::tests
