// Taking elements from lists, with the replies of LPOP, LMPOP and LMOVE: for these commands, and
// for those that wait for an element.
//
// They say how much they have changed, and leave the counting to the caller. A reply goes to
// `reply`, which is that of whoever gets the elements. For the thread that holds the keyspaces.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/commands/list_access.h"
#include "server/resp/reply_writer.h"
#include "server/runtime/context.h"

namespace nuthatch::commands {

// The element at an end, as a bulk string. REQUIRES: there is a list.
void PopOne(ListKey& list, ListEnd end, resp::ReplyWriter& reply);

// Up to `count` elements from an end, the outermost first, as an array; returns how many. `context`
// breathes. REQUIRES: there is a list.
uint64_t PopSeveral(CommandContext& context, ListKey& list, ListEnd end, uint64_t count,
                    resp::ReplyWriter& reply);

// The same behind the name of the key: the reply of LMPOP.
uint64_t PopFromNamed(CommandContext& context, ListKey& list, ListEnd end, uint64_t count,
                      resp::ReplyWriter& reply);

// What LMOVE does in database `db`: takes the element at one end of a list and puts it to an end of
// another, or of the same. Replies with the element, with null if there is no list to take it from,
// or WRONGTYPE; returns the number of changes, 0 or 1.
struct ListMove {
  const Key& from;
  ListEnd from_end;
  const Key& to;
  ListEnd to_end;
};
uint64_t MoveElement(CommandContext& context, int db, const ListMove& move,
                     resp::ReplyWriter& reply);

// LEFT or RIGHT.
std::optional<ListEnd> ParseListEnd(std::string_view arg);

// What LMPOP asks for.
struct ListPop {
  ListEnd end;
  uint64_t count = 1;
};
// Reads `numkeys key ... LEFT|RIGHT [COUNT n]`, with numkeys at argument `num_keys`.
std::optional<ListPop> ListPopOrReply(CommandContext& context, size_t num_keys);

}  // namespace nuthatch::commands
