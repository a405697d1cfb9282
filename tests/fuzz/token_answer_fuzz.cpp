#include "lib/auth/aws.hpp"
#include "lib/auth/token.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace rollcall;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

}  // namespace

// The first byte chooses the content type. What is read fits into a header line and lives for a while, or for ever.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  http::response response;
  response.status = 200;
  response.content_type = data[0] % 2 == 0 ? "application/json" : "application/x-www-form-urlencoded";
  response.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (auto token = auth::read_token(response)) {
    require(!token->value.empty() && is_header_value(token->header_value()));
    require(!token->lifetime || token->lifetime->count() > 0);
  }
  constexpr auth::time_point now{std::chrono::seconds(1'700'000'000)};
  if (auto credentials = auth::read_aws_credentials(response, now)) {
    require(!credentials->access_key.empty() && !credentials->secret_key.empty());
    require(!credentials->lifetime || credentials->lifetime->count() >= 0);
    auto headers = auth::aws_signature({"POST", "http://a/", "", "aps", "r"}, *credentials, now);
    require(headers.has_value() && std::all_of(headers->begin(), headers->end(),
                                               [](const auto& header) { return is_header_value(header.value); }));
  }
  // What an instance says of its session and its role stands in a header and in a URL.
  auto nothing_set = [](const std::string&) { return std::string(); };
  for (auto about : {auth::aws_question::subject::instance_session, auth::aws_question::subject::instance_role}) {
    auto found = auth::take_aws_answer({}, {{}, about}, response, now, nothing_set);
    const auto* next = found ? std::get_if<auth::aws_question>(&*found) : nullptr;
    require(!next || (is_header_value(next->session) && is_header_value(next->request.url)));
  }
  return 0;
}
