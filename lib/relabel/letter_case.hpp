#pragma once

#include <string>
#include <string_view>

namespace rollcall::relabel {

/// Maps every character by itself, as Go's strings.ToLower does: no special rules for languages or for characters that
/// become two. A byte that is not UTF-8 becomes U+FFFD.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

}  // namespace rollcall::relabel
