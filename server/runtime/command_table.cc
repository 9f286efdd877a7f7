// Names are found in an open-addressing hash table of packed names: the lower-cased bytes in three
// words, the length in the last byte. A lookup packs the name that was sent with a few word-wide
// operations, multiplies, and compares three words; the table is at most a quarter full, so one
// probe is the rule. Nothing is allocated, no string is made.
#include "server/runtime/command_table.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <string>

#include "server/base/check.h"
#include "server/base/numbers.h"

namespace nuthatch::runtime {
namespace {

constexpr size_t kMaxNameBytes = 23;

struct PackedName {
  uint64_t words[3];
  bool operator==(const PackedName&) const = default;
};

template <typename Word>
uint64_t Load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// The first `size` <= 8 bytes, zeros behind them, without reading beyond.
uint64_t LoadPart(const char* from, size_t size) {
  if (size == 8) return Load<uint64_t>(from);
  if (size >= 4) {
    return Load<uint32_t>(from) | Load<uint32_t>(from + size - 4) << (8 * (size - 4));
  }
  if (size >= 2) return Load<uint16_t>(from) | Load<uint16_t>(from + size - 2) << (8 * (size - 2));
  return size == 1 ? static_cast<uint8_t>(*from) : 0;
}

// Adds 0x20 to each byte that is an upper-case letter: the high bit of a byte's sum says whether
// the byte is at least 'A', or beyond 'Z'.
uint64_t ToLower(uint64_t word) {
  constexpr uint64_t kEach = 0x0101010101010101U;
  uint64_t low = word & (kEach * 0x7f);
  uint64_t at_least_a = low + kEach * (0x80 - 'A');
  uint64_t beyond_z = low + kEach * (0x7f - 'Z');
  uint64_t upper = (at_least_a ^ beyond_z) & ~word & (kEach * 0x80);
  return word | upper >> 2;
}

PackedName Pack(std::string_view name) {
  PackedName packed{};
  const char* from = name.data();
  size_t size = name.size();
  if (size <= 8) {
    packed.words[0] = ToLower(LoadPart(from, size));
  } else {
    packed.words[0] = ToLower(Load<uint64_t>(from));
    packed.words[1] = ToLower(LoadPart(from + 8, size <= 16 ? size - 8 : 8));
    if (size > 16) packed.words[2] = ToLower(LoadPart(from + 16, size - 16));
  }
  packed.words[2] |= static_cast<uint64_t>(size) << 56;
  return packed;
}

uint64_t Mix(const PackedName& name) {
  uint64_t sum = name.words[0] * 0x9E3779B97F4A7C15U;
  sum ^= std::rotl(name.words[1] * 0xC2B2AE3D27D4EB4FU, 31);
  sum ^= name.words[2];
  return sum * 0xD6E8FEB86659FD93U;
}

bool EqualIgnoringCase(std::string_view lower, std::string_view any) {
  if (lower.size() != any.size()) return false;
  for (size_t i = 0; i < any.size(); ++i) {
    char c = any[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c != lower[i]) return false;
  }
  return true;
}

// The position of a row's only key, if each valid call has just one and it stands there. A row with
// variable flags has a function for these, not for the position.
uint16_t SingleKeyIndex(const CommandSpec& spec) {
  if (spec.key_specs.size() != 1) return 0;
  const KeySpec& key = spec.key_specs[0];
  if (key.begin != KeySpec::Begin::kIndex || key.find != KeySpec::Find::kRange) return 0;
  if (key.last_key != 0 || (key.flags & (kKeyNotKey | kKeyIncomplete)) != 0) return 0;
  int fewest = spec.arity < 0 ? -spec.arity : spec.arity;
  return key.index < fewest ? static_cast<uint16_t>(key.index) : 0;
}

// Where the keys of `spec` begin; 0 if its keyword isn't there, nothing if it can't be told.
std::optional<int> FindBegin(const KeySpec& spec, std::span<const std::string_view> args) {
  int argc = static_cast<int>(args.size());
  switch (spec.begin) {
    case KeySpec::Begin::kUnknown:
      return std::nullopt;
    case KeySpec::Begin::kIndex:
      return spec.index;
    case KeySpec::Begin::kKeyword: {
      bool forward = spec.start_from > 0;
      int step = forward ? 1 : -1;
      int end = forward ? argc - 1 : 1;
      std::string lower;
      for (char c : spec.keyword) {
        lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      }
      for (int i = forward ? spec.start_from : argc + spec.start_from; i != end; i += step) {
        if (i < 0 || i >= argc) break;
        if (EqualIgnoringCase(lower, args[static_cast<size_t>(i)])) return i + 1;
      }
      return 0;
    }
  }
  return std::nullopt;
}

struct KeyRange {
  int first;
  int last;
  int step;
  bool guessed = false;  // Redis knows no flags of such keys
};

// Where the number of keys is none, or too large, Redis reads it once more as C's atoi does.
int64_t LeadingNumber(std::string_view text) {
  return static_cast<int32_t>(std::strtoll(std::string(text).c_str(), nullptr, 10));
}

std::optional<KeyRange> FindRange(const KeySpec& spec, int first,
                                  std::span<const std::string_view> args) {
  int argc = static_cast<int>(args.size());
  switch (spec.find) {
    case KeySpec::Find::kUnknown:
      return std::nullopt;
    case KeySpec::Find::kRange: {
      int last = first + spec.last_key;
      if (spec.last_key < 0) {
        last = spec.limit <= 1 ? argc + spec.last_key
                               : first + (argc - first) / spec.limit + spec.last_key;
      }
      return KeyRange{first, last, spec.step};
    }
    case KeySpec::Find::kKeyNum: {
      int position = first + spec.keynum_index;
      if (position >= argc) return std::nullopt;
      std::string_view text = args[static_cast<size_t>(position)];
      std::optional<int64_t> count = base::ParseInt64(text);
      const bool guessed = !count.has_value() || *count < 0 || *count > argc;
      if (guessed) count = LeadingNumber(text);
      if (*count < 0 || *count > argc) return std::nullopt;
      first += spec.first_key;
      return KeyRange{first, first + (static_cast<int>(*count) - 1) * spec.step, spec.step,
                      guessed};
    }
  }
  return std::nullopt;
}

// Whether the number of keys had to be guessed: Redis then asks a function of the command's, which
// has an order of its own and knows no flags.
enum class KeyOrder : uint8_t { kOfSpecs, kGuessed };

// Adds the keys of one specification; false if it can't tell them all.
bool AddKeys(const KeySpec& spec, std::span<const std::string_view> args, KeyOrder& order,
             KeyPositions& out) {
  if ((spec.flags & kKeyNotKey) != 0) return true;
  std::optional<int> begin = FindBegin(spec, args);
  if (!begin.has_value()) return false;
  if (*begin == 0) return true;
  std::optional<KeyRange> range = FindRange(spec, *begin, args);
  if (!range.has_value()) return false;
  int argc = static_cast<int>(args.size());
  if (range->first >= argc || range->last >= argc || range->last < range->first) return false;
  const bool without_flags = range->guessed || order == KeyOrder::kGuessed;
  for (int i = range->first; i <= range->last; i += range->step) {
    out.Add(static_cast<size_t>(i), without_flags ? uint16_t{0} : spec.flags);
  }
  if (range->guessed) order = KeyOrder::kGuessed;
  return (spec.flags & kKeyIncomplete) == 0;
}

bool FindBySpecs(const CommandSpec& spec, std::span<const std::string_view> args, KeyOrder& order,
                 KeyPositions& out) {
  for (const KeySpec& key : spec.key_specs) {
    if (!AddKeys(key, args, order, out)) return false;
  }
  return true;
}

// The counted keys first, and the one that is written behind them.
void FindGuessed(const CommandSpec& spec, std::span<const std::string_view> args,
                 KeyPositions& out) {
  out.Clear();
  KeyOrder order = KeyOrder::kGuessed;
  for (bool counted : {true, false}) {
    for (const KeySpec& key : spec.key_specs) {
      if ((key.find == KeySpec::Find::kKeyNum) == counted) AddKeys(key, args, order, out);
    }
  }
}

}  // namespace

struct CommandTable::Index {
  struct Slot {
    PackedName name{};
    const CommandEntry* entry = nullptr;
  };
  std::vector<Slot> slots = std::vector<Slot>(64);
  int shift = 64 - 6;
  size_t used = 0;
  // Entries never move: rows are found by pointer.
  std::deque<CommandEntry> entries;
  std::deque<std::vector<CommandEntry>> subcommands;

  Slot& Place(const PackedName& name) {
    size_t mask = slots.size() - 1;
    size_t i = Mix(name) >> shift;
    while (slots[i].entry != nullptr && !(slots[i].name == name)) i = (i + 1) & mask;
    return slots[i];
  }

  void Insert(const CommandEntry* entry) {
    if ((used + 1) * 4 > slots.size()) Grow();
    CHECK(entry->spec->name.size() <= kMaxNameBytes);
    PackedName name = Pack(entry->spec->name);
    Slot& slot = Place(name);
    CHECK(slot.entry == nullptr);
    slot = {name, entry};
    ++used;
  }

  void Grow() {
    std::vector<Slot> old = std::move(slots);
    slots = std::vector<Slot>(old.size() * 2);
    --shift;
    for (const Slot& slot : old) {
      if (slot.entry != nullptr) Place(slot.name) = slot;
    }
  }
};

CommandTable::CommandTable() : index_(new Index) {}
CommandTable::~CommandTable() { delete index_; }

void CommandTable::Register(std::span<const CommandSpec> group) {
  for (const CommandSpec& spec : group) {
    CommandEntry& entry = index_->entries.emplace_back();
    entry.spec = &spec;
    entry.id = static_cast<uint32_t>(by_id_.size());
    entry.single_key_index = SingleKeyIndex(spec);
    by_id_.push_back(&entry);
    order_.push_back(&entry);
    if (!spec.subcommands.empty()) {
      std::vector<CommandEntry>& subcommands =
          index_->subcommands.emplace_back(spec.subcommands.size());
      for (size_t i = 0; i < subcommands.size(); ++i) {
        CommandEntry& subcommand = subcommands[i];
        subcommand.spec = &spec.subcommands[i];
        subcommand.container = &spec;
        subcommand.id = static_cast<uint32_t>(by_id_.size());
        subcommand.single_key_index = SingleKeyIndex(*subcommand.spec);
        by_id_.push_back(&subcommand);
      }
      entry.subcommands = subcommands;
    }
    index_->Insert(&entry);
  }
}

const CommandEntry* CommandTable::Find(std::string_view name) const {
  if (name.size() > kMaxNameBytes) return nullptr;
  return index_->Place(Pack(name)).entry;
}

const CommandEntry* CommandTable::FindSubcommand(const CommandEntry& container,
                                                 std::string_view name) {
  for (const CommandEntry& subcommand : container.subcommands) {
    if (EqualIgnoringCase(subcommand.spec->name, name)) return &subcommand;
  }
  return nullptr;
}

bool FindKeys(const CommandSpec& spec, std::span<const std::string_view> args, KeyPositions& out) {
  out.Clear();
  // As in Redis: where the specifications don't tell all, or fail, the row's own function does.
  constexpr uint16_t kUnreliable = kKeyIncomplete | kKeyVariableFlags;
  const bool reliable =
      std::none_of(spec.key_specs.begin(), spec.key_specs.end(),
                   [](const KeySpec& key) { return (key.flags & kUnreliable) != 0; });
  KeyOrder order = KeyOrder::kOfSpecs;
  bool found = (reliable || spec.get_keys == nullptr) && FindBySpecs(spec, args, order, out);
  if (found && order == KeyOrder::kGuessed) FindGuessed(spec, args, out);
  if (!found) out.Clear();
  if (!found && spec.get_keys != nullptr) found = spec.get_keys(args, out);
  if (!found) out.Clear();
  return found;
}

void FindKeysToRun(const CommandSpec& spec, std::span<const std::string_view> args,
                   KeyPositions& out) {
  out.Clear();
  if (spec.get_keys == nullptr) {
    KeyOrder order = KeyOrder::kOfSpecs;
    FindBySpecs(spec, args, order, out);
  } else if (!spec.get_keys(args, out)) {
    out.Clear();
  }
}

}  // namespace nuthatch::runtime
