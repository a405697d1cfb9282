#include "lib/remote_write/compression.hpp"

#include "lib/base/assert.hpp"

#include <snappy.h>
#include <zstd.h>

#include <algorithm>
#include <new>

namespace rollcall::remote_write {

namespace {

// The levels above cost several times as much for a tenth of the bytes.
constexpr int zstd_level = 1;

}  // namespace

void compressor::context_deleter::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

size_t compressor::write_snappy(std::string_view message) {
  room_.resize(std::max(room_.size(), snappy::MaxCompressedLength(message.size())));
  size_t size = 0;
  snappy::RawCompress(message.data(), message.size(), room_.data(), &size);
  return size;
}

size_t compressor::write_zstd(std::string_view message) {
  if (!zstd_) zstd_.reset(ZSTD_createCCtx());
  if (!zstd_) throw std::bad_alloc();
  room_.resize(std::max(room_.size(), ZSTD_compressBound(message.size())));
  auto size = ZSTD_compressCCtx(zstd_.get(), room_.data(), room_.size(), message.data(), message.size(), zstd_level);
  // There is room for whatever comes out.
  ROLLCALL_ASSERT(!ZSTD_isError(size));
  return size;
}

std::shared_ptr<const std::string> compressor::compress(compression with, std::string_view message) {
  auto size = with == compression::zstd ? write_zstd(message) : write_snappy(message);
  return std::make_shared<const std::string>(room_, 0, size);
}

std::string message_of(const request& from) {
  const auto& body = *from.body;
  std::string message;
  if (from.compression == compression::snappy) {
    ROLLCALL_ASSERT(snappy::Uncompress(body.data(), body.size(), &message));
    return message;
  }
  auto size = ZSTD_getFrameContentSize(body.data(), body.size());
  ROLLCALL_ASSERT(size != ZSTD_CONTENTSIZE_ERROR && size != ZSTD_CONTENTSIZE_UNKNOWN);
  message.resize(size);
  ROLLCALL_ASSERT(ZSTD_decompress(message.data(), size, body.data(), body.size()) == size);
  return message;
}

}  // namespace rollcall::remote_write
