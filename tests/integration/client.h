// A plain client for tests: raw bytes out, whole replies in. Every wait has a limit, after which
// the test fails.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace nuthatch::tests {

class Client {
 public:
  static Client Tcp(int port, const std::string& ip = "127.0.0.1");
  static Client Unix(const std::string& path);
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;

  int fd() const { return fd_; }
  // Sends everything, blocking.
  void Send(std::string_view bytes);
  // One reply, as it came; empty at the end of the stream.
  std::string Read();
  // A command of these arguments, and its reply.
  std::string Call(std::initializer_list<std::string_view> args);
  // Whether the server closes the connection (unread replies are read away).
  bool ReachesEnd();

 private:
  explicit Client(int fd) : fd_(fd) {}
  bool Fill();

  int fd_;
  std::string input_;
};

// The arguments as a RESP array of bulk strings.
std::string Encode(std::initializer_list<std::string_view> args);

}  // namespace nuthatch::tests
