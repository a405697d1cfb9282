#include "tests/conformance/label_notation.hpp"

#include "lib/labels/names.hpp"

#include <algorithm>

namespace rollcall::conformance {

namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

void skip_spaces(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(' '), text.size())); }

bool take(std::string_view& text, char wanted) {
  skip_spaces(text);
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

std::string take_bare(std::string_view& text) {
  auto end = std::find_if_not(text.begin(), text.end(), is_name_character);
  std::string name(text.begin(), end);
  text.remove_prefix(name.size());
  return name;
}

std::string take_quoted(std::string_view& text, const field& where) {
  if (!take(text, '"')) refuse(where, "expected a text in quotes at: " + std::string(text));
  size_t end = 0;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  if (end >= text.size()) refuse(where, "a quote that does not end");
  auto plain = unescape(text.substr(0, end), where.line);
  text.remove_prefix(end + 1);
  return plain;
}

}  // namespace

label_pairs take_labels(std::string_view& text, const field& where) {
  label_pairs pairs;
  if (auto name = take_bare(text); !name.empty()) pairs.emplace_back(metric_name_label, name);
  if (!text.starts_with('{')) {
    if (pairs.empty()) refuse(where, "expected a series at: " + std::string(text));
    return pairs;
  }
  text.remove_prefix(1);
  while (!take(text, '}')) {
    bool is_quoted = text.starts_with('"');
    auto name = is_quoted ? take_quoted(text, where) : take_bare(text);
    if (take(text, '=')) {
      pairs.emplace_back(name, take_quoted(text, where));
    } else if (is_quoted) {
      pairs.emplace_back(metric_name_label, name);
    } else {
      refuse(where, "expected a label at: " + std::string(text));
    }
    if (!take(text, ',') && !text.starts_with('}')) refuse(where, "expected , or } at: " + std::string(text));
  }
  return pairs;
}

labels parse_labels(std::string_view text, const field& where) {
  auto pairs = take_labels(text, where);
  skip_spaces(text);
  if (!text.empty()) refuse(where, "nothing may follow the labels: " + std::string(text));
  return labels::of(std::move(pairs));
}

std::string to_notation(const labels& set) {
  std::string out;
  std::string inside;
  auto name_of = [](std::string_view name, bool is_plain) {
    return is_plain ? std::string(name) : '"' + escape(name) + '"';
  };
  for (auto [name, value] : set) {
    if (name == metric_name_label) {
      bool is_plain = is_valid_metric_name(value, name_validation::legacy);
      if (is_plain) {
        out = value;
      } else {
        inside.insert(0, name_of(value, false) + (inside.empty() ? "" : ","));
      }
      continue;
    }
    if (!inside.empty()) inside += ',';
    inside += name_of(name, is_valid_label_name(name, name_validation::legacy)) + "=\"" + escape(value) + '"';
  }
  if (!inside.empty() || out.empty()) out += '{' + inside + '}';
  return out;
}

}  // namespace rollcall::conformance
