#pragma once

#include "lib/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct libdeflate_decompressor;

namespace rollcall::http {

/// Memory that is used again and again; growing keeps what is in it and does not clear what is not.
class byte_buffer {
 public:
  char* data() { return bytes_.get(); }
  std::size_t capacity() const { return capacity_; }

  /// Makes room for so many bytes, of which the first `kept` stay.
  void grow(std::size_t capacity, std::size_t kept);
  /// Gives memory back when there is more of it than this; the contents are lost then.
  void trim(std::size_t capacity_max);

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
};

/// Inflates gzip. Holds about 12 KB of tables; make one per thread and use it again.
class inflater {
 public:
  inflater();
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Inflates all members of a gzip file into the buffer and returns what came out, which is valid until the buffer is
  /// used again. `size_expected` saves growing when it is right. Never makes the buffer larger than `size_max`, or than
  /// the bytes given could possibly yield.
  /// Errors: errc::syntax for truncated or damaged input, errc::limit_exceeded when more than size_max bytes come out.
  result<std::string_view> gunzip(std::string_view compressed, byte_buffer& buffer, std::size_t size_expected,
                                  std::size_t size_max);

 private:
  libdeflate_decompressor* decompressor_;
};

}  // namespace rollcall::http
