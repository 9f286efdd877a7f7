// PartialSort: puts elements in order just as far as some ranks are asked for, in O(n + k log k) on
// average for k of n ranks.
//
// The algorithm is the quicksort of J. L. Bentley and M. D. McIlroy, "Engineering a Sort Function"
// (Software - Practice and Experience 23, 1993): insertion sort for few elements; for more a pivot
// that is the median of three, or of three such medians; elements that equal the pivot are gathered
// at both ends and then swapped into the middle. Parts without a rank that is asked for are left
// alone.
//
// It is not stable. But where equal elements go depends on the comparisons alone, and so it is just
// where Redis puts them, whose partial sort goes these ways, too: clients of both see the same page
// of equal elements. Inputs made to be slow get a merge sort after a while, and never take more
// than O(n log n).
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>
#include <utility>

namespace nuthatch::base {

namespace internal {

// One sorting. `Compare` gives less than, equal to or more than zero.
template <typename T, typename Compare>
class PartialSorter {
 public:
  PartialSorter(std::span<T> items, size_t first, size_t last, const Compare& compare)
      : first_(items.data() + first),
        last_(items.data() + last),
        compare_(compare),
        budget_(kBudgetPerStep * items.size() * static_cast<size_t>(std::bit_width(items.size()))) {
  }

  void Sort(T* begin, size_t size) {
    while (size >= kFew) {
      if (budget_ < size) return MergeSort(begin, size);
      budget_ -= size;
      std::swap(*begin, *Pivot(begin, size));
      const Parts parts = Partition(begin, size);
      if (parts.less > 1 && IsWanted(begin, parts.less)) Sort(begin, parts.less);
      begin += size - parts.more;
      size = parts.more;
      if (size <= 1 || !IsWanted(begin, size)) return;
    }
    InsertionSort(begin, size);
  }

 private:
  static constexpr size_t kFew = 7;
  static constexpr size_t kMany = 40;
  // Several times what random elements need.
  static constexpr size_t kBudgetPerStep = 8;

  struct Parts {
    size_t less = 0;  // how many are before what equals the pivot
    size_t more = 0;  // and behind it
  };

  bool IsWanted(const T* begin, size_t size) const {
    return first_ < begin + size && last_ >= begin;
  }

  T* Median(T* a, T* b, T* c) const {
    if (compare_(*a, *b) < 0) {
      if (compare_(*b, *c) < 0) return b;
      return compare_(*a, *c) < 0 ? c : a;
    }
    if (compare_(*b, *c) > 0) return b;
    return compare_(*a, *c) < 0 ? a : c;
  }

  T* Pivot(T* begin, size_t size) const {
    T* middle = begin + size / 2;
    if (size == kFew) return middle;
    T* low = begin;
    T* high = begin + size - 1;
    if (size > kMany) {
      const size_t apart = size / 8;
      low = Median(low, low + apart, low + 2 * apart);
      middle = Median(middle - apart, middle, middle + apart);
      high = Median(high - 2 * apart, high - apart, high);
    }
    return Median(low, middle, high);
  }

  // The pivot is the first one.
  Parts Partition(T* begin, size_t size) const {
    T* const end = begin + size;
    T* equal_low = begin + 1;  // [begin, equal_low) and (equal_high, end) equal the pivot
    T* low = begin + 1;
    T* high = end - 1;
    T* equal_high = end - 1;
    for (;;) {
      int order = 0;
      for (; low <= high && (order = compare_(*low, *begin)) <= 0; ++low) {
        if (order < 0) continue;
        std::swap(*equal_low++, *low);
      }
      for (; low <= high && (order = compare_(*high, *begin)) >= 0; --high) {
        if (order > 0) continue;
        std::swap(*high, *equal_high--);
      }
      if (low > high) break;
      std::swap(*low++, *high--);
    }
    const auto less = static_cast<size_t>(low - equal_low);
    const auto more = static_cast<size_t>(equal_high - high);
    size_t count = std::min(static_cast<size_t>(equal_low - begin), less);
    std::swap_ranges(begin, begin + count, low - count);
    count = std::min(more, static_cast<size_t>(end - 1 - equal_high));
    std::swap_ranges(low, low + count, end - count);
    return {.less = less, .more = more};
  }

  void InsertionSort(T* begin, size_t size) const {
    for (T* item = begin + 1; item < begin + size; ++item) {
      for (T* at = item; at > begin && compare_(at[-1], at[0]) > 0; --at) std::swap(at[-1], at[0]);
    }
  }

  void MergeSort(T* begin, size_t size) const {
    std::stable_sort(begin, begin + size,
                     [this](const T& a, const T& b) { return compare_(a, b) < 0; });
  }

  const T* first_;
  const T* last_;
  const Compare& compare_;
  size_t budget_;  // of comparisons
};

}  // namespace internal

// Puts at each rank from `first` to `last` what a whole sorting would put there. `compare(a, b)` is
// less than, equal to or more than zero, as a is to b. REQUIRES: first <= last < items.size().
template <typename T, typename Compare>
void PartialSort(std::span<T> items, size_t first, size_t last, const Compare& compare) {
  internal::PartialSorter<T, Compare>(items, first, last, compare).Sort(items.data(), items.size());
}

}  // namespace nuthatch::base
