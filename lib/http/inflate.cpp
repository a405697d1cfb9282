#include "lib/http/inflate.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace rollcall::http {

namespace {

/// A byte of deflate yields at most 1032 bytes: 258 for each of four matches with codes of one bit.
constexpr std::size_t ratio_max = 1032;
constexpr std::size_t capacity_min = 4096;
/// Header and trailer of an empty member, RFC 1952.
constexpr std::size_t member_size_min = 18;

/// The size that the last member claims to have, modulo 2^32. Only a hint: anybody can write anything there.
std::size_t claimed_size(std::string_view gzip) {
  auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(gzip[gzip.size() - 4 + i])}; };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

}  // namespace

void byte_buffer::grow(std::size_t capacity, std::size_t kept) {
  if (capacity <= capacity_) return;
  // Two large pieces of memory at a time only where there is something to copy.
  if (kept == 0) trim(0);
  auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
  if (kept > 0) std::memcpy(bytes.get(), bytes_.get(), kept);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

void byte_buffer::trim(std::size_t capacity_max) {
  if (capacity_ <= capacity_max) return;
  bytes_.reset();
  capacity_ = 0;
}

inflater::inflater() : decompressor_(libdeflate_alloc_decompressor()) {
  if (decompressor_ == nullptr) throw std::bad_alloc();
}

inflater::~inflater() { libdeflate_free_decompressor(decompressor_); }

result<std::string_view> inflater::gunzip(std::string_view compressed, byte_buffer& buffer, std::size_t size_expected,
                                          std::size_t size_max) {
  std::size_t written = 0;
  auto rest = compressed;
  do {
    if (!std::string_view("\x1f\x8b\x08", 3).starts_with(rest.substr(0, 3)))
      return fail(errc::syntax, "gzip: invalid header");
    if (rest.size() < member_size_min) return fail(errc::syntax, "gzip: unexpected end of data");
    const auto possible =
        rest.size() > size_max / ratio_max ? size_max : std::min(size_max, written + rest.size() * ratio_max);
    auto claimed = written + claimed_size(rest);
    buffer.grow(std::min(possible, std::max({capacity_min, size_expected, claimed})), written);
    for (;;) {
      // A buffer from earlier use may be larger than this caller allows.
      const auto room = std::min(buffer.capacity(), size_max) - written;
      std::size_t consumed = 0, produced = 0;
      auto outcome = libdeflate_gzip_decompress_ex(decompressor_, rest.data(), rest.size(), buffer.data() + written,
                                                   room, &consumed, &produced);
      if (outcome == LIBDEFLATE_SUCCESS) {
        rest.remove_prefix(consumed);
        written += produced;
        break;
      }
      if (outcome != LIBDEFLATE_INSUFFICIENT_SPACE) return fail(errc::syntax, "gzip: truncated or corrupt data");
      if (buffer.capacity() >= size_max)
        return fail(errc::limit_exceeded, "gzip: more than " + std::to_string(size_max) + " bytes");
      if (buffer.capacity() >= possible) return fail(errc::syntax, "gzip: truncated or corrupt data");
      buffer.grow(std::min(possible, buffer.capacity() * 2), written);
    }
  } while (!rest.empty());
  return std::string_view(buffer.data(), written);
}

}  // namespace rollcall::http
