#include "server/values/dump.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "server/base/crc64.h"
#include "server/values/value_writer.h"

namespace nuthatch::values {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr size_t kFooterSize = sizeof(uint16_t) + sizeof(uint64_t);

template <typename T>
void AppendRaw(T value, base::Buffer& out) {
  std::memcpy(out.Prepare(sizeof value), &value, sizeof value);
  out.Commit(sizeof value);
}

template <typename T>
T Load(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

void DumpValue(const ValueView& value, bool compress, base::Buffer& out) {
  size_t begin = out.size();
  out.Append(static_cast<char>(RdbTypeOf(value)));
  AppendValue(value, compress, out);
  AppendRaw(kRdbVersion, out);
  AppendRaw(base::Crc64(0, out.view().substr(begin)), out);
}

bool IsDump(std::string_view payload, bool check_sum) {
  if (payload.size() < kFooterSize) return false;
  std::string_view footer = payload.substr(payload.size() - kFooterSize);
  if (Load<uint16_t>(footer) > kRdbVersion) return false;
  if (!check_sum) return true;
  std::string_view covered = payload.substr(0, payload.size() - sizeof(uint64_t));
  return Load<uint64_t>(footer.substr(sizeof(uint16_t))) == base::Crc64(0, covered);
}

}  // namespace nuthatch::values
