#pragma once

#include "lib/base/result.hpp"
#include "lib/series/scrape_cache.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::cluster {

using cache_ptr = std::shared_ptr<series::scrape_cache>;

/// What an owner hands to the next: the series of each cache that would get a staleness marker if they vanished, with
/// all their labels. Compressed, and empty only without caches: that there is one says that something was delivered.
std::string encode_estate(const std::vector<cache_ptr>& caches);

/// Caches that know those series and no more: fit to be compared with what the next scrape yields, not to be scraped
/// into. Errors: errc::syntax, errc::limit_exceeded for more than estate_bytes_max.
result<std::vector<cache_ptr>> decode_estate(std::string_view bytes);

/// Bytes of an estate before compression.
inline constexpr size_t estate_bytes_max = size_t{64} << 20;

}  // namespace rollcall::cluster
