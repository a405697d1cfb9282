#pragma once

#include "lib/http/content_type.hpp"
#include "tests/conformance/case_file.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::conformance {

/// One scrape of a case, and what has to come of it.
struct scrape_step {
  field scrape;
  http::exposition_format format = http::exposition_format::text;
  std::optional<std::string> body;  ///< As written; nothing for a scrape that brought none.
  int64_t at = 0;                   ///< Milliseconds since the Unix epoch.
  field samples_field;
  std::vector<std::string> samples;  ///< In the form that delivered() gives.
  size_t stale = 0;                  ///< How many of the samples are staleness markers.
  std::optional<field> error;
  std::map<std::string, uint64_t> counts;
  field counts_field;
};

/// A sample in the form that delivered() gives, from one written as README.md says.
std::string normalised_sample(std::string_view text, const field& where);

/// The scrapes of a case, in the usual format until it names another. Refuses unknown keys and scrapes of which nothing
/// is expected.
std::vector<scrape_step> parse_steps(const std::vector<field>& fields, http::exposition_format usual);

}  // namespace rollcall::conformance
