#include "lib/cluster/arbiter_json.hpp"

#include <charconv>

namespace rollcall::cluster {

namespace {

// How much of an answer an error repeats.
constexpr size_t excerpt_bytes_max = 200;
// A lease beyond that would keep everybody waiting for ever.
constexpr milliseconds lease_max = std::chrono::hours(1);

}  // namespace

std::string text_in(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return {};
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

uint64_t number_in(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return 0;
  auto found = object.find(key);
  if (found == object.end()) return 0;
  if (found->is_number_unsigned()) return found->get<uint64_t>();
  auto text = text_in(object, key);
  uint64_t number = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? number : 0;
}

bool is_plausible(const mandate& read) {
  return read.epoch > 0 && read.epoch < epoch_max && read.lease > milliseconds(0) && read.lease <= lease_max;
}

result<nlohmann::json> parse_answer(int status, const std::string& body) {
  if (status < 200 || status > 299)
    return fail(errc::io,
                "the arbiter answers with status " + std::to_string(status) + ": " + body.substr(0, excerpt_bytes_max));
  auto answer = nlohmann::json::parse(body, nullptr, false);
  if (!answer.is_object()) return fail(errc::syntax, "the arbiter's answer is no JSON object");
  return answer;
}

}  // namespace rollcall::cluster
