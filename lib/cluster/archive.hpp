#pragma once

#include "lib/base/duration.hpp"
#include "lib/cluster/byte_codec.hpp"

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// Plain structs as bytes. What a struct holds is listed once, in a function `describe(archive, value)` beside it,
/// which both directions use: `archive(value.name, value.limit)`. Enumerations are listed with their last value:
/// `archive.choice(value.kind, kind::last)`.
namespace rollcall::cluster {

class writing_archive {
 public:
  explicit writing_archive(std::string& bytes) : out_(bytes) {}

  template <class... Fields>
  void operator()(const Fields&... fields) {
    (write(fields), ...);
  }
  template <class Enum>
  void choice(const Enum& value, Enum) {
    out_.number(static_cast<uint64_t>(value));
  }

 private:
  void write(const std::string& value) { out_.text(value); }
  void write(bool value) { out_.flag(value); }
  void write(double value) { out_.number(std::bit_cast<uint64_t>(value)); }
  void write(milliseconds value) { out_.signed_number(value.count()); }
  template <std::unsigned_integral Number>
  void write(Number value) {
    out_.number(value);
  }
  template <class Value>
  void write(const std::optional<Value>& value) {
    out_.flag(value.has_value());
    if (value) write(*value);
  }
  template <class Value>
  void write(const std::vector<Value>& values) {
    out_.number(values.size());
    for (const auto& each : values) write(each);
  }
  template <class Key, class Value>
  void write(const std::map<Key, Value>& values) {
    out_.number(values.size());
    for (const auto& [key, value] : values) (*this)(key, value);
  }
  void write(std::monostate) {}
  template <class... Kinds>
  void write(const std::variant<Kinds...>& value) {
    out_.number(value.index());
    std::visit([this](const auto& kind) { write(kind); }, value);
  }
  template <class Struct>
    requires std::is_class_v<Struct>
  void write(const Struct& value) {
    describe(*this, const_cast<Struct&>(value));
  }

  packer out_;
};

/// After a first failure every field is left as it was; finished() says whether all was good and all was read.
class reading_archive {
 public:
  explicit reading_archive(std::string_view bytes) : in_(bytes) {}

  template <class... Fields>
  void operator()(Fields&... fields) {
    (read(fields), ...);
  }
  template <class Enum>
  void choice(Enum& value, Enum last) {
    value = static_cast<Enum>(in_.number_up_to(static_cast<uint64_t>(last)));
  }
  bool finished() const { return in_.finished(); }

 private:
  void read(std::string& value) { value = in_.text(); }
  void read(bool& value) { value = in_.flag(); }
  void read(double& value) { value = std::bit_cast<double>(in_.number()); }
  void read(milliseconds& value) { value = milliseconds(in_.signed_number()); }
  template <std::unsigned_integral Number>
  void read(Number& value) {
    value = static_cast<Number>(in_.number_up_to(std::numeric_limits<Number>::max()));
  }
  template <class Value>
  void read(std::optional<Value>& value) {
    value.reset();
    if (in_.flag()) read(value.emplace());
  }
  template <class Value>
  void read(std::vector<Value>& values) {
    values.clear();
    for (auto left = in_.count(); left > 0 && in_.good(); --left) read(values.emplace_back());
  }
  template <class Key, class Value>
  void read(std::map<Key, Value>& values) {
    values.clear();
    for (auto left = in_.count(); left > 0 && in_.good(); --left) {
      std::pair<Key, Value> each;
      (*this)(each.first, each.second);
      values.insert(std::move(each));
    }
  }
  void read(std::monostate&) {}
  template <class... Kinds>
  void read(std::variant<Kinds...>& value) {
    const auto index = in_.number_up_to(sizeof...(Kinds) - 1);
    size_t at = 0;
    ((at++ == index ? read(value.template emplace<Kinds>()) : void()), ...);
  }
  template <class Struct>
    requires std::is_class_v<Struct>
  void read(Struct& value) {
    describe(*this, value);
  }

  unpacker in_;
};

}  // namespace rollcall::cluster
