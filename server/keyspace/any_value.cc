#include "server/keyspace/any_value.h"

#include <utility>

namespace nuthatch::keyspace {

values::ValueView ViewOf(const Entry& entry, NumberText& text) {
  values::ValueView view{entry.type(), entry.encoding(), {}, nullptr};
  if (entry.kind() == ValueKind::kObject) {
    view.object = entry.object();
  } else {
    view.bytes = entry.type() == Type::kString ? entry.Text(text) : entry.bytes();
  }
  return view;
}

EntryRef StoreValue(Keyspace& keys, int db, const Key& key, EntryRef found,
                    values::LoadedValue value, Ttl ttl) {
  if (value.object != nullptr) {
    return keys.SetObject(db, key, found, value.type, value.encoding, std::move(value.object), ttl);
  }
  if (value.type == Type::kString) return keys.SetString(db, key, found, value.bytes.view(), ttl);
  return keys.SetCompact(db, key, found, value.type, value.encoding, value.bytes.view(), ttl);
}

}  // namespace nuthatch::keyspace
