#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::exposition {

/// The bits of the one NaN that a text can give: Go's normal NaN, as Prometheus stores it.
inline constexpr uint64_t not_a_number_bits = 0x7ff8000000000001;

/// Reads a whole decimal number as Go's strconv.ParseFloat does: an optional sign, digits with an optional point and
/// exponent, or "inf", "infinity" (with sign) and "nan" (without) in any case. Nothing when it is none, has trailing
/// characters or is beyond the range of a double; what is too small becomes zero. Hexadecimal forms and underscores are
/// refused, as Prometheus refuses them in values.
std::optional<double> parse_number(std::string_view text);

/// The bits of a parsed value: every NaN becomes not_a_number_bits.
inline uint64_t value_bits_of(double value) {
  return value == value ? std::bit_cast<uint64_t>(value) : not_a_number_bits;
}

/// The milliseconds in so many seconds, without their fraction. What 64 bits cannot hold becomes the least int64_t: so
/// Go converts on amd64, and so Prometheus stores it.
inline int64_t milliseconds_of(double seconds) {
  double milliseconds = seconds * 1000;
  bool fits = milliseconds >= -0x1p63 && milliseconds < 0x1p63;
  return fits ? static_cast<int64_t>(milliseconds) : std::numeric_limits<int64_t>::min();
}

/// Appends the shortest text that reads back to the value, as Go's strconv.FormatFloat(v, 'g', -1, 64) writes it, and
/// so as Go's client libraries expose it: 1, 0.5, 1e+06, NaN, +Inf.
void append_number(std::string& out, double value);
/// As append_number, but never with an exponent: strconv.FormatFloat(v, 'f', -1, 64).
void append_decimal(std::string& out, double value);
/// As append_number, but always with a point or an exponent: the canonical form of OpenMetrics for `le` and `quantile`.
void append_open_metrics_number(std::string& out, double value);

namespace detail {

inline constexpr std::array<double, 23> powers_of_ten = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                         1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                         1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
inline bool ends_value(char c) { return c == '\n' || c == ' ' || c == '\t'; }

inline void scan_digits(const char*& at, uint64_t& number) {
  for (; is_digit(*at); ++at) number = number * 10 + static_cast<uint64_t>(*at - '0');
}

/// Reads the exponent that starts with the `e` at `at`; false when it is malformed or too long to be worth it.
inline bool scan_exponent(const char*& at, int& exponent) {
  ++at;
  bool negative = *at == '-';
  if (negative || *at == '+') ++at;
  const char* first = at;
  uint64_t magnitude = 0;
  scan_digits(at, magnitude);
  if (at == first || at - first > 3) return false;
  exponent += negative ? -static_cast<int>(magnitude) : static_cast<int>(magnitude);
  return true;
}

/// Finishes the value that starts at `at` where the short way gave up.
bool scan_value_slowly(const char*& at, uint64_t& bits);

}  // namespace detail

/// Reads the value of a sample at `at` and moves past it. A newline must stand somewhere behind `at`; the value ends at
/// the first space, tab, newline or opening brace. False when it is no value; `at` is then left where it was.
/// Integers of up to 18 digits and numbers that are exactly a 53-bit integer times a power of ten up to 22 take a short
/// way of one rounding, so the result is the nearest double; the rest goes through parse_number().
inline bool scan_value(const char*& at, uint64_t& bits) {
  const char* p = at;
  bool negative = *p == '-';
  p += negative;
  const char* first = p;
  uint64_t mantissa = 0;
  detail::scan_digits(p, mantissa);
  auto digits = p - first;
  double value = 0;
  if (detail::ends_value(*p)) {
    if (digits < 1 || digits > 18) return detail::scan_value_slowly(at, bits);
    value = static_cast<double>(mantissa);
  } else {
    int exponent = 0;
    if (*p == '.') {
      const char* point = p++;
      detail::scan_digits(p, mantissa);
      auto decimals = p - point - 1;
      digits += decimals;
      exponent = digits <= 18 ? -static_cast<int>(decimals) : 0;
    }
    if (digits < 1 || digits > 18) return detail::scan_value_slowly(at, bits);
    if ((*p == 'e' || *p == 'E') && !detail::scan_exponent(p, exponent)) return detail::scan_value_slowly(at, bits);
    if (!detail::ends_value(*p) || mantissa > (uint64_t{1} << 53) || exponent < -22 || exponent > 22) {
      return detail::scan_value_slowly(at, bits);
    }
    value = static_cast<double>(mantissa);
    value = exponent < 0 ? value / detail::powers_of_ten[static_cast<size_t>(-exponent)]
                         : value * detail::powers_of_ten[static_cast<size_t>(exponent)];
  }
  bits = std::bit_cast<uint64_t>(value) | static_cast<uint64_t>(negative) << 63;
  at = p;
  return true;
}

/// Reads digits as a timestamp and moves past them; false when there are none or they exceed 63 bits. A newline must
/// stand somewhere behind `at`.
inline bool scan_timestamp(const char*& at, int64_t& timestamp) {
  const char* p = at;
  uint64_t number = 0;
  detail::scan_digits(p, number);
  if (p == at) return false;
  if (p - at > 18) {
    constexpr auto most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    number = 0;
    for (const char* q = at; q != p; ++q) {
      auto digit = static_cast<uint64_t>(*q - '0');
      if (number > (most - digit) / 10) return false;
      number = number * 10 + digit;
    }
  }
  timestamp = static_cast<int64_t>(number);
  at = p;
  return true;
}

}  // namespace rollcall::exposition
