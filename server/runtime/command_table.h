// CommandTable: the rows of all commands that exist, by name.
//
// Built once in main.cc (one line a group), then read by any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/runtime/command_spec.h"

namespace nuthatch::runtime {

// A command as it was found: the row that runs, its container when it is a subcommand, and its
// number for counters.
struct CommandEntry {
  const CommandSpec* spec = nullptr;
  const CommandSpec* container = nullptr;  // null for a top-level command
  uint32_t id = 0;                         // dense, 0..size()-1, subcommands included
  std::span<const CommandEntry> subcommands;
  // Whether the keys are one at a fixed position (the common case): 0 if not.
  uint16_t single_key_index = 0;
};

// The name that counters and errors use: "get", "client|kill".
inline std::string FullName(const CommandEntry& entry) {
  std::string name;
  if (entry.container != nullptr) name.append(entry.container->name).append("|");
  return name.append(entry.spec->name);
}

class CommandTable {
 public:
  CommandTable();
  ~CommandTable();
  CommandTable(const CommandTable&) = delete;
  CommandTable& operator=(const CommandTable&) = delete;

  // REQUIRES: no name of `group` is registered yet; the rows outlive the table.
  void Register(std::span<const CommandSpec> group);

  // The top-level command of that name, in any case of letters; null if there is none.
  const CommandEntry* Find(std::string_view name) const;
  // The subcommand of `container`, in any case of letters; null if there is none.
  static const CommandEntry* FindSubcommand(const CommandEntry& container, std::string_view name);

  // Top-level commands in order of registration.
  std::span<const CommandEntry* const> commands() const { return order_; }
  // All entries, by id.
  std::span<const CommandEntry* const> by_id() const { return by_id_; }
  size_t size() const { return by_id_.size(); }

 private:
  struct Index;
  Index* index_;
  std::vector<const CommandEntry*> order_;
  std::vector<const CommandEntry*> by_id_;
};

// The positions of keys among a command's arguments, with each key's flags (KeyFlag).
class KeyPositions {
 public:
  void Clear() { positions_.clear(); }
  void Add(size_t position, uint16_t flags) { positions_.push_back({position, flags}); }
  struct Position {
    size_t position;
    uint16_t flags;
  };
  std::span<const Position> positions() const { return positions_; }

 private:
  std::vector<Position> positions_;
};

// The keys of a call: through `get_keys` if the row has it, else by the key specifications. Returns
// false when the arguments are not a valid call (COMMAND GETKEYS: "Invalid arguments specified for
// command"). REQUIRES: arity fits.
bool FindKeys(const CommandSpec& spec, std::span<const std::string_view> args, KeyPositions& out);
// The keys that a call runs with: the same, but where a key specification finds nothing, those that
// the ones before it have found (a PFMERGE of one key is a valid call, though not for COMMAND
// GETKEYS). Perhaps none. REQUIRES: arity fits.
void FindKeysToRun(const CommandSpec& spec, std::span<const std::string_view> args,
                   KeyPositions& out);

}  // namespace nuthatch::runtime
