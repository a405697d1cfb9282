#include "actors/discovery/puppetdb_sd/puppetdb_parameters.hpp"

#include "lib/labels/names.hpp"

#include <array>
#include <charconv>

namespace rollcall {

namespace {

/// The shortest text that reads back as the number, positional for exponents from -4 to 5, as Go's
/// strconv.FormatFloat(x, 'g', -1, 64) has it.
std::string number_text(double number) {
  std::array<char, 64> buffer{};
  auto write = [&](std::chars_format format) {
    auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format).ptr;
    return std::string(buffer.data(), end);
  };
  auto scientific = write(std::chars_format::scientific);
  auto exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
  return exponent < -4 || exponent >= 6 ? scientific : write(std::chars_format::fixed);
}

std::string scalar_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number()) return number_text(value.get<double>());
  return {};
}

std::string list_text(const nlohmann::json& list) {
  std::string joined;
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) joined += ',';
    joined += scalar_text(list[i]);
  }
  return joined;
}

void add_labels(const nlohmann::json& parameters, const std::string& prefix, int depth,
                std::map<std::string, std::string>& out) {
  if (depth > parameter_depth_max) return;
  for (const auto& [name, value] : parameters.items()) {
    if (value.is_object()) {
      add_labels(value, prefix + sanitize_label_name(name) + '_', depth + 1, out);
      continue;
    }
    auto text = value.is_array() ? list_text(value) : scalar_text(value);
    if (!text.empty()) out[prefix + sanitize_label_name(name)] = text;
  }
}

}  // namespace

std::map<std::string, std::string> puppetdb_parameter_labels(const nlohmann::json& parameters) {
  std::map<std::string, std::string> found;
  if (parameters.is_object()) add_labels(parameters, "", 1, found);
  return found;
}

}  // namespace rollcall
