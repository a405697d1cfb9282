#include "config/yaml_reader.hpp"

#include "config/yaml_json.hpp"
#include "lib/base/byte_size.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace rollcall {
namespace {

// So much of a wrong value is quoted in a message.
constexpr size_t quoted_value_bytes_max = 10;
constexpr size_t shortened_value_bytes = 7;

std::optional<bool> as_bool(const yaml_node& node) {
  if (node.quoted) return std::nullopt;
  if (node.text == "true" || node.text == "True" || node.text == "TRUE") return true;
  if (node.text == "false" || node.text == "False" || node.text == "FALSE") return false;
  return std::nullopt;
}

std::optional<uint64_t> as_unsigned(const yaml_node& node) {
  std::string_view text = node.text;
  if (node.quoted) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  }
  uint64_t value = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> as_double(const yaml_node& node) {
  if (node.quoted) return std::nullopt;
  std::string_view text = node.text;
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view tag_of(const yaml_node& node) {
  switch (node.kind) {
    case yaml_kind::null:
      return "!!null";
    case yaml_kind::list:
      return "!!seq";
    case yaml_kind::map:
      return "!!map";
    case yaml_kind::scalar:
      break;
  }
  if (as_bool(node)) return "!!bool";
  if (auto number = as_double(node)) return node.text.find_first_of(".eEn") == std::string::npos ? "!!int" : "!!float";
  return "!!str";
}

/// Cuts between characters, so that the message stays valid UTF-8.
std::string shortened(std::string_view text) {
  if (text.size() <= quoted_value_bytes_max) return std::string(text);
  auto end = shortened_value_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace

std::string unsupported_message(std::string_view what) {
  return fmt::format("{} is not supported by this version of rollcall", what);
}

void yaml_source::report(yaml_position position, errc code, std::string_view message) {
  if (fault) return;
  fault =
      error{code, fmt::format("{}{}{}:{}: {}", file, file.empty() ? "" : ":", position.line, position.column, message)};
}

const yaml_entry* yaml_reader::find(std::string_view key) const {
  for (const auto& entry : node_->map)
    if (entry.key == key) return &entry;
  return nullptr;
}

const yaml_node* yaml_reader::take(std::string_view key) {
  const auto* entry = find(key);
  if (!entry) return nullptr;
  used_[static_cast<size_t>(entry - node_->map.data())] = true;
  return entry->value.kind == yaml_kind::null ? nullptr : &entry->value;
}

bool yaml_reader::has(std::string_view key) const {
  const auto* entry = find(key);
  return entry && entry->value.kind != yaml_kind::null;
}

void yaml_reader::report_type(const yaml_node& node, std::string_view wanted) {
  std::string value;
  if (node.kind == yaml_kind::scalar) value = fmt::format(" `{}`", shortened(node.text));
  source_->report(node.position, errc::syntax,
                  fmt::format("cannot unmarshal {}{} into {}", tag_of(node), value, wanted));
}

bool yaml_reader::take_text(const yaml_node& node, std::string& out) {
  if (node.kind == yaml_kind::list || node.kind == yaml_kind::map) {
    report_type(node, "string");
    return false;
  }
  out = node.text;
  return true;
}

bool yaml_reader::take_texts(const yaml_node& node, std::vector<std::string>& out) {
  if (node.kind != yaml_kind::list) {
    if (node.kind == yaml_kind::null) return false;
    report_type(node, "[]string");
    return false;
  }
  out.assign(node.items.size(), {});
  for (size_t i = 0; i < node.items.size(); ++i) take_text(node.items[i], out[i]);
  return true;
}

bool yaml_reader::read(std::string_view key, std::string& out) {
  const auto* node = take(key);
  return node && take_text(*node, out);
}

bool yaml_reader::read(std::string_view key, bool& out) {
  const auto* node = take(key);
  if (!node) return false;
  auto value = node->kind == yaml_kind::scalar ? as_bool(*node) : std::nullopt;
  if (!value) report_type(*node, "bool");
  out = value.value_or(out);
  return value.has_value();
}

bool yaml_reader::read(std::string_view key, uint64_t& out) {
  const auto* node = take(key);
  if (!node) return false;
  auto value = node->kind == yaml_kind::scalar ? as_unsigned(*node) : std::nullopt;
  if (!value) report_type(*node, "uint");
  out = value.value_or(out);
  return value.has_value();
}

bool yaml_reader::read(std::string_view key, double& out) {
  const auto* node = take(key);
  if (!node) return false;
  auto value = node->kind == yaml_kind::scalar ? as_double(*node) : std::nullopt;
  if (!value) report_type(*node, "float64");
  out = value.value_or(out);
  return value.has_value();
}

bool yaml_reader::read(std::string_view key, milliseconds& out) {
  std::string text;
  if (!read(key, text)) return false;
  auto value = parse_duration(text);
  if (!value) report_at(key, value.error().message, value.error().code);
  out = value.value_or(out);
  return value.has_value();
}

bool yaml_reader::read_positive(std::string_view key, milliseconds& out) {
  bool is_there = read(key, out);
  if (out == milliseconds(0)) report_at(key, fmt::format("{} must be greater than 0", key));
  return is_there;
}

bool yaml_reader::read_size(std::string_view key, uint64_t& out) {
  std::string text;
  if (!read(key, text)) return false;
  auto value = parse_byte_size(text);
  if (!value) report_at(key, value.error().message, value.error().code);
  out = value.value_or(out);
  return value.has_value();
}

bool yaml_reader::read_path(std::string_view key, std::string& out) {
  if (!read(key, out)) return false;
  out = resolve(out);
  return true;
}

bool yaml_reader::read(std::string_view key, std::vector<std::string>& out) {
  const auto* node = take(key);
  return node && take_texts(*node, out);
}

bool yaml_reader::read(std::string_view key, std::map<std::string, std::string>& out) {
  return read_entries(key, "map[string]string", [&](std::string_view name, yaml_reader& value) {
    take_text(*value.node_, out[std::string(name)]);
  });
}

bool yaml_reader::read(std::string_view key, std::map<std::string, std::vector<std::string>>& out) {
  return read_entries(key, "map[string][]string", [&](std::string_view name, yaml_reader& value) {
    take_texts(*value.node_, out[std::string(name)]);
  });
}

bool yaml_reader::read_any(std::string_view key, std::string_view type, const visitor& visit) {
  const auto* node = take(key);
  if (!node) return false;
  yaml_reader child(*source_, *node, type);
  visit(child);
  return true;
}

bool yaml_reader::read_map(std::string_view key, std::string_view type, const visitor& visit) {
  return read_any(key, type, [&](yaml_reader& child) { child.fields(visit); });
}

bool yaml_reader::read_list(std::string_view key, std::string_view type, std::string_view null_message,
                            const visitor& visit) {
  return read_any(key, type, [&](yaml_reader& child) { child.each(type, null_message, visit); });
}

bool yaml_reader::read_entries(std::string_view key, std::string_view type,
                               const std::function<void(std::string_view, yaml_reader&)>& visit) {
  const auto* node = take(key);
  if (!node) return false;
  if (node->kind != yaml_kind::map) {
    report_type(*node, type);
    return false;
  }
  for (const auto& entry : node->map) {
    yaml_reader child(*source_, entry.value, type);
    visit(entry.key, child);
  }
  return true;
}

std::string yaml_reader::self_as_json() const { return to_json(*node_); }

bool yaml_reader::read_self(std::string& out) { return kind() != yaml_kind::null && take_text(*node_, out); }

void yaml_reader::each(std::string_view type, std::string_view null_message, const visitor& visit) {
  each(type, [&](size_t) { return std::string(null_message); }, visit);
}

void yaml_reader::each(std::string_view type, const std::function<std::string(size_t)>& null_message,
                       const visitor& visit) {
  if (kind() != yaml_kind::list) return report_type(*node_, fmt::format("[]{}", type));
  for (size_t i = 0; i < node_->items.size(); ++i) {
    yaml_reader child(*source_, node_->items[i], type);
    if (child.kind() == yaml_kind::null)
      child.report(null_message(i));
    else
      child.fields(visit);
  }
}

void yaml_reader::fields(const visitor& visit) {
  if (kind() != yaml_kind::map) return report_type(*node_, type_);
  const bool was_clean = !failed();
  visit(*this);
  // A misspelt key is often why a value is missing, so it is the better message.
  if (was_clean && failed() && source_->fault->code == errc::invalid_argument) {
    auto consequence = std::exchange(source_->fault, std::nullopt);
    finish();
    if (!failed()) source_->fault = std::move(consequence);
  } else {
    finish();
  }
}

void yaml_reader::finish() {
  for (size_t i = 0; i < used_.size(); ++i) {
    if (used_[i]) continue;
    const auto& entry = node_->map[i];
    source_->report(entry.position, errc::syntax, fmt::format("field {} not found in type {}", entry.key, type_));
    return;
  }
}

void yaml_reader::refuse_unsupported(std::string_view key) {
  if (take(key)) report_key(key, unsupported_message(key), errc::unsupported);
}

void yaml_reader::report_unsupported(std::string_view key, std::string_view what) {
  report_at(key, unsupported_message(what), errc::unsupported);
}

void yaml_reader::report(std::string_view message, errc code) { source_->report(node_->position, code, message); }

void yaml_reader::report_key(std::string_view key, std::string_view message, errc code) {
  const auto* entry = find(key);
  source_->report(entry ? entry->position : node_->position, code, message);
}

void yaml_reader::report_at(std::string_view key, std::string_view message, errc code) {
  const auto* entry = find(key);
  source_->report(entry ? entry->value.position : node_->position, code, message);
}

void yaml_reader::report_at(std::string_view key, size_t item, std::string_view message, errc code) {
  const auto* entry = find(key);
  if (!entry || item >= entry->value.items.size()) return report_at(key, message, code);
  source_->report(entry->value.items[item].position, code, message);
}

std::string yaml_reader::resolve(std::string_view path) const {
  if (path.empty() || path.front() == '/' || source_->directory.empty()) return std::string(path);
  return (source_->directory / path).lexically_normal().string();
}

}  // namespace rollcall
