#include "server/commands/groups.h"

#include <initializer_list>
#include <vector>

#include "server/commands/group_parts.h"

namespace nuthatch::commands {
namespace {

using Rows = std::span<const runtime::CommandSpec>;

std::vector<runtime::CommandSpec> Join(std::initializer_list<Rows> parts) {
  std::vector<runtime::CommandSpec> rows;
  for (Rows part : parts) rows.insert(rows.end(), part.begin(), part.end());
  return rows;
}

}  // namespace

Rows BitmapCommands() {
  static const std::vector<runtime::CommandSpec> rows = Join({BitCommands(), BitFieldCommands()});
  return rows;
}

Rows GenericCommands() {
  static const std::vector<runtime::CommandSpec> rows =
      Join({BlessCommands(), GenericDumpCommands(), GenericExpireCommands(), GenericKeyCommands(),
            GenericMoveCommands(), GenericObjectCommands(), ScanCommands(), SortCommands()});
  return rows;
}

Rows HashCommands() {
  static const std::vector<runtime::CommandSpec> rows =
      Join({HashGetCommands(), HashScanCommands(), HashSetCommands()});
  return rows;
}

Rows ListCommands() {
  static const std::vector<runtime::CommandSpec> rows =
      Join({ListBlockingCommands(), ListChangeCommands(), ListPopCommands(), ListReadCommands()});
  return rows;
}

Rows SetCommands() {
  static const std::vector<runtime::CommandSpec> rows =
      Join({SetBasicCommands(), SetCombineCommands(), SetRandomCommands()});
  return rows;
}

Rows SortedSetCommands() {
  static const std::vector<runtime::CommandSpec> rows =
      Join({SortedSetBlockingCommands(), SortedSetChangeCommands(), SortedSetCombineCommands(),
            SortedSetPopCommands(), SortedSetRangeCommands(), SortedSetReadCommands()});
  return rows;
}

Rows GeoCommands() {
  static const std::vector<runtime::CommandSpec> rows =
      Join({GeoPlaceCommands(), GeoSearchCommands()});
  return rows;
}

Rows StreamCommands() {
  static const std::vector<runtime::CommandSpec> rows =
      Join({StreamAddCommands(), StreamGroupCommands(), StreamInfoCommands(),
            StreamPendingCommands(), StreamRangeCommands(), StreamReadCommands()});
  return rows;
}

Rows StringCommands() {
  static const std::vector<runtime::CommandSpec> rows =
      Join({StringChangeCommands(), StringGetCommands(), StringLcsCommands(), StringSetCommands()});
  return rows;
}

}  // namespace nuthatch::commands
