#pragma once

#include <string>
#include <string_view>

namespace rollcall {

/// The text in double quotes, escaped as Go's %q does: for names and values in messages and for label names that need
/// quotes. Control characters become \n, \t, \r, \xNN or \uNNNN, bytes that are not UTF-8 \xNN.
std::string quoted(std::string_view text);

}  // namespace rollcall
