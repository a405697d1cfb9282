#pragma once

#include "lib/exposition/histogram_text.hpp"
#include "lib/exposition/number.hpp"
#include "lib/exposition/text_parser.hpp"
#include "lib/labels/quote.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Golden cases of the parsers that know histograms: what they give for a body, as text.
namespace rollcall::test {

/// A file with a first line `# with: OPTION...`, a body, a line of four dashes and what is expected.
struct exposition_case {
  std::string name;
  std::string body;
  std::string expected;

  /// Whether the first line names the option.
  bool has(std::string_view option) const {
    std::string_view first = std::string_view(body).substr(0, body.find('\n'));
    return first.starts_with("# with:") && first.find(option) != std::string_view::npos;
  }
};

inline std::vector<exposition_case> exposition_cases(const std::filesystem::path& directory) {
  std::vector<exposition_case> cases;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() != ".case") continue;
    std::ifstream in(file.path(), std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    std::string text = all.str();
    auto border = text.find("----\n");
    if (border == std::string::npos) throw std::runtime_error(file.path().string() + " has no border");
    cases.push_back({file.path().stem(), text.substr(0, border), text.substr(border + 5)});
  }
  std::sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return cases;
}

inline constexpr std::array<unsigned char, 192> test_secret = [] {
  std::array<unsigned char, 192> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i * 151 + 89);
  return bytes;
}();

using label_pairs = std::vector<std::pair<std::string, std::string>>;

inline std::string label_text(const label_pairs& labels) {
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    if (out.size() > 1) out += ',';
    out += name + '=' + rollcall::quoted(value);
  }
  return out + '}';
}

/// A series with its timestamps: `name{a="b"} 1 @2 since 3`.
template <class Parser>
std::string described_series(Parser& parser, const std::string& value) {
  label_pairs labels;
  parser.append_labels(labels);
  std::string out = labels.at(0).second;
  labels.erase(labels.begin());
  if (!labels.empty()) out += label_text(labels);
  out += ' ' + value;
  if (auto timestamp = parser.timestamp()) out += " @" + std::to_string(*timestamp);
  if (auto start = parser.start_timestamp()) out += " since " + std::to_string(*start);
  out += '\n';
  std::vector<exposition::exemplar> exemplars;
  parser.append_exemplars(exemplars);
  for (const auto& one : exemplars) {
    out += "  exemplar " + label_text(one.labels) + ' ';
    exposition::append_number(out, std::bit_cast<double>(one.value_bits));
    if (one.timestamp) out += " @" + std::to_string(*one.timestamp);
    out += '\n';
  }
  return out;
}

inline std::string_view type_name(exposition::metric_type type) {
  return type == exposition::metric_type::gauge_histogram ? "gaugehistogram" : exposition::to_string(type);
}

/// The entry that the parser has read, on a line of its own.
template <class Parser>
std::string described_entry(Parser& parser, exposition::entry entry) {
  std::string family(parser.family());
  switch (entry) {
    case exposition::entry::help:
      return "help " + family + ' ' + std::string(parser.help()) + '\n';
    case exposition::entry::unit:
      return "unit " + family + ' ' + std::string(parser.unit()) + '\n';
    case exposition::entry::type:
      return "type " + family + ' ' + std::string(type_name(parser.type())) + '\n';
    case exposition::entry::sample: {
      std::string value;
      exposition::append_number(value, std::bit_cast<double>(parser.value_bits()));
      return "sample " + described_series(parser, value);
    }
    case exposition::entry::histogram: {
      auto histogram = parser.histogram();
      std::string kind = histogram->is_float ? "float " : "";
      if (histogram->hint == histograms::reset_hint::gauge) kind += "gauge ";
      return "histogram " + described_series(parser, kind + to_string(*histogram));
    }
    case exposition::entry::comment:
      return "comment\n";
    case exposition::entry::end:
      break;
  }
  return "end\n";
}

/// All entries of a body, and the error that ends them if there is one.
template <class Parser>
std::string described_body(Parser& parser) {
  std::string out;
  for (;;) {
    auto entry = parser.next();
    if (!entry) return out + "error " + entry.error().message + '\n';
    if (*entry == exposition::entry::end) return out;
    if (*entry == exposition::entry::sample || *entry == exposition::entry::histogram) {
      if (auto checked = parser.check_labels(); !checked) return out + "error " + checked.error().message + '\n';
    }
    out += described_entry(parser, *entry);
  }
}

}  // namespace rollcall::test
