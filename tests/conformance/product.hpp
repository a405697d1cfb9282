#pragma once

#include "lib/http/content_type.hpp"
#include "lib/series/scrape_cache.hpp"

#include <string>
#include <string_view>
#include <vector>

/// All that the cases of expositions know of the code under test.
namespace rollcall::conformance {

/// One scrape.
series::ingest_result ingest(series::scrape_cache& cache, std::string_view body, http::exposition_format format,
                             int64_t now);

/// What a scrape delivers, one line for each sample as cases write it, sorted.
std::vector<std::string> delivered(const series::ingest_result& result, const series::target_labels& target);

/// A body in the protobuf format from MetricFamily messages in text form.
std::string encode_protobuf(std::string_view text);

/// A number as cases write it. Of NaNs only the normal one is "NaN", others tell their bits.
std::string number_text(series::value_bits bits);

}  // namespace rollcall::conformance
