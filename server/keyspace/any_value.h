// An entry's value, whatever its type: as a view for who writes, walks or measures values
// (values/value_writer.h, value_walk.h), and from one that was read (values/value_reader.h).
#pragma once

#include "server/keyspace/keyspace.h"
#include "server/values/value_reader.h"
#include "server/values/value_view.h"

namespace nuthatch::keyspace {

// Valid until the entry is changed, or `text` is gone, in which an integer is printed.
values::ValueView ViewOf(const Entry& entry, NumberText& text);

// Makes the key this value, in place of what was there. `found` is what Find(db, key) has just
// given, none included.
EntryRef StoreValue(Keyspace& keys, int db, const Key& key, EntryRef found,
                    values::LoadedValue value, Ttl ttl);

}  // namespace nuthatch::keyspace
