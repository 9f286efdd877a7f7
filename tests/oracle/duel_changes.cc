// The number of changes, which snapshots, the journal and replication hang on: every command has to
// count as many as the reference's.
#include "server/base/numbers.h"
#include "tests/oracle/duel.h"

namespace nuthatch::oracle {

int64_t Duel::ChangesOf(size_t side) {
  static constexpr std::string_view kField = "rdb_changes_since_last_save:";
  auto info = Call(&sides_[side].control, {"INFO", "persistence"});
  if (!info.ok()) return -1;
  const std::string_view text = info.value().text;
  size_t at = text.find(kField);
  if (at == std::string_view::npos) return -1;
  at += kField.size();
  auto number = base::ParseInt64(text.substr(at, text.find('\r', at) - at));
  return number ? *number : -1;
}

void Duel::MarkChanges() {
  for (size_t i = 0; i < 2; ++i) changes_mark_[i] = ChangesOf(i);
  left_out_ = 0;
}

std::optional<Difference> Duel::CompareChanges(const Argv& argv) {
  int64_t counted[2];
  for (size_t i = 0; i < 2; ++i) counted[i] = ChangesOf(i) - changes_mark_[i];
  if (counted[0] == counted[1] || counted[0] == counted[1] + left_out_) return std::nullopt;
  Difference difference;
  difference.argv = argv;
  difference.ours = std::to_string(counted[0]);
  difference.theirs = std::to_string(counted[1]);
  difference.reason = "another number of changes";
  return difference;
}

}  // namespace nuthatch::oracle
