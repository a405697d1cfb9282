#include "lib/labels/labels.hpp"

#include "lib/labels/field.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/packed_labels.hpp"
#include "lib/labels/quote.hpp"

#include <xxhash.h>

#include <algorithm>

namespace rollcall {

namespace {

void append_escaped(std::string& out, std::string_view value) {
  for (char c : value) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\n':
        out += "\\n";
        break;
      default:
        out += c;
    }
  }
}

// Takes labels or pairs: sorted by name, names unique, no empty value.
template <class Range>
std::string encode(const Range& range) {
  size_t bytes = 0;
  for (const auto& [name, value] : range) bytes += field_size(name) + field_size(value);
  std::string data;
  data.reserve(bytes);
  for (const auto& [name, value] : range) {
    append_field(data, name);
    append_field(data, value);
  }
  return data;
}

// Makes the pairs those of a sorted range, and keeps their memory.
template <class Range>
void copy_into(std::vector<std::pair<std::string, std::string>>& pairs, const Range& from) {
  size_t count = 0;
  for (auto [name, value] : from) {
    if (count == pairs.size()) pairs.emplace_back();
    auto& pair = pairs[count++];
    pair.first.assign(name);
    pair.second.assign(value);
  }
  pairs.resize(count);
}

// Adds the labels of a sorted range whose names are not among the sorted pairs.
template <class Range>
void merge_missing(std::vector<std::pair<std::string, std::string>>& pairs, const Range& defaults) {
  std::vector<label> missing;
  auto present = pairs.begin();
  for (auto candidate : defaults) {
    while (present != pairs.end() && present->first < candidate.name) ++present;
    if (present == pairs.end() || present->first != candidate.name) missing.push_back(candidate);
  }
  // Merges from the back, so that every pair moves once.
  size_t left = pairs.size();
  size_t to = left + missing.size();
  pairs.resize(to);
  while (!missing.empty()) {
    label last = missing.back();
    if (left > 0 && pairs[left - 1].first > last.name) {
      pairs[--to].swap(pairs[--left]);
      continue;
    }
    auto& pair = pairs[--to];
    pair.first.assign(last.name);
    pair.second.assign(last.value);
    missing.pop_back();
  }
}

bool name_less(const std::pair<std::string, std::string>& left, std::string_view name) { return left.first < name; }

}  // namespace

label labels::iterator::operator*() const {
  const char* at = at_;
  std::string_view name = read_field(at);
  std::string_view value = read_field(at);
  return {name, value};
}

labels::iterator& labels::iterator::operator++() {
  read_field(at_);
  read_field(at_);
  return *this;
}

labels::iterator labels::iterator::operator++(int) {
  iterator before = *this;
  ++*this;
  return before;
}

labels labels::of(std::vector<std::pair<std::string, std::string>> pairs) {
  std::vector<const std::pair<std::string, std::string>*> order;
  for (const auto& pair : pairs) order.push_back(&pair);
  // Of equal names the one that stands later in `pairs` comes later.
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    int names = a->first.compare(b->first);
    return names != 0 ? names < 0 : a < b;
  });
  std::vector<label> kept;
  for (size_t i = 0; i < order.size(); ++i) {
    bool overridden = i + 1 < order.size() && order[i + 1]->first == order[i]->first;
    if (!overridden && !order[i]->second.empty()) kept.push_back({order[i]->first, order[i]->second});
  }
  labels set;
  set.data_ = encode(kept);
  return set;
}

size_t labels::size() const {
  size_t count = 0;
  for (auto i = begin(); i != end(); ++i) ++count;
  return count;
}

std::string_view labels::get(std::string_view name) const {
  const char* at = data_.data();
  const char* stop = at + data_.size();
  while (at != stop) {
    std::string_view candidate = read_field(at);
    std::string_view value = read_field(at);
    if (candidate == name) return value;
    if (candidate > name) break;
  }
  return {};
}

uint64_t labels::hash() const { return XXH64(data_.data(), data_.size(), 0); }

size_t labels::heap_bytes() const {
  static const size_t in_place = std::string().capacity();
  return data_.capacity() > in_place ? data_.capacity() + 1 : 0;
}

std::string labels::to_string() const {
  std::string out = "{";
  for (auto [name, value] : *this) {
    if (out.size() > 1) out += ", ";
    if (is_valid_label_name(name, name_validation::legacy)) {
      out += name;
    } else {
      out += quoted(name);
    }
    out += "=\"";
    append_escaped(out, value);
    out += '"';
  }
  out += '}';
  return out;
}

void label_builder::assign(const labels& from) { copy_into(pairs_, from); }

void label_builder::assign(const packed_labels& from) { copy_into(pairs_, from); }

void label_builder::add_missing(const labels& defaults) { merge_missing(pairs_, defaults); }

void label_builder::add_missing(const packed_labels& defaults) { merge_missing(pairs_, defaults); }

std::string_view label_builder::get(std::string_view name) const {
  auto at = std::lower_bound(pairs_.begin(), pairs_.end(), name, name_less);
  return at != pairs_.end() && at->first == name ? std::string_view(at->second) : std::string_view();
}

void label_builder::set(std::string_view name, std::string_view value) {
  auto at = std::lower_bound(pairs_.begin(), pairs_.end(), name, name_less);
  bool found = at != pairs_.end() && at->first == name;
  if (value.empty()) {
    if (found) pairs_.erase(at);
  } else if (found) {
    at->second.assign(value);
  } else {
    // Made before the insertion moves anything: name and value may be views into this builder.
    std::pair<std::string, std::string> added(name, value);
    pairs_.insert(at, std::move(added));
  }
}

labels label_builder::build() const {
  labels set;
  set.data_ = encode(pairs_);
  return set;
}

}  // namespace rollcall
