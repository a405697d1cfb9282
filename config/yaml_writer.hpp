#pragma once

#include "lib/base/duration.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// Writes block-style YAML, keys in the order of the calls, lists not indented below their key. Text is quoted exactly
/// where it would otherwise read as something else.
class yaml_writer {
 public:
  void field(std::string_view key, std::string_view value);
  void field(std::string_view key, const char* value) { field(key, std::string_view(value)); }
  void field(std::string_view key, bool value);
  void field(std::string_view key, uint64_t value);
  void field(std::string_view key, double value);
  void field(std::string_view key, milliseconds value);
  void field(std::string_view key, const std::vector<std::string>& values);
  void field(std::string_view key, const std::map<std::string, std::string>& values);
  void field(std::string_view key, const std::map<std::string, std::vector<std::string>>& values);
  /// A value as JSON, which YAML takes as it is.
  void json(std::string_view key, std::string_view text) { line(key, text); }
  /// Shows that there is a value, not the value; writes nothing when it is empty.
  void secret(std::string_view key, std::string_view value);
  void secrets(std::string_view key, const std::vector<std::string>& values);

  /// As field() and only when the value differs from the default.
  template <class T>
  void optional(std::string_view key, const T& value, const T& standard = T{}) {
    if (!(value == standard)) field(key, value);
  }

  /// A map below a key; the body writes its fields. Without fields: {}.
  template <class Body>
  void map(std::string_view key, Body&& body) {
    auto mark = open(key);
    level_ += 1;
    body();
    level_ -= 1;
    close(mark, " {}");
  }

  /// A list below a key; the body calls item(). Without items: [].
  template <class Body>
  void list(std::string_view key, Body&& body) {
    auto mark = open(key);
    body();
    close(mark, " []");
  }

  /// An item that is a map; the body writes its fields.
  template <class Body>
    requires std::is_invocable_v<Body>
  void item(Body&& body) {
    auto outer = out_.size();
    item_pending_ = true;
    level_ += 1;
    body();
    level_ -= 1;
    if (out_.size() == outer) scalar_item("{}");
    item_pending_ = false;
  }

  /// An item that is text.
  void item(std::string_view value);

  const std::string& text() const { return out_; }

 private:
  size_t open(std::string_view key);
  void close(size_t mark, std::string_view empty);
  void start_line();
  void scalar_item(std::string_view written);
  void line(std::string_view key, std::string_view written);

  std::string out_;
  size_t level_ = 0;
  bool item_pending_ = false;  // The next line begins a list item.
};

}  // namespace rollcall
