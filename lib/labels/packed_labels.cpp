#include "lib/labels/packed_labels.hpp"

#include "lib/labels/field.hpp"
#include "lib/labels/name_table.hpp"

namespace rollcall {

namespace {

std::string_view read_name(const char*& at) {
  auto number = static_cast<uint32_t>(read_varint(at));
  return number == 0 ? read_field(at) : name_table::shared().name_of(number);
}

}  // namespace

packed_labels::packed_labels(const labels& set) {
  auto& names = name_table::shared();
  std::string data;
  for (auto [name, value] : set) {
    auto number = names.number_of(name);
    append_varint(data, number);
    if (number == 0) append_field(data, name);
    append_field(data, value);
  }
  // A copy is as long as it must be.
  data_.assign(data);
}

labels packed_labels::unpacked() const {
  label_builder builder;
  builder.assign(*this);
  return builder.build();
}

label packed_labels::iterator::operator*() const {
  const char* at = at_;
  std::string_view name = read_name(at);
  std::string_view value = read_field(at);
  return {name, value};
}

packed_labels::iterator& packed_labels::iterator::operator++() {
  read_name(at_);
  read_field(at_);
  return *this;
}

packed_labels::iterator packed_labels::iterator::operator++(int) {
  iterator before = *this;
  ++*this;
  return before;
}

size_t packed_labels::size() const {
  size_t count = 0;
  for (auto i = begin(); i != end(); ++i) ++count;
  return count;
}

std::string_view packed_labels::get(std::string_view name) const {
  for (auto [candidate, value] : *this)
    if (candidate == name) return value;
  return {};
}

}  // namespace rollcall
