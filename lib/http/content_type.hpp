#pragma once

#include "lib/base/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::http {

/// A media type taken apart: "Text/Plain; version=0.0.4" is {"text/plain", {{"version", "0.0.4"}}}. Type and names of
/// parameters are in lower case.
struct media_type {
  std::string type;
  std::map<std::string, std::string> parameters;

  bool operator==(const media_type&) const = default;
};

/// As RFC 2045 has it; a trailing semicolon is forgiven. Errors: errc::syntax.
result<media_type> parse_media_type(std::string_view text);

/// Which parser reads a scraped body. Versions do not matter for the choice.
enum class exposition_format : unsigned char { text, openmetrics, protobuf };

/// The format by the name of its media type; nothing for a type that is none of an exposition.
std::optional<exposition_format> exposition_format_of(std::string_view type);

/// Chooses the parser for a response with this Content-Type, falling back where the type says nothing usable.
/// Errors: errc::unsupported without a fallback, with the message that Prometheus shows for the target.
result<exposition_format> choose_exposition_format(std::string_view content_type,
                                                   std::optional<exposition_format> fallback);

}  // namespace rollcall::http
