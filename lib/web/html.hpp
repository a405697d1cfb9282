#pragma once

#include "lib/web/http_message.hpp"

#include <string>
#include <string_view>

namespace rollcall::web {

/// Appends text so that HTML takes it for text, in elements and in quoted attributes alike.
void append_html(std::string& out, std::string_view text);

/// A page of ours: it may load our style sheet and nothing else, and nobody may frame it.
response html_response(std::string body);

/// The style sheet of all pages.
extern const std::string_view page_style;

}  // namespace rollcall::web
