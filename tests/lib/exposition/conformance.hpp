#pragma once

#include "lib/exposition/number.hpp"
#include "lib/exposition/open_metrics_parser.hpp"
#include "lib/exposition/text_parser.hpp"
#include "lib/labels/names.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

/// The conformance cases of the text formats: a body and, below a line of dashes, what a parser is to make of it.
namespace rollcall::test {

struct conformance_case {
  std::string name;
  std::string body;
  std::string expected;
};

// Turns <hh> into bytes and lets <> take the newline at the end away.
inline std::string decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool is_byte = text[i] == '<' && i + 3 < text.size() && text[i + 3] == '>' &&
                   std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
                   std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0;
    if (is_byte) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 3;
    } else if (text.substr(i) == "<>\n") {
      break;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// The cases of tests/conformance/<folder>/, by name.
inline std::vector<conformance_case> conformance_cases(const std::string& folder) {
  std::vector<conformance_case> cases;
  for (const auto& file : std::filesystem::directory_iterator(TEST_SOURCE_DIR "/conformance/" + folder)) {
    if (file.path().extension() != ".case") continue;
    std::ifstream in(file.path(), std::ios::binary);
    std::ostringstream read;
    read << in.rdbuf();
    std::string text = read.str();
    auto border = text.find("----\n");
    REQUIRE(border != std::string::npos);
    cases.push_back({folder + "/" + file.path().stem().string(), decode(std::string_view(text).substr(0, border)),
                     decode(std::string_view(text).substr(border + 5))});
  }
  std::sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return cases;
}

enum class quotes : bool { kept, escaped };

inline std::string escaped(std::string_view text, quotes rule) {
  std::string out;
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (c == '"' && rule == quotes::escaped)) {
      (out += '\\') += c;
    } else {
      out += c;
    }
  }
  return out;
}

inline std::string describe_metric_name(std::string_view name) {
  bool is_plain = is_valid_metric_name(name, name_validation::legacy);
  return is_plain ? std::string(name) : '"' + escaped(name, quotes::escaped) + '"';
}

inline std::string describe_label(const std::pair<std::string, std::string>& label) {
  const auto& [name, value] = label;
  bool is_plain = is_valid_label_name(name, name_validation::legacy);
  return (is_plain ? name : '"' + escaped(name, quotes::escaped) + '"') + "=\"" + escaped(value, quotes::escaped) + '"';
}

inline std::string describe_value(uint64_t bits, std::optional<int64_t> timestamp) {
  auto value = std::bit_cast<double>(bits);
  if (value != value) CHECK(bits == 0x7ff8000000000001u);
  std::string out = " ";
  exposition::append_number(out, value);
  if (timestamp) out += " @" + std::to_string(*timestamp);
  return out;
}

template <class Parser>
std::string describe_sample(const Parser& parser) {
  std::vector<std::pair<std::string, std::string>> labels;
  parser.append_labels(labels);
  CHECK(labels.at(0).first == "__name__");
  std::string out = "sample " + describe_metric_name(labels.at(0).second);
  for (size_t i = 1; i < labels.size(); ++i) out += (i == 1 ? "{" : ",") + describe_label(labels[i]);
  if (labels.size() > 1) out += '}';
  out += describe_value(parser.value_bits(), parser.timestamp());
  if constexpr (requires { parser.exemplar(); }) {
    if (parser.has_exemplar()) {
      auto exemplar = parser.exemplar();
      out += " # {";
      for (size_t i = 0; i < exemplar.labels.size(); ++i)
        out += (i > 0 ? "," : "") + describe_label(exemplar.labels[i]);
      out += "}" + describe_value(exemplar.value_bits, exemplar.timestamp);
    }
  }
  return out + '\n';
}

template <class Parser>
std::string describe_unit(const Parser& parser) {
  if constexpr (requires { parser.unit(); }) {
    return "unit " + describe_metric_name(parser.family()) + ' ' + std::string(parser.unit()) + '\n';
  } else {
    FAIL("the text format has no units");
    return "";
  }
}

/// A line per entry, the last one for the error, if there is one. `type_name` spells a type.
template <class Parser, class TypeName>
std::string describe(std::string_view body, TypeName type_name) {
  Parser parser(body);
  std::string out;
  for (;;) {
    auto entry = parser.next();
    if (!entry) {
      CHECK(entry.error().code == errc::syntax);
      return out + "error " + entry.error().message + '\n';
    }
    switch (*entry) {
      case exposition::entry::end:
        return out;
      case exposition::entry::sample:
        out += describe_sample(parser);
        break;
      case exposition::entry::comment:
        out += "comment\n";
        break;
      case exposition::entry::help:
        out += "help " + describe_metric_name(parser.family()) + ' ' + escaped(parser.help(), quotes::kept) + '\n';
        break;
      case exposition::entry::type:
        out += "type " + describe_metric_name(parser.family()) + ' ' + std::string(type_name(parser.type())) + '\n';
        break;
      case exposition::entry::unit:
        out += describe_unit(parser);
        break;
      case exposition::entry::histogram:
        FAIL("no text format has native histograms");
    }
  }
}

}  // namespace rollcall::test
