#include "lib/exposition/number.hpp"

#include "lib/base/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace rollcall::exposition {

namespace {

bool equals_any_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (ascii_lower(text[i]) != lower[i]) return false;
  }
  return true;
}

// Whether a well-formed decimal that is out of range is too large; else it is too small. Such numbers are so far from 1
// that the place of their first digit decides.
bool is_too_large(std::string_view digits) {
  auto exponent_at = digits.find_first_of("eE");
  std::string_view mantissa = digits.substr(0, exponent_at);
  int64_t exponent = 0;
  if (exponent_at != std::string_view::npos) {
    std::string_view text = digits.substr(exponent_at + 1);
    bool negative = text.front() == '-';
    if (negative || text.front() == '+') text.remove_prefix(1);
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (failure != std::errc()) return !negative;
    if (negative) exponent = -exponent;
  }
  auto point = std::min(mantissa.find('.'), mantissa.size());
  auto first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  auto place = static_cast<int64_t>(point) - static_cast<int64_t>(first);
  return exponent > -place;
}

// The shortest decimal digits of a finite value and the power of ten of the first one: 0.d1d2d3... * 10^point.
struct decimal {
  char digits[24];
  int count = 0;
  int point = 0;
};

decimal shortest_decimal(double magnitude) {
  char text[40];
  auto [end, failure] = std::to_chars(text, text + sizeof text, magnitude, std::chars_format::scientific);
  decimal parts;
  char* at = text;
  for (; *at != 'e'; ++at) {
    if (*at != '.') parts.digits[parts.count++] = *at;
  }
  ++at;
  bool negative = *at++ == '-';
  int exponent = 0;
  std::from_chars(at, end, exponent);
  parts.point = (negative ? -exponent : exponent) + 1;
  if (parts.digits[0] == '0') parts.point = 1;
  return parts;
}

void append_plain(std::string& out, const decimal& parts) {
  if (parts.point <= 0) {
    out += "0.";
    out.append(static_cast<size_t>(-parts.point), '0');
    out.append(parts.digits, static_cast<size_t>(parts.count));
    return;
  }
  int whole = std::min(parts.point, parts.count);
  out.append(parts.digits, static_cast<size_t>(whole));
  out.append(static_cast<size_t>(parts.point - whole), '0');
  if (parts.count > whole) {
    out += '.';
    out.append(parts.digits + whole, static_cast<size_t>(parts.count - whole));
  }
}

void append_scientific(std::string& out, const decimal& parts) {
  out += parts.digits[0];
  if (parts.count > 1) {
    out += '.';
    out.append(parts.digits + 1, static_cast<size_t>(parts.count - 1));
  }
  int exponent = parts.point - 1;
  out += 'e';
  out += exponent < 0 ? '-' : '+';
  exponent = std::abs(exponent);
  if (exponent < 10) out += '0';
  out += std::to_string(exponent);
}

bool append_special(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  std::string_view digits = text;
  bool has_sign = !text.empty() && (text.front() == '+' || text.front() == '-');
  if (has_sign) digits.remove_prefix(1);
  bool negative = has_sign && text.front() == '-';
  if (digits.empty()) return std::nullopt;
  if (!detail::is_digit(digits.front()) && digits.front() != '.') {
    if (equals_any_case(digits, "inf") || equals_any_case(digits, "infinity")) {
      return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    }
    if (!has_sign && equals_any_case(digits, "nan")) return std::bit_cast<double>(not_a_number_bits);
    return std::nullopt;
  }
  double value = 0;
  auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || failure == std::errc::invalid_argument) return std::nullopt;
  if (failure == std::errc::result_out_of_range) {
    if (is_too_large(digits)) return std::nullopt;
    value = 0;
  }
  if (std::isinf(value)) return std::nullopt;
  return negative ? -value : value;
}

void append_number(std::string& out, double value) {
  if (append_special(out, value)) return;
  if (std::signbit(value)) out += '-';
  decimal parts = shortest_decimal(std::abs(value));
  // strconv decides as if six digits had been asked for when it gives the shortest form.
  int exponent = parts.point - 1;
  if (exponent < -4 || exponent >= 6) {
    append_scientific(out, parts);
  } else {
    append_plain(out, parts);
  }
}

void append_decimal(std::string& out, double value) {
  if (append_special(out, value)) return;
  if (std::signbit(value)) out += '-';
  append_plain(out, shortest_decimal(std::abs(value)));
}

void append_open_metrics_number(std::string& out, double value) {
  if (value == 0) {
    out += "0.0";
    return;
  }
  auto first = out.size();
  append_number(out, value);
  if (!std::isfinite(value)) return;
  if (out.find_first_of("e.", first) == std::string::npos) out += ".0";
}

namespace detail {

bool scan_value_slowly(const char*& at, uint64_t& bits) {
  const char* end = at;
  while (!ends_value(*end) && *end != '{') ++end;
  auto value = parse_number({at, static_cast<size_t>(end - at)});
  if (!value) return false;
  bits = value_bits_of(*value);
  at = end;
  return true;
}

}  // namespace detail

}  // namespace rollcall::exposition
