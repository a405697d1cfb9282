#include "tests/conformance/content_type_case.hpp"

#include "lib/http/accept.hpp"
#include "lib/http/content_type.hpp"

#include <array>
#include <sstream>

namespace rollcall::conformance {

namespace {

constexpr std::array<std::string_view, 3> format_names = {"text", "openmetrics", "protobuf"};

http::exposition_format parse_format(const field& format) {
  for (size_t i = 0; i < format_names.size(); ++i) {
    if (format_names[i] == format.value) return static_cast<http::exposition_format>(i);
  }
  refuse(format, "a format is text, openmetrics or protobuf");
}

std::string accept_header_of(const field& protocols, const std::string& escaping) {
  std::istringstream words(protocols.value);
  std::vector<std::string> names{std::istream_iterator<std::string>(words), {}};
  return http::accept_header({names.begin(), names.end()}, escaping);
}

}  // namespace

outcome check_content_type(const case_file& stated) {
  outcome found;
  std::optional<http::exposition_format> fallback;
  std::string escaping = "allow-utf-8";
  const field* subject = nullptr;
  for (const auto& each : stated.fields) {
    bool is_header = subject != nullptr && subject->key == "protocols";
    if (each.key == "fallback") {
      fallback = parse_format(each);
    } else if (each.key == "escaping") {
      escaping = each.value;
    } else if (each.key == "content_type" || each.key == "protocols") {
      subject = &each;
    } else if (is_header && each.key == "accept") {
      found.compare(each, each.value, accept_header_of(*subject, escaping));
    } else if (subject != nullptr && !is_header && (each.key == "format" || is_error(each))) {
      auto chosen = http::choose_exposition_format(unescape(subject->value, subject->line), fallback);
      if (is_error(each)) {
        found.compare_error(each, chosen ? std::nullopt : std::optional(chosen.error()));
      } else if (!chosen) {
        found.unexpected_error(each, chosen.error());
      } else {
        found.compare(each, format_names.at(static_cast<size_t>(parse_format(each))),
                      format_names.at(static_cast<size_t>(*chosen)));
      }
    } else {
      refuse(each, "unknown key, or not after what it belongs to");
    }
  }
  const auto& last = stated.fields.back();
  if (last.key != "format" && last.key != "accept" && !is_error(last))
    refuse(last, "a case ends with format, accept or error");
  return found;
}

}  // namespace rollcall::conformance
