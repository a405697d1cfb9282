#include "lib/cluster/series_estate.hpp"

#include "lib/base/assert.hpp"
#include "lib/cluster/byte_codec.hpp"
#include "lib/exposition/text_writer.hpp"

#include <zstd.h>

namespace rollcall::cluster {

namespace {

// Of the text of a thousand series a thirtieth is left; the levels above save a fiftieth of that.
constexpr int zstd_level = 1;

// Bodies of the text format, one for each cache: every label is in the text, those of the target too.
std::string body_of(const series::scrape_cache& cache) {
  std::string body;
  if (!cache.series()) return body;
  size_t position = 0;
  for (const auto& block : *cache.series()) {
    for (size_t i = 0; i < block->size(); ++i, ++position) {
      bool is_owed = block->kind(i) == series::record_kind::live && cache.is_tracked(position);
      if (is_owed) exposition::append_sample(body, block->labels_of(i, *cache.target()), 0, std::nullopt);
    }
  }
  return body;
}

// Text is read as from a target without labels, by rules that change nothing.
cache_ptr cache_of(std::string_view body) {
  static const auto rules = [] {
    auto options = std::make_shared<series::ingest_options>();
    options->honor_labels = true;
    return options;
  }();
  static const auto target = std::make_shared<const series::target_labels>(labels());
  auto cache = std::make_shared<series::scrape_cache>(rules, target);
  auto outcome = cache->ingest(body, exposition::format::text, 0);
  return outcome.failure ? nullptr : cache;
}

}  // namespace

std::string encode_estate(const std::vector<cache_ptr>& caches) {
  std::string bytes;
  packer out(bytes);
  for (const auto& each : caches) out.text(body_of(*each));
  if (bytes.empty()) return {};
  std::string compressed(ZSTD_compressBound(bytes.size()), '\0');
  auto size = ZSTD_compress(compressed.data(), compressed.size(), bytes.data(), bytes.size(), zstd_level);
  // There is room for whatever comes out.
  ROLLCALL_ASSERT(!ZSTD_isError(size));
  compressed.resize(size);
  return compressed;
}

result<std::vector<cache_ptr>> decode_estate(std::string_view bytes) {
  std::vector<cache_ptr> caches;
  if (bytes.empty()) return caches;
  auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  bool is_told = size != ZSTD_CONTENTSIZE_ERROR && size != ZSTD_CONTENTSIZE_UNKNOWN;
  if (!is_told) return fail(errc::syntax, "malformed estate");
  if (size > estate_bytes_max) return fail(errc::limit_exceeded, "the estate is too large");
  std::string inflated(size, '\0');
  if (ZSTD_decompress(inflated.data(), inflated.size(), bytes.data(), bytes.size()) != size)
    return fail(errc::syntax, "malformed estate");
  unpacker in(inflated);
  while (in.good() && !in.at_end()) {
    auto cache = cache_of(in.text());
    if (in.good() && !cache) return fail(errc::syntax, "malformed estate");
    if (in.good()) caches.push_back(std::move(cache));
  }
  if (!in.finished()) return fail(errc::syntax, "malformed estate");
  return caches;
}

}  // namespace rollcall::cluster
