// Values, deadlines and removal. Walks, expiry and flushes are in keyspace_walk.cc.
#include "server/keyspace/keyspace.h"

#include <algorithm>

#include "server/base/clock.h"

namespace nuthatch::keyspace {

using values::Blob;

Keyspace::Keyspace(const Options& options, Listener* listener)
    : options_(options),
      slot_map_(static_cast<size_t>(options.shards)),
      slots_(slot_map_.SlotsOf(static_cast<size_t>(options.shard))),
      listener_(listener),
      databases_(static_cast<size_t>(options.databases)),
      random_(HashName("keyspace") + static_cast<uint64_t>(options.shard)) {
  CHECK(options.shard >= 0 && options.shard < options.shards && options.databases > 0);
  policy_choice_ = *eviction::ParsePolicyName("noeviction");
  policy_ = policy_choice_.Make({});
  access_hook_ = policy_->BeginBatch(0);
}

Keyspace::~Keyspace() { FlushAll(); }

// --- Eviction policy ---

void Keyspace::SetPolicy(const eviction::PolicyChoice& choice,
                         const eviction::Parameters& parameters) {
  std::unique_ptr<eviction::Policy> former = std::move(policy_);
  policy_choice_ = choice;
  policy_ = choice.Make(parameters);
  policy_->SwitchFrom(*former);
  BeginBatch(batch_ms_);
}

void Keyspace::SetPolicyParameters(const eviction::Parameters& parameters) {
  policy_->SetParameters(parameters);
  BeginBatch(batch_ms_);
}

void Keyspace::BeginBatch(int64_t now_ms) {
  batch_ms_ = now_ms;
  access_hook_ = policy_->BeginBatch(now_ms);
}

// The entry's bytes were `before`: brings the accounts up to date.
void Keyspace::Account(int db, const Key& key, EntryRef ref, uint64_t before) {
  uint64_t now = ref->MemoryBytes();
  databases_[static_cast<size_t>(db)].entry_bytes += static_cast<int64_t>(now - before);
  if (now == before || !policy_choice_.row->tracks_removal) return;
  eviction::KeyMeta meta{ref.place_.tag(), ref->access()};
  eviction::Changed changed = policy_->OnUpdate(key.hash, meta, before, now);
  if (eviction::ChangedAccess(changed)) ref->access() = meta.access;
  if (eviction::ChangedTag(changed)) ref.place_.set_tag(meta.tag);
}

// --- What an entry is made of ---

// A value to be written into an entry, by kind.
struct Keyspace::Content {
  std::string_view text;  // kEmbedded
  int64_t integer = 0;    // kInt
  Blob* blob = nullptr;   // kBlob
  values::Object* object = nullptr;
};

void Keyspace::Fill(Entry& entry, const Content& content) {
  switch (entry.kind()) {
    case ValueKind::kEmbedded:
      if (!content.text.empty()) {
        std::memcpy(entry.value_bytes(), content.text.data(), content.text.size());
      }
      break;
    case ValueKind::kInt:
      entry.SetInt(content.integer);
      break;
    case ValueKind::kBlob:
      entry.SetBlob(content.blob);
      break;
    case ValueKind::kObject:
      entry.SetObject(content.object);
      break;
  }
}

Entry* Keyspace::MakeEntry(const Entry::Shape& shape, const Content& content) {
  Entry* entry = Entry::Make(shape);
  Fill(*entry, content);
  return entry;
}

// --- Putting in ---

EntryRef Keyspace::Add(int db, const Key& key, Entry* entry, bool keep_access) {
  Database& database = databases_[static_cast<size_t>(db)];
  size_t local = LocalOf(key.slot);
  DCHECK(slot_map_.ShardOf(key.slot) == options_.shard);
  SlotTable& table = database.MakeTable(local);
  uint64_t bytes = entry->MemoryBytes();
  eviction::KeyMeta meta = policy_->OnInsert(key.hash, bytes, batch_ms_);
  if (!keep_access) entry->access() = meta.access;
  SlotTable::Ref place = table.Insert(key.hash, entry, meta.tag, database.table_bytes);
  database.NoteInsert(local);
  if (!table.settled()) database.NoteSettled(local, false);
  database.entry_bytes += static_cast<int64_t>(bytes);
  EntryRef ref(entry, place);
  if (entry->pinned()) database.NotePinned(local, 1, slots_);
  if (entry->has_deadline()) {
    database.NoteVolatile(*entry, 1);
    NoteDeadline(db, key, entry->deadline_ms());
  }
  return ref;
}

// Puts `entry` in the place of the one at `ref`, whose payload has been dealt with. The caller
// keeps the accounts.
void Keyspace::Replace(EntryRef& ref, Entry* entry) {
  entry->access() = ref->access();
  entry->set_pinned(ref->pinned());
  Entry::Release(ref.get());
  ref.place_.set_entry(entry);
  ref.entry_ = entry;
}

// Makes the key `shape` with `content`, in the place of what was found. A value that fits into the
// same allocation is written there.
EntryRef Keyspace::Store(int db, const Key& key, EntryRef found, Entry::Shape shape,
                         const Content& content, Ttl ttl) {
  shape.name = key.name;
  if (!found) {
    shape.deadline_ms = ttl.deadline_ms >= 0 ? ttl.deadline_ms : kNoDeadline;
    return Add(db, key, MakeEntry(shape, content), false);
  }
  Database& database = databases_[static_cast<size_t>(db)];
  shape.deadline_ms =
      ttl.deadline_ms == Ttl::Keep().deadline_ms ? found->deadline_ms() : ttl.deadline_ms;
  bool was_volatile = found->has_deadline();
  uint64_t before = found->MemoryBytes();
  reclaimer_.FreePayload(*found);
  if (Entry::ClassOf(shape) == found->OwnBytes()) {
    found->Remake(shape);
    Fill(*found, content);
  } else {
    Replace(found, MakeEntry(shape, content));
  }
  Account(db, key, found, before);
  database.NoteVolatile(*found, static_cast<int>(found->has_deadline()) - (was_volatile ? 1 : 0));
  if (found->has_deadline()) NoteDeadline(db, key, found->deadline_ms());
  return found;
}

EntryRef Keyspace::SetString(int db, const Key& key, EntryRef found, std::string_view value,
                             Ttl ttl, Form form) {
  NoteChange(db, key);
  if (form == Form::kStored && value.size() <= base::kMaxInt64Chars) {
    if (std::optional<int64_t> integer = values::AsStoredInt(value)) {
      return SetInt(db, key, found, *integer, ttl);
    }
  }
  Entry::Shape shape;
  shape.encoding = form != Form::kRaw && value.size() <= values::kEmbstrLimit ? Encoding::kEmbstr
                                                                              : Encoding::kRaw;
  shape.value_size = value.size();
  // Nothing but the bytes changes: the most frequent overwrite.
  const bool plain = IsPlainOverwrite(found, ttl);
  if (plain && found->kind() == ValueKind::kEmbedded && found->embedded_size() == value.size()) {
    if (!value.empty()) std::memcpy(found->value_bytes(), value.data(), value.size());
    found->set_encoding(shape.encoding);
    return found;
  }
  Content content;
  content.text = value;
  if (value.size() > Entry::kMaxEmbedded) {
    // Write into the block that is there, if it has just the right size.
    if (plain && found->kind() == ValueKind::kBlob &&
        found->blob()->MemoryBytes() == base::SizeClass(sizeof(Blob) + value.size())) {
      std::memcpy(found->blob()->bytes(), value.data(), value.size());
      found->blob()->size = value.size();
      return found;
    }
    shape.kind = ValueKind::kBlob;
    content.blob = Blob::Copy(value);
  }
  return Store(db, key, found, shape, content, ttl);
}

EntryRef Keyspace::SetBlob(int db, const Key& key, EntryRef found, Blob* blob, Ttl ttl) {
  if (blob->size <= Entry::kMaxEmbedded) {
    EntryRef ref = SetString(db, key, found, blob->view(), ttl, Form::kRaw);
    Blob::Release(blob);
    return ref;
  }
  NoteChange(db, key);
  Entry::Shape shape;
  shape.kind = ValueKind::kBlob;
  Content content;
  content.blob = blob;
  return Store(db, key, found, shape, content, ttl);
}

EntryRef Keyspace::SetInt(int db, const Key& key, EntryRef found, int64_t value, Ttl ttl) {
  NoteChange(db, key);
  if (IsPlainOverwrite(found, ttl) && found->kind() == ValueKind::kInt) {
    found->SetInt(value);
    found->set_copied(false);
    return found;
  }
  Entry::Shape shape;
  shape.encoding = Encoding::kInt;
  shape.kind = ValueKind::kInt;
  Content content;
  content.integer = value;
  return Store(db, key, found, shape, content, ttl);
}

EntryRef Keyspace::SetObject(int db, const Key& key, EntryRef found, Type type, Encoding encoding,
                             std::unique_ptr<values::Object> object, Ttl ttl) {
  NoteChange(db, key);
  return StoreObject(db, key, found, type, encoding, std::move(object), ttl);
}

EntryRef Keyspace::ReplaceForm(int db, const Key& key, EntryRef found, Encoding encoding,
                               std::unique_ptr<values::Object> object) {
  DCHECK(found);
  return StoreObject(db, key, found, found->type(), encoding, std::move(object), Ttl::Keep());
}

EntryRef Keyspace::StoreObject(int db, const Key& key, EntryRef found, Type type, Encoding encoding,
                               std::unique_ptr<values::Object> object, Ttl ttl) {
  Entry::Shape shape;
  shape.type = type;
  shape.encoding = encoding;
  shape.kind = ValueKind::kObject;
  Content content;
  content.object = object.release();
  return Store(db, key, found, shape, content, ttl);
}

EntryRef Keyspace::SetCompact(int db, const Key& key, EntryRef found, Type type, Encoding encoding,
                              std::string_view bytes, Ttl ttl) {
  NoteChange(db, key);
  Entry::Shape shape;
  shape.type = type;
  shape.encoding = encoding;
  shape.value_size = bytes.size();
  Content content;
  content.text = bytes;
  if (bytes.size() > Entry::kMaxEmbedded) {
    shape.kind = ValueKind::kBlob;
    content.blob = Blob::Copy(bytes);
  }
  return Store(db, key, found, shape, content, ttl);
}

// --- Bytes that change their length ---

// For a string or a compact form; an integer becomes text. Short ones are embedded until they have
// grown past the limit; then they get a blob, which they keep until they are much shorter.
char* Keyspace::ResizeBytes(int db, const Key& key, EntryRef& ref, size_t size, Growth growth) {
  if (ref->kind() == ValueKind::kInt) {
    NumberText number;
    Content content;
    content.text = ref->Text(number);
    Entry::Shape shape;
    shape.encoding = Encoding::kRaw;
    shape.value_size = content.text.size();
    ref = Store(db, key, ref, shape, content, Ttl::Keep());
  }
  const bool in_blob = ref->kind() == ValueKind::kBlob;
  if (in_blob) {
    Blob* blob = ref->blob();
    const size_t least = growth == Growth::kTight ? blob->capacity / 2 : blob->capacity / 4;
    if (size <= blob->capacity && size >= least) {
      blob->size = size;
      return blob->bytes();
    }
  }
  std::string_view old = ref->bytes();
  size_t kept = std::min(old.size(), size);
  uint64_t before = ref->MemoryBytes();
  Entry::Shape shape = ref->shape();
  shape.name = key.name;
  shape.value_size = size;
  if (size <= Entry::kMaxEmbedded) {
    shape.kind = ValueKind::kEmbedded;
    if (!in_blob && Entry::ClassOf(shape) == ref->OwnBytes()) {
      ref->SetEmbeddedSize(size);
      return ref->value_bytes();
    }
    Entry* entry = Entry::Make(shape);
    std::memcpy(entry->value_bytes(), old.data(), kept);
    reclaimer_.FreePayload(*ref);
    Replace(ref, entry);
    Account(db, key, ref, before);
    return ref->value_bytes();
  }
  bool doubles = growth == Growth::kDoubling && in_blob && size > old.size();
  size_t room = doubles ? size + std::min<size_t>(size, 1024 * 1024) : size;
  Blob* blob = Blob::MakeWithRoom(size, room);
  std::memcpy(blob->bytes(), old.data(), kept);
  if (in_blob) {
    reclaimer_.FreeBlob(ref->blob());
  } else {
    shape.kind = ValueKind::kBlob;
    Replace(ref, Entry::Make(shape));
  }
  ref->SetBlob(blob);
  Account(db, key, ref, before);
  return blob->bytes();
}

char* Keyspace::ResizeString(int db, const Key& key, EntryRef& ref, size_t size) {
  if (!ref) {
    Entry::Shape shape;
    shape.encoding = Encoding::kRaw;
    ref = Store(db, key, ref, shape, Content{}, Ttl::Keep());
  }
  CHECK(ref->type() == Type::kString);
  const size_t old = ref->TextSize();
  char* bytes = ResizeBytes(db, key, ref, size, Growth::kDoubling);
  if (size > old) std::memset(bytes + old, 0, size - old);
  ref->set_encoding(Encoding::kRaw);
  return bytes;
}

// --- Deadlines ---

void Keyspace::NoteDeadline(int db, const Key& key, int64_t deadline_ms) {
  Database& database = databases_[static_cast<size_t>(db)];
  size_t local = LocalOf(key.slot);
  database.Table(local)->LowerBound(key.hash, deadline_ms, database.table_bytes);
  database.LowerDeadline(local, deadline_ms, slots_);
}

// Gives the entry another deadline field: larger, smaller, or none.
void Keyspace::Reshape(int db, const Key& key, EntryRef& ref, int64_t deadline_ms) {
  Entry::Shape shape = ref->shape();
  shape.name = key.name;
  shape.deadline_ms = deadline_ms;
  char value[Entry::kMaxEmbedded];
  size_t size = ref->ValueFieldSize();
  std::memcpy(value, ref->value_bytes(), size);
  uint64_t before = ref->MemoryBytes();
  if (Entry::ClassOf(shape) == ref->OwnBytes()) {
    ref->Remake(shape);
  } else {
    Replace(ref, Entry::Make(shape));
  }
  std::memcpy(ref->value_bytes(), value, size);
  Account(db, key, ref, before);
}

void Keyspace::SetDeadline(int db, const Key& key, EntryRef& ref, int64_t deadline_ms) {
  NoteChange(db, key);
  CHECK(ref && deadline_ms >= 0);
  if (!ref->has_deadline()) databases_[static_cast<size_t>(db)].NoteVolatile(*ref, 1);
  if (ref->DeadlineFits(deadline_ms)) {
    ref->SetDeadline(deadline_ms);
  } else {
    Reshape(db, key, ref, deadline_ms);
  }
  NoteDeadline(db, key, deadline_ms);
}

void Keyspace::ClearDeadline(int db, const Key& key, EntryRef& ref) {
  CHECK(ref);
  if (!ref->has_deadline()) return;
  NoteChange(db, key);
  databases_[static_cast<size_t>(db)].NoteVolatile(*ref, -1);
  Reshape(db, key, ref, kNoDeadline);
}

bool Keyspace::SetPinned(int db, const Key& key, EntryRef ref, bool pinned) {
  CHECK(ref);
  if (ref->pinned() == pinned) return false;
  Database& database = databases_[static_cast<size_t>(db)];
  if (ref->has_deadline()) database.NoteVolatile(*ref, -1);
  ref->set_pinned(pinned);
  if (ref->has_deadline()) database.NoteVolatile(*ref, 1);
  database.NotePinned(LocalOf(key.slot), pinned ? 1 : -1, slots_);
  return true;
}

// --- Removal ---

// Takes the entry out of its table and out of the accounts; it and its value stay.
void Keyspace::Detach(int db, const Key& key, EntryRef ref, eviction::RemoveReason reason) {
  Database& database = databases_[static_cast<size_t>(db)];
  size_t local = LocalOf(key.slot);
  SlotTable& table = *database.Table(local);
  uint64_t bytes = ref->MemoryBytes();
  if (policy_choice_.row->tracks_removal) {
    policy_->OnRemove(key.hash, {ref.place_.tag(), ref->access()}, bytes, reason);
  }
  database.entry_bytes -= static_cast<int64_t>(bytes);
  if (ref->has_deadline()) database.NoteVolatile(*ref, -1);
  if (ref->pinned()) database.NotePinned(local, -1, slots_);
  table.Erase(ref.place_, key.hash, database.table_bytes);
  database.NoteErase(local, table);
  database.NoteSettled(local, table.settled());
}

void Keyspace::FreeEmptyTables(int db, size_t local) {
  Database& database = databases_[static_cast<size_t>(db)];
  size_t chunk = local / Database::kChunkTables;
  if (database.directory->counts[chunk] != 0 || database.directory->unsettled[chunk] != 0) return;
  for (size_t i = chunk * Database::kChunkTables; i < (chunk + 1) * Database::kChunkTables; ++i) {
    size_t cursor = 0;  // empty, but it may have memory
    while (!database.Table(i)->Destroy(
        &cursor, SIZE_MAX / 2, [](Entry*) {}, database.table_bytes)) {
    }
    // A deadline that nobody has any more would make active expiry look for the table.
    if (database.deadlines != nullptr && i < slots_) database.deadlines->Set(i, MinTree::kNothing);
  }
  database.FreeChunk(chunk);
}

void Keyspace::Erase(int db, const Key& key, EntryRef ref, Reason reason) {
  CHECK(ref);
  NoteChange(db, key, false);
  if (listener_ != nullptr) listener_->OnRemove(db, key, reason);
  if (reason == Reason::kExpired) ++stats_.expired;
  if (reason == Reason::kEvicted) ++stats_.evicted;
  constexpr eviction::RemoveReason kReasons[] = {eviction::RemoveReason::kDeleted,
                                                 eviction::RemoveReason::kExpired,
                                                 eviction::RemoveReason::kEvicted};
  Detach(db, key, ref, kReasons[static_cast<int>(reason)]);
  reclaimer_.FreePayload(*ref);
  Entry::Release(ref.get());
}

void Keyspace::Expire(int db, const Key& key, EntryRef ref) {
  Erase(db, key, ref, Reason::kExpired);
}

Value Keyspace::Extract(int db, const Key& key, EntryRef ref) {
  CHECK(ref);
  NoteChange(db, key, false);
  Detach(db, key, ref, eviction::RemoveReason::kReplaced);
  return Value(ref.get());
}

EntryRef Keyspace::Insert(int db, const Key& key, Value value) {
  NoteChange(db, key);
  CHECK(value);
  const bool fresh = value.fresh();
  Entry* source = value.Release();
  Entry::Shape shape = source->shape();
  shape.name = key.name;
  Entry* entry = Entry::Make(shape);
  std::memcpy(entry->value_bytes(), source->value_bytes(), source->ValueFieldSize());
  if (!fresh) entry->access() = source->access();
  entry->set_pinned(source->pinned());
  Entry::Release(source);
  return Add(db, key, entry, /*keep_access=*/!fresh);
}

Value Keyspace::Duplicate(EntryRef ref) const {
  CHECK(ref);
  Entry* copy = Entry::Make(ref->shape());
  copy->set_pinned(ref->pinned());
  switch (ref->kind()) {
    case ValueKind::kEmbedded:
      std::memcpy(copy->value_bytes(), ref->value_bytes(), ref->ValueFieldSize());
      break;
    case ValueKind::kInt:
      copy->SetInt(ref->integer());
      copy->set_copied(true);
      break;
    case ValueKind::kBlob:
      copy->SetBlob(Blob::Copy(ref->blob()->view()));
      break;
    case ValueKind::kObject:
      copy->SetObject(ref->object()->Duplicate().release());
      break;
  }
  return Value(copy, /*fresh=*/true);
}

}  // namespace nuthatch::keyspace
