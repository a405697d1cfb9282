#include "lib/web/query_string.hpp"

#include "lib/base/ascii.hpp"

namespace rollcall::web {

result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] == '%') {
      int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return fail(errc::syntax, "invalid URL escape \"" + std::string(text.substr(i, 3)) + '"');
      }
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

query_string::query_string(std::string_view text) {
  while (!text.empty()) {
    size_t end = text.find('&');
    std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!pair.empty()) add(pair);
  }
}

void query_string::add(std::string_view pair) {
  auto note = [this](error what) {
    if (!malformed_) malformed_ = std::move(what);
  };
  if (pair.find(';') != std::string_view::npos) {
    return note({errc::syntax, "invalid semicolon separator in query"});
  }
  size_t equals = pair.find('=');
  auto key = percent_decode(pair.substr(0, equals), true);
  if (!key) return note(key.error());
  std::string_view raw_value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
  auto value = percent_decode(raw_value, true);
  if (!value) return note(value.error());
  pairs_.emplace_back(std::move(*key), std::move(*value));
}

std::string_view query_string::get(std::string_view key) const {
  for (const auto& [name, value] : pairs_) {
    if (name == key) return value;
  }
  return {};
}

std::vector<std::string_view> query_string::all(std::string_view key) const {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : pairs_) {
    if (name == key) values.push_back(value);
  }
  return values;
}

result<target_parts> split_target(std::string_view target) {
  if (!target.starts_with('/')) {
    // Proxies send absolute URLs: the path begins after the host.
    size_t host = target.find("://");
    size_t path = host == std::string_view::npos ? host : target.find('/', host + 3);
    if (path == std::string_view::npos) return fail(errc::syntax, "a request target begins with a slash");
    target.remove_prefix(path);
  }
  target = target.substr(0, target.find('#'));
  size_t mark = target.find('?');
  auto path = percent_decode(target.substr(0, mark), false);
  if (!path) return tl::unexpected(path.error());
  target_parts parts{std::move(*path), {}};
  if (mark != std::string_view::npos) parts.query = query_string(target.substr(mark + 1));
  return parts;
}

}  // namespace rollcall::web
