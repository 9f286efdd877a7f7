// Hand-written sequences: files of commands, one a line with redis-cli's quoting, run on both
// servers and compared.
//
// A line that starts with '#' is a comment. Lines that start with '@' steer:
//   @conn N             go on with connection N (0 to 2)
//   @reopen             close the connection and open it anew
//   @raw N "bytes"      send the bytes, compare N replies
//   @raw-close "bytes"  send the bytes; both servers must answer the same and close
//   @inline text        send the text and a line end, compare one reply
//   @scan SCAN 0 ...    a full iteration on both, compared as a set
//   @mode NAME ...      compare the reply of the command on this line by another mode (compare.h)
//   @save NAME          keep the last reply of each side; $NAME as an argument sends it back
//   @wait MS            let the time pass
//   @blocked N          wait until both servers say that so many clients are blocked
//   @state              compare all keys of both servers (done at the end of each file anyway)
//   @uncounted N        the reference may have left out N changes in this file: Redis 7.0 does not
//                       count what commands do that had waited for a list or a stream's group
//   @info command       report INFO fields that the tested server lacks, as notes
//   @resp N             the rest of the file only runs over this protocol
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/oracle/duel.h"

namespace nuthatch::oracle {

struct ScriptResult {
  size_t commands = 0;
  std::vector<std::string> differences;  // each with file, line, command and replies
  std::vector<std::string> notes;
};

// Runs one file from Reset(). An error means the file is unreadable or a server is gone.
base::Result<ScriptResult> RunScript(Duel* duel, const std::string& path);

// Words of a line as redis-cli splits them; nothing if its quotes don't close.
std::optional<Argv> SplitLine(std::string_view line);

}  // namespace nuthatch::oracle
