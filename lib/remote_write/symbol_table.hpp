#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::remote_write {

/// The strings of one remote_write 2.0 request, each once, as they will go over the wire. The empty string is always
/// the first. Its memory stays when it is cleared.
class symbol_table {
 public:
  symbol_table() { clear(); }

  /// Where the string stands in the table, which it now does.
  uint32_t ref_of(std::string_view text);
  size_t size() const { return places_.size(); }
  /// Field 4 of a Request, once per string.
  std::string_view encoded() const { return encoded_; }
  void clear();

 private:
  struct place {
    size_t offset;
    size_t bytes;
  };
  struct slot {
    uint32_t hash = 0;
    uint32_t ref_plus_one = 0;  // 0 for a free one
  };

  std::string_view at(uint32_t ref) const {
    return std::string_view(encoded_).substr(places_[ref].offset, places_[ref].bytes);
  }
  uint32_t add(std::string_view text);
  void grow();

  std::string encoded_;
  std::vector<place> places_;  // by ref
  std::vector<slot> slots_;    // open addressing; a power of two
};

}  // namespace rollcall::remote_write
