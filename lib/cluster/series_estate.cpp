#include "lib/cluster/series_estate.hpp"

#include "lib/cluster/byte_codec.hpp"
#include "lib/exposition/text_writer.hpp"

#include <snappy.h>

namespace rollcall::cluster {

namespace {

// Bodies of the text format, one for each cache: every label is in the text, those of the target too.
std::string body_of(const series::scrape_cache& cache) {
  std::string body;
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
  for (const auto& each : caches) {
    auto body = each && each->series() ? body_of(*each) : std::string();
    if (!body.empty()) out.text(body);
  }
  if (bytes.empty()) return {};
  std::string compressed;
  snappy::Compress(bytes.data(), bytes.size(), &compressed);
  return compressed;
}

result<std::vector<cache_ptr>> decode_estate(std::string_view bytes) {
  std::vector<cache_ptr> caches;
  if (bytes.empty()) return caches;
  size_t size = 0;
  if (!snappy::GetUncompressedLength(bytes.data(), bytes.size(), &size)) return fail(errc::syntax, "malformed estate");
  if (size > estate_bytes_max) return fail(errc::limit_exceeded, "the estate is too large");
  std::string inflated;
  if (!snappy::Uncompress(bytes.data(), bytes.size(), &inflated)) return fail(errc::syntax, "malformed estate");
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
