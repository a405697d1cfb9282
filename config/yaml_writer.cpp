#include "config/yaml_writer.hpp"

#include "lib/base/ascii.hpp"

#include <fmt/format.h>

#include <charconv>

namespace rollcall {
namespace {

constexpr std::string_view hidden = "<secret>";

bool reads_as_other_than_text(std::string_view text) {
  // Everything that some YAML reader takes for a null, a bool, a number or a time.
  static constexpr std::string_view words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"};
  const std::string lower = ascii_lower(text);
  if (std::find(std::begin(words), std::end(words), lower) != std::end(words)) return true;
  return lower.find_first_not_of("0123456789.+-_:exabcdfinotz") == std::string::npos &&
         (lower.front() == '.' || lower.front() == '+' || lower.front() == '-' ||
          (lower.front() >= '0' && lower.front() <= '9'));
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return true;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@`=").find(text.front()) != std::string_view::npos) return true;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return true;
  if (text.starts_with("---") || text.starts_with("...") || text == "<<") return true;
  for (unsigned char c : text)
    if (c < 0x20 || c >= 0x7F) return true;
  return reads_as_other_than_text(text);
}

std::string written(std::string_view text) {
  if (!needs_quotes(text)) return std::string(text);
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
          out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
        else
          out += c;
    }
  }
  return out + '"';
}

}  // namespace

void yaml_writer::start_line() {
  auto depth = level_ - (item_pending_ ? 1 : 0);
  out_.append(2 * depth, ' ');
  if (item_pending_) out_ += "- ";
  item_pending_ = false;
}

void yaml_writer::line(std::string_view key, std::string_view value) {
  start_line();
  out_ += written(key);
  out_ += ": ";
  out_ += value;
  out_ += '\n';
}

size_t yaml_writer::open(std::string_view key) {
  start_line();
  out_ += written(key);
  out_ += ":\n";
  return out_.size();
}

void yaml_writer::close(size_t mark, std::string_view empty) {
  if (out_.size() == mark) out_.insert(mark - 1, empty);
}

void yaml_writer::scalar_item(std::string_view value) {
  out_.append(2 * level_, ' ');
  out_ += "- ";
  out_ += value;
  out_ += '\n';
}

void yaml_writer::item(std::string_view value) { scalar_item(written(value)); }

void yaml_writer::field(std::string_view key, std::string_view value) { line(key, written(value)); }
void yaml_writer::field(std::string_view key, bool value) { line(key, value ? "true" : "false"); }
void yaml_writer::field(std::string_view key, uint64_t value) { line(key, std::to_string(value)); }
void yaml_writer::field(std::string_view key, double value) { line(key, fmt::format("{}", value)); }
void yaml_writer::field(std::string_view key, milliseconds value) { line(key, format_duration(value)); }

void yaml_writer::field(std::string_view key, const std::vector<std::string>& values) {
  list(key, [&] {
    for (const auto& value : values) item(value);
  });
}

void yaml_writer::field(std::string_view key, const std::map<std::string, std::string>& values) {
  map(key, [&] {
    for (const auto& [name, value] : values) field(name, value);
  });
}

void yaml_writer::field(std::string_view key, const std::map<std::string, std::vector<std::string>>& values) {
  map(key, [&] {
    for (const auto& [name, list] : values) field(name, list);
  });
}

void yaml_writer::secret(std::string_view key, std::string_view value) {
  if (!value.empty()) field(key, hidden);
}

void yaml_writer::secrets(std::string_view key, const std::vector<std::string>& values) {
  list(key, [&] {
    for (size_t i = 0; i < values.size(); ++i) item(hidden);
  });
}

}  // namespace rollcall
