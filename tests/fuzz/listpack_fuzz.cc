// LINKS: values
//
// Listpacks. The first byte of the input chooses: the rest is a listpack as it is; or its content,
// which gets a right header and terminator; or the words of a program that edits a listpack and a
// vector of strings in step.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/check.h"
#include "server/values/byte_store.h"
#include "server/values/listpack_edit.h"

namespace {

using nuthatch::values::Element;
using nuthatch::values::HeapBytes;
using nuthatch::values::Listpack;
using nuthatch::values::NumberText;
namespace listpack = nuthatch::values::listpack;

using Model = std::vector<std::string>;

// Everything that a view can be asked, which must agree with itself.
void ReadAll(std::string_view bytes) {
  Model elements;
  bool accepted = Listpack::Validate(bytes, [&elements](const Element& element) {
    NumberText number;
    elements.emplace_back(element.Text(number));
    return true;
  });
  if (!accepted) return;
  Listpack view(bytes);
  CHECK(view.Count() == elements.size());
  size_t at = view.First();
  for (const std::string& element : elements) {
    CHECK(view.At(at).Equals(element));
    CHECK(view.Read(&at).Equals(element));
  }
  CHECK(at == view.End());
  for (size_t i = elements.size(); i-- > 0;) {
    at = view.Previous(at);
    CHECK(view.At(at).Equals(elements[i]));
    size_t found = view.Find(elements[i], view.First());
    CHECK(found <= at && view.At(found).Equals(elements[i]));
  }
  auto count = static_cast<int64_t>(elements.size());
  CHECK(view.Seek(count) == view.End() && view.Seek(-count - 1) == view.End());
  if (count > 0) {
    CHECK(view.Seek(0) == view.First() && view.Seek(-1) == view.Last());
    CHECK(view.Seek(count / 2) == view.Seek(count / 2 - count));
  }

  // Its elements, written anew, are a listpack too; and so is what is left when one goes.
  HeapBytes copy(bytes);
  listpack::StoreCount(copy);
  if (count > 0) listpack::DeleteRange(copy, count / 2, 1);
  listpack::Append(copy, listpack::Item("end"));
  CHECK(Listpack::Validate(copy.view()));
  listpack::Merge(copy, view);
  CHECK(Listpack::Validate(copy.view()));
  Listpack merged(copy.view());
  CHECK(count == 0 || merged.At(merged.Last()).Equals(elements.back()));
}

std::string Framed(std::string_view content, uint16_t count) {
  auto total = static_cast<uint32_t>(content.size() + listpack::kEmptySize);
  std::string bytes(listpack::kHeaderSize, '\0');
  std::memcpy(bytes.data(), &total, sizeof total);
  std::memcpy(bytes.data() + listpack::kCountOffset, &count, sizeof count);
  bytes.append(content);
  bytes.push_back(static_cast<char>(listpack::kTerminator));
  return bytes;
}

// Two bytes say what to do and where, a third how many of those that follow are the element.
void RunProgram(std::string_view program) {
  HeapBytes bytes;
  listpack::MakeEmpty(bytes);
  Model model;
  while (program.size() >= 3) {
    auto what = static_cast<uint8_t>(program[0]);
    size_t index = static_cast<uint8_t>(program[1]) % (model.size() + 1);
    size_t length = static_cast<uint8_t>(program[2]);
    program.remove_prefix(3);
    std::string text(program.substr(0, length));
    program.remove_prefix(text.size());
    // Long ones, too.
    if (what >= 0xF0) text.append(size_t{static_cast<uint8_t>(what)} * 20, 'x');
    Listpack view(bytes.view());
    size_t at = view.Seek(static_cast<int64_t>(index));
    bool there = index < model.size();
    auto place = model.begin() + static_cast<int64_t>(index);
    switch (what % 5) {
      case 0:
        if (!there) break;
        listpack::Replace(bytes, at, listpack::Item(text));
        *place = text;
        break;
      case 1: {
        size_t count = listpack::Delete(bytes, at, length % 4);
        model.erase(place, place + static_cast<int64_t>(count));
        break;
      }
      case 2: {
        HeapBytes copy(bytes.view());
        if (bytes.size() > 4096) break;
        listpack::Merge(bytes, Listpack(copy.view()), length % 2 == 0);
        Model twice = model;
        twice.insert(twice.end(), model.begin(), model.end());
        model = std::move(twice);
        break;
      }
      default:
        listpack::Insert(bytes, at, listpack::Item(text));
        model.insert(place, text);
        break;
    }
  }
  Model seen;
  CHECK(Listpack::Validate(bytes.view(), [&seen](const Element& element) {
    NumberText number;
    seen.emplace_back(element.Text(number));
    return true;
  }));
  CHECK(seen == model);
  ReadAll(bytes.view());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: {
      // In a block of its own size: a read behind it is seen.
      HeapBytes bytes(rest);
      ReadAll(bytes.view());
      break;
    }
    case 1:
      ReadAll(Framed(rest, listpack::kUnknownCount));
      break;
    case 2: {
      if (rest.empty()) break;
      ReadAll(Framed(rest.substr(1), static_cast<uint8_t>(rest[0])));
      break;
    }
    default:
      RunProgram(rest);
      break;
  }
  return 0;
}
