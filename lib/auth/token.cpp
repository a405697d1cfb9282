#include "lib/auth/token.hpp"

#include "lib/auth/azure.hpp"
#include "lib/auth/google.hpp"
#include "lib/auth/oauth2.hpp"
#include "lib/base/ascii.hpp"
#include "lib/base/assert.hpp"
#include "lib/http/percent_encode.hpp"
#include "lib/labels/quote.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace rollcall::auth {

namespace {

// How much of a server's answer an error repeats.
constexpr size_t excerpt_bytes_max = 200;
// A year: lifetimes beyond it are as good as that.
constexpr int64_t lifetime_max = 366 * 24 * 3600;

// Token types as they are written in a header; others stand as the server wrote them.
std::string canonical_type(const std::string& type) {
  const std::string name = ascii_lower(type);
  if (name.empty() || name == "bearer") return "Bearer";
  if (name == "mac") return "MAC";
  return name == "basic" ? "Basic" : type;
}

std::optional<std::chrono::seconds> read_lifetime(std::string_view text) {
  int64_t seconds = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (fault != std::errc{} || end != text.data() + text.size() || seconds <= 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, lifetime_max));
}

std::string text_of(const nlohmann::json& object, const char* key) {
  auto found = object.find(key);
  if (found == object.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->is_number() ? found->dump() : std::string();
}

token read_json(const nlohmann::json& answer) {
  token read;
  read.value = text_of(answer, "access_token");
  read.type = canonical_type(text_of(answer, "token_type"));
  read.lifetime = read_lifetime(text_of(answer, "expires_in"));
  return read;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool is_escape =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (is_escape) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

token read_form(std::string_view body) {
  token read;
  while (!body.empty()) {
    std::string_view field = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(field.size() + 1, body.size()));
    auto equals = std::min(field.find('='), field.size());
    std::string_view name = field.substr(0, equals);
    std::string value = decoded(field.substr(std::min(equals + 1, field.size())));
    if (name == "access_token") read.value = value;
    if (name == "token_type") read.type = canonical_type(value);
    if (name == "expires_in") read.lifetime = read_lifetime(value);
  }
  return read;
}

// What the server says went wrong: in the words of RFC 6749 section 5.2 if it uses them.
std::string complaint(const http::response& response) {
  std::string text = "status " + std::to_string(response.status);
  auto answer = nlohmann::json::parse(response.body, nullptr, false);
  if (answer.is_object() && !text_of(answer, "error").empty()) {
    text += ": " + text_of(answer, "error");
    if (auto detail = text_of(answer, "error_description"); !detail.empty()) text += ": " + detail;
    return text.substr(0, excerpt_bytes_max);
  }
  if (!response.body.empty()) text += ": " + rollcall::quoted(response.body.substr(0, excerpt_bytes_max));
  return text;
}

}  // namespace

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

token_request form_request(std::string url, const form& fields) {
  token_request made;
  made.url = std::move(url);
  made.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  for (const auto& [name, value] : fields) {
    made.body += (made.body.empty() ? "" : "&") + http::encode_component(name) + '=' + http::encode_component(value);
  }
  return made;
}

result<token> read_token(const http::response& response) {
  if (response.status < 200 || response.status > 299)
    return fail(errc::io, "cannot fetch token: " + complaint(response));
  token read;
  std::string type = ascii_lower(response.content_type.substr(0, response.content_type.find(';')));
  if (type == "application/x-www-form-urlencoded" || type == "text/plain") {
    read = read_form(response.body);
  } else {
    auto answer = nlohmann::json::parse(response.body, nullptr, false);
    if (!answer.is_object()) return fail(errc::syntax, "cannot parse the token server's answer: it is no JSON object");
    read = read_json(answer);
  }
  if (read.value.empty()) return fail(errc::syntax, "the token server's answer has no access_token");
  if (!is_header_value(read.value) || !is_header_value(read.type)) {
    return fail(errc::syntax, "the token server's answer holds a control character");
  }
  return read;
}

result<token_request> make_token_request(const http::identity& who, client_naming naming, time_point now,
                                         const environment& variables) {
  if (const auto* oauth2 = std::get_if<http::oauth2_config>(&who)) return oauth2_token_request(*oauth2, naming, now);
  if (const auto* azure = std::get_if<http::azure_identity>(&who)) return azure_token_request(*azure, now, variables);
  const auto* google = std::get_if<http::google_identity>(&who);
  ROLLCALL_ASSERT(google != nullptr);
  return google_token_request(*google, now, variables);
}

}  // namespace rollcall::auth
