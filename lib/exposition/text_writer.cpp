#include "lib/exposition/text_writer.hpp"

#include "lib/exposition/number.hpp"
#include "lib/labels/names.hpp"

namespace rollcall::exposition {

namespace {

enum class quotes : uint8_t { escaped, plain };

void append_escaped(std::string& out, std::string_view text, quotes rule) {
  for (char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '"':
        out += rule == quotes::escaped ? "\\\"" : "\"";
        break;
      default:
        out += c;
    }
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, quotes::escaped);
  out += '"';
}

void append_metric_name(std::string& out, std::string_view name) {
  if (is_valid_metric_name(name, name_validation::legacy)) {
    out += name;
  } else {
    append_quoted(out, name);
  }
}

}  // namespace

void append_series(std::string& out, const labels& series) {
  std::string_view name = series.get(metric_name_label);
  bool is_bare = is_valid_metric_name(name, name_validation::legacy);
  if (is_bare) out += name;
  char separator = '{';
  if (!is_bare && !name.empty()) {
    out += '{';
    append_quoted(out, name);
    separator = ',';
  }
  for (auto [label_name, value] : series) {
    if (label_name == metric_name_label) continue;
    out += separator;
    separator = ',';
    if (is_valid_label_name(label_name, name_validation::legacy)) {
      out += label_name;
    } else {
      append_quoted(out, label_name);
    }
    out += '=';
    append_quoted(out, value);
  }
  if (separator == ',') out += '}';
}

void append_sample(std::string& out, const labels& series, double value, std::optional<int64_t> timestamp) {
  append_series(out, series);
  out += ' ';
  append_number(out, value);
  if (timestamp) {
    out += ' ';
    out += std::to_string(*timestamp);
  }
  out += '\n';
}

void append_type(std::string& out, std::string_view family, metric_type type) {
  out += "# TYPE ";
  append_metric_name(out, family);
  out += ' ';
  out += text_name(type);
  out += '\n';
}

void append_help(std::string& out, std::string_view family, std::string_view text) {
  out += "# HELP ";
  append_metric_name(out, family);
  out += ' ';
  append_escaped(out, text, quotes::plain);
  out += '\n';
}

}  // namespace rollcall::exposition
