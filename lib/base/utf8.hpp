#pragma once

#include <string>
#include <string_view>

namespace rollcall {

/// Whether the text is valid UTF-8 as Go's unicode/utf8 has it: no surrogates, no overlong forms, at most U+10FFFF.
bool is_valid_utf8(std::string_view text);

}  // namespace rollcall
