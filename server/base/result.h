// Result<T>: a value, or the text of an error of the environment (a file, a socket, a
// configuration).
//
// For what a caller must handle; never for a client's error, which is a reply.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "server/base/check.h"

namespace nuthatch::base {

// The failure half of a Result: `return Error("Can't open " + path);`
struct Error {
  explicit Error(std::string text) : message(std::move(text)) {}
  std::string message;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}              // NOLINT(google-explicit-constructor)
  Result(Error error) : error_(std::move(error.message)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return value_.has_value(); }
  // REQUIRES: ok().
  T& value() {
    CHECK(ok());
    return *value_;
  }
  const T& value() const {
    CHECK(ok());
    return *value_;
  }
  // REQUIRES: !ok(). One line, without a full stop, fit for a log or a reply.
  const std::string& error() const {
    CHECK(!ok());
    return error_;
  }

 private:
  std::optional<T> value_;
  std::string error_;
};

// Success, or an error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error.message)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  const std::string& error() const {
    CHECK(!ok());
    return *error_;
  }

 private:
  std::optional<std::string> error_;
};

}  // namespace nuthatch::base
