#include "lib/web/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace rollcall::web {

std::string format_time(int64_t milliseconds) {
  using namespace std::chrono;
  if (milliseconds == 0) return "0001-01-01T00:00:00Z";
  sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(milliseconds)};
  auto day = floor<days>(time);
  year_month_day date(day);
  hh_mm_ss clock(time - day);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (auto rest = clock.subseconds().count(); rest != 0) {
    text += fmt::format(".{:03}", rest);
    while (text.back() == '0') text.pop_back();
  }
  return text += 'Z';
}

std::string format_age(int64_t milliseconds) {
  milliseconds = std::max<int64_t>(milliseconds, 0);
  int64_t seconds = milliseconds / 1000;
  if (seconds < 60) return fmt::format("{:.1f}s", static_cast<double>(milliseconds) / 1000);
  if (seconds < 3600) return fmt::format("{}m {}s", seconds / 60, seconds % 60);
  return fmt::format("{}h {}m", seconds / 3600, seconds / 60 % 60);
}

}  // namespace rollcall::web
