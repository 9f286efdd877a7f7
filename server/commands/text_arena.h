// TextArena: copies of texts that live as long as it does, without an allocation for each.
//
// On the stack of a command; no threads.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace nuthatch::commands {

class TextArena {
 public:
  // Room for so many bytes.
  char* Make(size_t size) {
    if (size > left_) {
      left_ = size > kBlock ? size : kBlock;
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
      next_ = blocks_.back().get();
    }
    char* made = next_;
    next_ += size;
    left_ -= size;
    return made;
  }
  std::string_view Copy(std::string_view text) {
    char* copy = Make(text.size());
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

 private:
  static constexpr size_t kBlock = 64 * 1024;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace nuthatch::commands
