#include "actors/discovery/discovery_request.hpp"

#include "lib/labels/quote.hpp"

#include <re2/re2.h>

#include <string_view>

namespace rollcall {

namespace {

constexpr size_t excerpt_bytes_max = 120;

}  // namespace

discovery_request::discovery_request(std::string url, const http::client_config& client, const std::string& accept) {
  request.url = std::move(url);
  request.client = std::make_shared<http::client_config>(client);
  headers.push_back({"User-Agent", "rollcall/" ROLLCALL_VERSION});
  if (!accept.empty()) headers.push_back({"Accept", accept});
}

http::request_ptr discovery_request::share() && {
  request.headers = std::make_shared<http::header_list>(std::move(headers));
  return std::make_shared<http::request>(std::move(request));
}

result<void> check_answer_status(const http::response& answer, accepted_status accepted) {
  if (answer.status == 200 || (accepted == accepted_status::any_2xx && answer.status / 100 == 2)) return {};
  auto message = "server returned HTTP status " + std::to_string(answer.status) + ' ' + answer.reason;
  std::string_view words = answer.body;
  words = words.substr(0, words.find_first_of("\r\n"));
  if (!words.empty()) message += ": " + quoted(words.substr(0, excerpt_bytes_max));
  return fail(errc::io, std::move(message));
}

result<void> check_json_type(const http::response& answer) {
  static const re2::RE2 json_type(R"((?i)application/json(;\s*charset=("utf-8"|utf-8))?)");
  if (re2::RE2::FullMatch(answer.content_type, json_type)) return {};
  return fail(errc::syntax, "unsupported content type \"" + answer.content_type + '"');
}

}  // namespace rollcall
