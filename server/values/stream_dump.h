// Streams in the RDB form: what stands behind the byte of the type in DUMP payloads and RDB files.
//
// Redis 7.0 writes type 19 (kStreamListpacks2) and also reads what older versions have written,
// type 15, which lacks what 7.0 counts. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "server/base/buffer.h"
#include "server/values/dump.h"
#include "server/values/stream.h"

namespace nuthatch::values {

constexpr uint8_t kRdbStreamListpacks = 15;
constexpr uint8_t kRdbStreamListpacks2 = 19;

// Appends the form of type kRdbStreamListpacks2. `compress`: strings by LZF, where that saves.
void AppendStream(const Stream& stream, bool compress, base::Buffer& out);

// Reads either form, which may be hostile; null if it is corrupt. No more memory is taken than the
// bytes that are read are worth: a node at most kMaxExpansion times its bytes (LZF), some 100 bytes
// for a pending entry, consumer or group.
std::unique_ptr<Stream> ReadStream(uint8_t type, RdbReader& reader);

}  // namespace nuthatch::values
