#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

/// The process's log: one line an event, in logfmt or JSON, to standard error. Any thread may write.
namespace rollcall::log {

enum class level : unsigned char { debug, info, warn, error };
enum class format : unsigned char { logfmt, json };

std::optional<level> parse_level(std::string_view text);
std::optional<format> parse_format(std::string_view text);

/// A named value of a line.
struct field {
  std::string_view name;
  std::string value;
};

/// Sets what is written and how; call it before other threads start.
void configure(level least, format form);
bool enabled(level severity);
/// Writes a line: time, level, component (an actor's name), message, fields.
void write(level severity, std::string_view component, std::string_view message, std::initializer_list<field> fields);

/// The line as write() makes it, without the line break; `time` as RFC 3339. For tests.
std::string render(format form, std::string_view time, level severity, std::string_view component,
                   std::string_view message, std::initializer_list<field> fields);

inline void debug(std::string_view component, std::string_view message, std::initializer_list<field> fields = {}) {
  write(level::debug, component, message, fields);
}
inline void info(std::string_view component, std::string_view message, std::initializer_list<field> fields = {}) {
  write(level::info, component, message, fields);
}
inline void warn(std::string_view component, std::string_view message, std::initializer_list<field> fields = {}) {
  write(level::warn, component, message, fields);
}
inline void error(std::string_view component, std::string_view message, std::initializer_list<field> fields = {}) {
  write(level::error, component, message, fields);
}

}  // namespace rollcall::log
