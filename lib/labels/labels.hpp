#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall {

/// One label, viewed inside its owner.
struct label {
  std::string_view name;
  std::string_view value;

  bool operator==(const label&) const = default;
};

/// An immutable set of labels: sorted by name (bytewise), names unique, no empty value. Held in one buffer, so that
/// a set costs its text plus two bytes a label. Views into it live as long as it is neither moved nor assigned.
class labels {
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

  labels() = default;
  /// From pairs in any order. Of equal names the last wins; labels with an empty value are left out.
  static labels of(std::vector<std::pair<std::string, std::string>> pairs);

  iterator begin() const { return iterator(data_.data()); }
  iterator end() const { return iterator(data_.data() + data_.size()); }
  size_t size() const;
  bool empty() const { return data_.empty(); }
  /// The value, or "" when there is no such label.
  std::string_view get(std::string_view name) const;
  bool contains(std::string_view name) const { return !get(name).empty(); }
  /// XXH64 of names and values; the same on every machine and in every run.
  uint64_t hash() const;
  /// How much memory the set holds beyond its own object.
  size_t heap_bytes() const;
  /// `{a="1", b="x\"y"}`, values escaped as in the text exposition format.
  std::string to_string() const;

  bool operator==(const labels&) const = default;
  auto operator<=>(const labels&) const = default;

 private:
  friend class label_builder;
  std::string data_;  // per label: varint length, name, varint length, value
};

class packed_labels;

/// A label set under construction. Sorted at all times; setting an empty value deletes, as in Prometheus.
class label_builder {
 public:
  label_builder() = default;
  explicit label_builder(const labels& from) { assign(from); }

  /// Starts over from a set, and keeps the memory.
  void assign(const labels& from);
  void assign(const packed_labels& from);
  /// Adds the labels whose names are not there yet; linear in both sizes.
  void add_missing(const labels& defaults);
  void add_missing(const packed_labels& defaults);
  /// The value, or "" when there is no such label. Valid until the next change.
  std::string_view get(std::string_view name) const;
  void set(std::string_view name, std::string_view value);
  void erase(std::string_view name) { set(name, {}); }
  void clear() { pairs_.clear(); }
  bool empty() const { return pairs_.empty(); }
  size_t size() const { return pairs_.size(); }
  /// The labels in order of name.
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }
  /// Removes every label whose name satisfies the predicate.
  template <class Predicate>
  void erase_if(Predicate predicate) {
    std::erase_if(pairs_, [&](const auto& pair) { return predicate(std::string_view(pair.first)); });
  }
  labels build() const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace rollcall
