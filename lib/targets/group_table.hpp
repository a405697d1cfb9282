#pragma once

#include "lib/targets/target_group.hpp"

#include <cstddef>
#include <iterator>
#include <string_view>
#include <vector>

namespace rollcall {

/// Target groups by source, in order of source: the groups' own texts are the keys. Held in sorted runs of bounded
/// length, so that a group costs little more than the reference to it, and a change a search and a short move. A change
/// invalidates iterators.
class group_table {
  using run = std::vector<target_group_ptr>;

 public:
  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = target_group_ptr;
    using difference_type = std::ptrdiff_t;
    using pointer = const target_group_ptr*;
    using reference = const target_group_ptr&;

    iterator() = default;
    iterator(const run* in, size_t index) : in_(in), index_(index) {}
    reference operator*() const { return (*in_)[index_]; }
    pointer operator->() const { return &**this; }
    iterator& operator++() {
      if (++index_ == in_->size()) *this = iterator(in_ + 1, 0);
      return *this;
    }
    iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    bool operator==(const iterator&) const = default;

   private:
    const run* in_ = nullptr;
    size_t index_ = 0;
  };

  /// The group of a source, or null.
  target_group_ptr find(std::string_view source) const;
  /// Takes a group, not null, in the place of what its source had. Returns that, or null.
  target_group_ptr put(target_group_ptr group);
  /// Forgets a source. Returns what it had, or null.
  target_group_ptr take(std::string_view source);
  void clear() { runs_ = {}; }

  size_t size() const;
  bool empty() const { return runs_.empty(); }
  iterator begin() const { return {runs_.data(), 0}; }
  iterator end() const { return {runs_.data() + runs_.size(), 0}; }

 private:
  static constexpr size_t run_groups_max = 256;

  /// Where a source is, or would be put.
  struct place {
    size_t run = 0;
    size_t index = 0;
    bool is_taken = false;
  };

  place place_of(std::string_view source) const;
  void split(size_t run);
  void join(size_t run);

  std::vector<run> runs_;  // none empty
};

}  // namespace rollcall
