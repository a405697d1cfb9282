#include "lib/http/retry_after.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using namespace std::chrono;

void require(bool holds) {
  if (!holds) std::abort();
}

/// The date in the preferred form, with the right day of the week.
std::string_view format(sys_seconds moment, char (&text)[64]) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<std::chrono::days>(moment);
  const year_month_day date(day);
  const hh_mm_ss time(moment - day);
  const int size =
      std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", days[weekday(day).c_encoding()],
                    unsigned(date.day()), months[unsigned(date.month()) - 1], int(date.year()),
                    int(time.hours().count()), int(time.minutes().count()), int(time.seconds().count()));
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

/// No wait is negative, and a date that was read means the same when it is written down anew.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const sys_seconds now = sys_days(2026y / November / 23);
  if (auto wait = rollcall::http::parse_retry_after(text, now)) require(wait->count() >= 0);
  if (auto date = rollcall::http::parse_http_date(text)) {
    // The last second of the year 9999 may be a leap second, which has no four digits to be written in.
    if (*date >= sys_days(10000y / January / 1)) return 0;
    char written[64];
    require(rollcall::http::parse_http_date(format(*date, written)) == date);
  }
  return 0;
}
