#include "lib/http/retry_after.hpp"

#include <array>
#include <charconv>

namespace rollcall::http {

namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> days{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                               "Friday", "Saturday", "Sunday"};
/// More digits than this are no waiting time that anybody means, and would overflow.
constexpr std::size_t digits_max = 10;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes one date apart from left to right; a step that does not fit makes all later ones fail.
class date_reader {
 public:
  explicit date_reader(std::string_view text) : rest_(text) {}

  bool done() const { return ok_ && rest_.empty(); }

  date_reader& literal(std::string_view expected) {
    ok_ = ok_ && rest_.starts_with(expected);
    if (ok_) rest_.remove_prefix(expected.size());
    return *this;
  }

  date_reader& day_name(bool full) {
    for (auto day : days) {
      auto name = full ? day : day.substr(0, 3);
      if (ok_ && rest_.starts_with(name) && (rest_.size() == name.size() || !is_letter(rest_[name.size()])))
        return literal(name);
    }
    ok_ = false;
    return *this;
  }

  date_reader& month(unsigned& out) {
    for (std::size_t i = 0; i < months.size(); ++i)
      if (ok_ && rest_.starts_with(months[i])) {
        out = static_cast<unsigned>(i) + 1;
        return literal(months[i]);
      }
    ok_ = false;
    return *this;
  }

  date_reader& number(std::size_t digits, int& out) {
    ok_ = ok_ && rest_.size() >= digits;
    if (!ok_) return *this;
    out = 0;
    for (char c : rest_.substr(0, digits)) {
      ok_ = ok_ && c >= '0' && c <= '9';
      out = out * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return *this;
  }

  /// A day of the month as asctime prints it: two columns, padded with a space.
  date_reader& padded_day(int& out) {
    if (ok_ && rest_.starts_with(' ')) return literal(" ").number(1, out);
    return number(2, out);
  }

  date_reader& time(std::chrono::seconds& out) {
    int hour = 0, minute = 0, second = 0;
    number(2, hour).literal(":").number(2, minute).literal(":").number(2, second);
    // Second 60 is a leap second.
    ok_ = ok_ && hour < 24 && minute < 60 && second <= 60;
    out = std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
    return *this;
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  std::string_view rest_;
  bool ok_ = true;
};

std::optional<std::chrono::sys_seconds> combine(int year, unsigned month, int day, std::chrono::seconds time) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + time;
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  int year = 0, day = 0;
  unsigned month = 0;
  std::chrono::seconds time{0};

  date_reader preferred(text);
  preferred.day_name(false).literal(", ").number(2, day).literal(" ").month(month).literal(" ").number(4, year);
  if (preferred.literal(" ").time(time).literal(" GMT").done()) return combine(year, month, day, time);

  date_reader rfc850(text);
  rfc850.day_name(true).literal(", ").number(2, day).literal("-").month(month).literal("-").number(2, year);
  // Two digits mean 1969 to 2068, as Go reads them.
  if (rfc850.literal(" ").time(time).literal(" GMT").done())
    return combine(year + (year >= 69 ? 1900 : 2000), month, day, time);

  date_reader asctime(text);
  asctime.day_name(false).literal(" ").month(month).literal(" ").padded_day(day).literal(" ").time(time).literal(" ");
  if (asctime.number(4, year).done()) return combine(year, month, day, time);
  return std::nullopt;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, std::chrono::sys_seconds now) {
  value = trim(value);
  if (value.empty()) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    int64_t seconds = 0;
    if (value.size() > digits_max) return std::nullopt;
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    return std::chrono::seconds(seconds);
  }
  auto date = parse_http_date(value);
  if (!date || *date < now) return std::nullopt;
  return *date - now;
}

}  // namespace rollcall::http
