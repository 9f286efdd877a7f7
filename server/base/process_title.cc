#include "server/base/process_title.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace nuthatch::base {
namespace {

char* g_room = nullptr;
size_t g_room_size = 0;

}  // namespace

void PrepareProcessTitle(int argc, char** argv) {
  if (argc < 1 || argv[0] == nullptr || g_room != nullptr) return;
  char* end = argv[0];
  // As far as the strings stand one behind the other.
  auto extend = [&end](const char* text) {
    if (text == end) end += std::strlen(text) + 1;
  };
  for (int i = 0; i < argc; ++i) extend(argv[i]);
  for (char** variable = environ; *variable != nullptr; ++variable) extend(*variable);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (char* copy = ::strdup(*variable)) *variable = copy;
  }
  // The C library keeps the program's name where it stood.
  if (char* name = ::strdup(program_invocation_name)) {
    program_invocation_name = name;
    char* slash = std::strrchr(name, '/');
    program_invocation_short_name = slash == nullptr ? name : slash + 1;
  }
  g_room = argv[0];
  g_room_size = static_cast<size_t>(end - argv[0]);
}

void SetProcessTitle(std::string_view title) {
  if (g_room_size == 0) return;
  size_t length = std::min(title.size(), g_room_size - 1);
  std::memset(g_room, 0, g_room_size);
  std::memcpy(g_room, title.data(), length);
}

}  // namespace nuthatch::base
