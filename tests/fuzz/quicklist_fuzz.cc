// LINKS: values
//
// Lists. The input is a program that changes a quicklist and a deque of strings in step. Its first
// two bytes choose the limit of a node and the size from which an element gets a node of its own.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "server/base/check.h"
#include "server/values/quicklist.h"

namespace {

using nuthatch::values::NumberText;
using nuthatch::values::Quicklist;
using Direction = Quicklist::Direction;
using Model = std::deque<std::string>;

bool Equal(const Quicklist& list, const Model& model) {
  if (list.size() != model.size()) return false;
  Quicklist::Cursor cursor = list.First();
  for (const std::string& text : model) {
    NumberText number;
    if (!cursor || list.At(cursor).Text(number) != text) return false;
    list.Advance(&cursor, Direction::kForward);
  }
  return !cursor;
}

// One step: two bytes say what to do and where, a third how long the element is that follows.
std::string_view Step(std::unique_ptr<Quicklist>& list, Model& model, std::string_view program) {
  auto what = static_cast<uint8_t>(program[0]);
  size_t index = model.empty() ? 0 : static_cast<uint8_t>(program[1]) * model.size() / 256;
  auto length = static_cast<uint8_t>(program[2]);
  program.remove_prefix(3);
  std::string text(program.substr(0, length % 32));
  program.remove_prefix(text.size());
  if (length >= 128) text.append(length, 'x');

  auto place = model.begin() + static_cast<int64_t>(index);
  Quicklist::Cursor cursor = list->Seek(static_cast<int64_t>(index));
  Direction direction = what >= 128 ? Direction::kForward : Direction::kBackward;
  switch (model.empty() ? what % 2 : what % 9) {
    case 0:
      list->PushFront(text);
      model.push_front(text);
      break;
    case 1:
      // Many, so that there are nodes of several levels.
      for (int i = 0; i <= what / 8; ++i) {
        list->PushBack(text);
        model.push_back(text);
      }
      break;
    case 2:
      list->InsertBefore(cursor, text);
      model.insert(place, text);
      break;
    case 3:
      list->InsertAfter(cursor, text);
      model.insert(place + 1, text);
      break;
    case 4:
      list->Replace(cursor, text);
      *place = text;
      break;
    case 5:
      list->Erase(&cursor, direction);
      model.erase(place);
      break;
    case 6: {
      size_t count = std::min<size_t>(length, model.size() - index);
      std::unique_ptr<Quicklist> erased = list->EraseRange(index, count);
      auto end = place + static_cast<int64_t>(count);
      CHECK(erased == nullptr || erased->size() <= count);
      model.erase(place, end);
      break;
    }
    case 7: {
      std::string wanted = *place;
      uint64_t expected = 0;
      for (; expected < length % 4U; ++expected) {
        auto found = std::find(model.begin(), model.end(), wanted);
        if (direction == Direction::kBackward && found != model.end()) {
          found = std::find(model.rbegin(), model.rend(), wanted).base() - 1;
        }
        if (found == model.end()) break;
        model.erase(found);
      }
      CHECK(list->EraseEqual(wanted, length % 4U, direction) == expected);
      break;
    }
    default:
      list.reset(static_cast<Quicklist*>(list->Duplicate().release()));
      break;
  }
  return program;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  auto list = std::make_unique<Quicklist>(static_cast<int8_t>(data[0]) % 8);
  Quicklist::SetPackedThreshold(data[1]);
  std::string_view program(reinterpret_cast<const char*>(data) + 2, size - 2);
  Model model;
  while (program.size() >= 3) program = Step(list, model, program);
  list->CheckInvariants();
  CHECK(Equal(*list, model));
  return 0;
}
