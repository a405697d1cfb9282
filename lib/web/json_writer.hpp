#pragma once

#include "lib/labels/labels.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall::web {

/// Appends text as a JSON string, byte for byte as Go's encoding/json does: `<`, `>` and `&` are escaped, what is not
/// UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends a finite number as Go's encoding/json does: the shortest text that reads back as the same double. JSON has
/// no other numbers: those become null.
void append_json_number(std::string& out, double value);

/// Writes one JSON value front to back into a string that may hold other text already. Commas come by themselves; that
/// ends match beginnings is up to whoever writes.
class json_writer {
 public:
  explicit json_writer(std::string& out) : out_(out) {}

  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return close('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return close(']'); }
  json_writer& key(std::string_view name);
  json_writer& string(std::string_view text);
  json_writer& number(double value);
  json_writer& integer(int64_t value);
  json_writer& unsigned_integer(uint64_t value);
  json_writer& boolean(bool value);
  json_writer& null();
  /// An object with a member per label.
  json_writer& object_of(const labels& set);
  /// A value that is JSON already.
  json_writer& raw(std::string_view json);

  // A member: its key and a value.
  json_writer& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  json_writer& member_unsigned(std::string_view name, uint64_t value) { return key(name).unsigned_integer(value); }

 private:
  json_writer& open(char bracket);
  json_writer& close(char bracket);
  void separate();

  std::string& out_;
  bool comma_ = false;  // whether a comma belongs before the next value or key
};

}  // namespace rollcall::web
