// The name under which `ps` shows this process.
//
// Linux shows the bytes between argv[0] and the end of the environment, so a title is written over
// them; the environment moves elsewhere first. One thread at a time.
#pragma once

#include <string_view>

namespace nuthatch::base {

// Makes room for titles. REQUIRES: called once, before other threads exist and before anybody keeps
// a pointer into `argv` or the environment.
void PrepareProcessTitle(int argc, char** argv);

// Shows `title`, cut to the room that there is. Nothing happens without PrepareProcessTitle().
void SetProcessTitle(std::string_view title);

}  // namespace nuthatch::base
