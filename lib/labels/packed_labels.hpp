#pragma once

#include "lib/labels/labels.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rollcall {

/// A set of labels to keep rather than to work with: the names are in the process's name_table, so that a label costs
/// its value and two or three bytes. As labels are: immutable, sorted by name, names unique, no empty value. Views into
/// it live as long as it is neither moved nor assigned.
class packed_labels {
 public:
  class iterator {
   public:
    using value_type = label;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    explicit iterator(const char* at) : at_(at) {}
    label operator*() const;
    iterator& operator++();
    iterator operator++(int);
    bool operator==(const iterator&) const = default;

   private:
    const char* at_ = nullptr;
  };

  packed_labels() = default;
  /// Implicit: the two are one set in two forms.
  packed_labels(const labels& set);
  labels unpacked() const;

  iterator begin() const { return iterator(data_.data()); }
  iterator end() const { return iterator(data_.data() + data_.size()); }
  size_t size() const;
  bool empty() const { return data_.empty(); }
  /// The value, or "" when there is no such label.
  std::string_view get(std::string_view name) const;
  bool contains(std::string_view name) const { return !get(name).empty(); }
  /// As that of labels.
  std::string to_string() const { return unpacked().to_string(); }

  bool operator==(const packed_labels&) const = default;

 private:
  std::string data_;  // per label: varint number of the name, or 0 and the name as a field; the value as a field
};

}  // namespace rollcall
