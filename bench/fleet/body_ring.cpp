#include "bench/fleet/body_ring.hpp"

#include "lib/base/assert.hpp"

#include <libdeflate.h>

#include <algorithm>

namespace rollcall::bench {

std::string gzip_compressed(const std::string& text) {
  std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(6), &libdeflate_free_compressor);
  ROLLCALL_ASSERT(compressor);
  std::string compressed(libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
  size_t size =
      libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), compressed.data(), compressed.size());
  ROLLCALL_ASSERT(size > 0);
  compressed.resize(size);
  compressed.shrink_to_fit();
  return compressed;
}

body_ring::body_ring(exposition_options options, size_t bytes_max) : exposition_(options) {
  auto first = next_body();
  capacity_ = std::clamp<size_t>(bytes_max / (first.plain->size() + first.gzip->size()), 4, 64);
  window_.push_back(std::move(first));
}

target_body body_ring::next_body() {
  std::string text = exposition_.render();
  exposition_.advance();
  text.shrink_to_fit();
  auto compressed = std::make_shared<const std::string>(gzip_compressed(text));
  return {std::make_shared<const std::string>(std::move(text)), std::move(compressed)};
}

void body_ring::extend_to(uint64_t tick) {
  std::lock_guard rendering(render_mutex_);
  while (true) {
    {
      std::lock_guard lock(window_mutex_);
      if (tick < oldest_ + window_.size()) return;
    }
    auto body = next_body();
    std::lock_guard lock(window_mutex_);
    window_.push_back(std::move(body));
    if (window_.size() > capacity_) {
      window_.pop_front();
      ++oldest_;
    }
  }
}

target_body body_ring::at(uint64_t tick) {
  std::unique_lock lock(window_mutex_);
  highest_asked_ = std::max(highest_asked_, tick);
  if (tick >= oldest_ + window_.size()) {
    lock.unlock();
    extend_to(tick);
    lock.lock();
  }
  return window_[tick > oldest_ ? tick - oldest_ : 0];
}

void body_ring::prepare(uint64_t count) {
  uint64_t wanted = 0;
  {
    std::lock_guard lock(window_mutex_);
    wanted = highest_asked_ + count;
  }
  extend_to(wanted);
}

}  // namespace rollcall::bench
