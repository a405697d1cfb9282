#include "lib/targets/scrape_url.hpp"

namespace rollcall {

namespace {

bool is_unreserved(char c) {
  bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || c == '-' || c == '_' || c == '.' || c == '~';
}

// Go net/url, shouldEscape: what each part may have beside unreserved characters.
constexpr std::string_view plain_in_host = "!$&'()*+,;=:[]<>\"";
constexpr std::string_view plain_in_path = "$&+,/:;=@";

void append_escaped(std::string& out, std::string_view text, std::string_view plain) {
  for (char c : text) {
    if (is_unreserved(c) || plain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += "0123456789ABCDEF"[byte >> 4];
    out += "0123456789ABCDEF"[byte & 0xF];
  }
}

void append_query_escaped(std::string& out, std::string_view text) {
  for (size_t from = 0;;) {
    size_t space = text.find(' ', from);
    append_escaped(out, text.substr(from, space - from), "");
    if (space == std::string_view::npos) return;
    out += '+';
    from = space + 1;
  }
}

}  // namespace

std::string scrape_url(const scrape_url_parts& parts) {
  std::string out;
  if (!parts.scheme.empty()) {
    out += parts.scheme;
    out += ':';
  }
  out += "//";
  append_escaped(out, parts.host, plain_in_host);
  if (!parts.path.empty() && parts.path.front() != '/') out += '/';
  if (parts.path == "*") {
    out += '*';
  } else {
    append_escaped(out, parts.path, plain_in_path);
  }
  char separator = '?';
  for (const auto& [name, values] : parts.params) {
    for (auto value : values) {
      out += separator;
      append_query_escaped(out, name);
      out += '=';
      append_query_escaped(out, value);
      separator = '&';
    }
  }
  return out;
}

}  // namespace rollcall
