#include "lib/web/html.hpp"

namespace rollcall::web {

void append_html(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

response html_response(std::string body) {
  return {200,
          html_text,
          std::move(body),
          {{"Content-Security-Policy",
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
           {"X-Content-Type-Options", "nosniff"},
           {"Referrer-Policy", "no-referrer"}}};
}

const std::string_view page_style =
    R"(body { font: 14px/1.4 sans-serif; margin: 1em 2em; color: #222; background: #fff }
h1 { font-size: 1.4em } h2 { font-size: 1.1em; margin: 1.5em 0 .3em }
table { border-collapse: collapse; width: 100%; table-layout: auto }
th, td { text-align: left; vertical-align: top; padding: .25em .6em; border-bottom: 1px solid #ddd }
td { overflow-wrap: anywhere } th { white-space: nowrap }
.up { color: #17692b } .down, .error { color: #a51616 } .unknown { color: #7a5a00 }
.label { display: inline-block; padding: 0 .4em; margin: 0 .2em .2em 0; background: #eef2f6; border-radius: 3px }
.note { color: #7a5a00 } .count { color: #555; font-weight: normal } form { margin: 1em 0 } nav { margin: 1em 0 }
input, select { font: inherit }
)";

}  // namespace rollcall::web
