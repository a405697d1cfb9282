#include "actors/discovery/discovery_text.hpp"

#include "lib/labels/quote.hpp"

namespace rollcall {

namespace {

constexpr size_t excerpt_bytes_max = 120;

}  // namespace

result<void> check_answer_status(const http::response& answer) {
  if (answer.status == 200) return {};
  auto message = "server returned HTTP status " + std::to_string(answer.status) + ' ' + answer.reason;
  std::string_view words = answer.body;
  words = words.substr(0, words.find_first_of("\r\n"));
  if (!words.empty()) message += ": " + quoted(words.substr(0, excerpt_bytes_max));
  return fail(errc::io, std::move(message));
}

std::string join_host_port(std::string_view host, std::string_view port) {
  std::string joined;
  bool brackets = host.find_first_of(":%") != std::string_view::npos;
  if (brackets) joined += '[';
  joined += host;
  if (brackets) joined += ']';
  joined += ':';
  joined += port;
  return joined;
}

std::string surround_with_separator(const std::vector<std::string>& items, std::string_view separator) {
  std::string joined(separator);
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) joined += separator;
    joined += items[i];
  }
  return joined += separator;
}

}  // namespace rollcall
