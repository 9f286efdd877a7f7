// Decides whether two replies that are not the same bytes are the same for a client, by the mode in
// the command's rule.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tests/oracle/catalogue.h"
#include "tests/oracle/rules.h"
#include "tests/oracle/step.h"

namespace nuthatch::oracle {

struct CompareContext {
  const Catalogue* catalogue = nullptr;
  int64_t margin_ms = 2000;
};

// Why `ours` is wrong, in a few words; nothing if it is allowed.
std::optional<std::string> CompareReplies(Mode mode, std::string_view ours, std::string_view theirs,
                                          const CompareContext& context);

// The same for the reply to an EXEC of `commands`: each is compared as its rule says.
std::optional<std::string> CompareExec(std::span<const Argv> commands, std::string_view ours,
                                       std::string_view theirs, const CompareContext& context);

// The mode of what `argv` calls.
Mode ModeOf(const Argv& argv);
// By the name used in scripts ("shape"); nothing if there is none.
std::optional<Mode> ModeNamed(std::string_view name);

// INFO fields that the reference has, in sections that both have, and the tested server lacks.
std::vector<std::string> MissingInfoFields(std::string_view ours, std::string_view theirs);

}  // namespace nuthatch::oracle
