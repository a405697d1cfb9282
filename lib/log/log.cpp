#include "lib/log/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>

namespace rollcall::log {

namespace {

std::string_view name_of(level severity) {
  switch (severity) {
    case level::debug:
      return "DEBUG";
    case level::info:
      return "INFO";
    case level::warn:
      return "WARN";
    case level::error:
      return "ERROR";
  }
  return "ERROR";
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" =\"\\\n\r\t") != value.npos ||
         std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

// Quotes as JSON does, which logfmt readers take as well.
void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (unsigned char c : value) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", c);
    } else {
      out += static_cast<char>(c);
    }
  }
  out += '"';
}

class line {
 public:
  explicit line(format form) : form_(form) {
    if (form_ == format::json) text_ += '{';
  }

  void add(std::string_view name, std::string_view value) {
    bool first = text_.size() <= 1;
    if (form_ == format::json) {
      if (!first) text_ += ',';
      append_quoted(text_, name);
      text_ += ':';
      append_quoted(text_, value);
      return;
    }
    if (!text_.empty()) text_ += ' ';
    text_ += name;
    text_ += '=';
    if (needs_quotes(value)) {
      append_quoted(text_, value);
    } else {
      text_ += value;
    }
  }

  std::string finish() {
    if (form_ == format::json) text_ += '}';
    return std::move(text_);
  }

 private:
  format form_;
  std::string text_;
};

struct settings {
  level least = level::info;
  log::format form = format::logfmt;
  std::shared_ptr<spdlog::logger> sink;

  settings() {
    sink = std::make_shared<spdlog::logger>("rollcall", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    sink->set_pattern("%v");
    sink->set_level(spdlog::level::trace);
    sink->flush_on(spdlog::level::trace);
  }
};

settings& current() {
  static settings instance;
  return instance;
}

}  // namespace

std::optional<level> parse_level(std::string_view text) {
  if (text == "debug") return level::debug;
  if (text == "info") return level::info;
  if (text == "warn") return level::warn;
  if (text == "error") return level::error;
  return std::nullopt;
}

std::optional<format> parse_format(std::string_view text) {
  if (text == "logfmt") return format::logfmt;
  if (text == "json") return format::json;
  return std::nullopt;
}

void configure(level least, format form) {
  current().least = least;
  current().form = form;
}

bool enabled(level severity) { return severity >= current().least; }

void write(level severity, std::string_view component, std::string_view message, std::initializer_list<field> fields) {
  if (!enabled(severity)) return;
  auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  auto milliseconds = now.time_since_epoch().count() % 1000;
  auto time =
      fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)), milliseconds);
  current().sink->info("{}", render(current().form, time, severity, component, message, fields));
}

std::string render(format form, std::string_view time, level severity, std::string_view component,
                   std::string_view message, std::initializer_list<field> fields) {
  line out(form);
  out.add("time", time);
  out.add("level", name_of(severity));
  out.add("component", component);
  out.add("msg", message);
  for (const auto& each : fields) out.add(each.name, each.value);
  return out.finish();
}

}  // namespace rollcall::log
