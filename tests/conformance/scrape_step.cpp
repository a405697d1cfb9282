#include "tests/conformance/scrape_step.hpp"

#include "lib/series/scrape_batch.hpp"
#include "tests/conformance/label_notation.hpp"
#include "tests/conformance/outcome.hpp"
#include "tests/conformance/product.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

namespace rollcall::conformance {

namespace {

constexpr int64_t first_scrape_at = 1'000'000;
constexpr int64_t scrape_interval = 15'000;
constexpr std::array<std::string_view, 6> count_names = {"scraped",    "after_relabel", "added",
                                                         "duplicates", "out_of_order",  "out_of_bounds"};

int64_t parse_integer(std::string_view text, const field& where) {
  std::string digits(text);
  char* end = nullptr;
  int64_t value = std::strtoll(digits.c_str(), &end, 10);
  if (digits.empty() || *end != '\0') refuse(where, "not a number: " + digits);
  return value;
}

std::string normalised_number(const std::string& text, const field& where) {
  if (text == "stale" || text == "NaN" || text == "+Inf" || text == "-Inf") return text;
  char* end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value == value)) refuse(where, "not a value: " + text);
  return number_text(series::to_bits(value));
}

std::string take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  auto end = text.starts_with('{') ? text.find('}') + 1 : std::min(text.find(' '), text.size());
  std::string word(text.substr(0, end));
  text.remove_prefix(end);
  return word;
}

// ` value @timestamp`, of a sample or an exemplar; the value may be a histogram.
std::string take_value(std::string_view& text, const field& where) {
  auto value = take_word(text);
  std::string out = ' ' + (value.starts_with('{') ? value : normalised_number(value, where));
  if (text.starts_with(" @")) {
    auto stamp = take_word(text);
    out += " @" + std::to_string(parse_integer(std::string_view(stamp).substr(1), where));
  }
  return out;
}

std::map<std::string, uint64_t> parse_counts(const field& counts) {
  std::map<std::string, uint64_t> out;
  std::istringstream rest(counts.value);
  std::string name;
  std::string number;
  while (rest >> name >> number) {
    if (number.ends_with(',')) number.pop_back();
    if (std::find(count_names.begin(), count_names.end(), name) == count_names.end())
      refuse(counts, "unknown count " + name);
    out[name] = static_cast<uint64_t>(parse_integer(number, counts));
  }
  if (out.empty()) refuse(counts, "no counts");
  return out;
}

scrape_step begin_step(const field& scrape, int64_t at) {
  scrape_step step;
  step.scrape = scrape;
  step.at = scrape.value.empty() ? at : parse_integer(scrape.value, scrape);
  if (scrape.key == "scrape escaped") {
    step.body.emplace();
    for (const auto& line : scrape.block) *step.body += unescape(line, scrape.line);
  } else if (scrape.key == "scrape") {
    step.body = scrape.text();
  } else if (!scrape.block.empty()) {
    refuse(scrape, "a failed scrape has no body");
  }
  return step;
}

http::exposition_format parse_type(const field& type) {
  auto format = http::choose_exposition_format(type.value, std::nullopt);
  if (!format) refuse(type, format.error().message);
  return *format;
}

bool begins_step(const field& candidate) {
  return candidate.key == "scrape" || candidate.key == "scrape escaped" || candidate.key == "failed scrape";
}

void add_expectation(scrape_step& step, const field& expectation) {
  if (expectation.key == "samples" && step.samples_field.key.empty()) {
    step.samples_field = expectation;
    for (const auto& line : expectation.block) {
      step.samples.push_back(normalised_sample(line, expectation));
      if (step.samples.back().ends_with(" stale")) ++step.stale;
    }
  } else if (is_error(expectation) && !step.error) {
    step.error = expectation;
  } else if (expectation.key == "counts" && step.counts.empty()) {
    step.counts_field = expectation;
    step.counts = parse_counts(expectation);
  } else {
    refuse(expectation, "unknown key, or twice for one scrape");
  }
}

}  // namespace

std::string normalised_sample(std::string_view text, const field& where) {
  auto series = take_labels(text, where);
  auto out = to_notation(labels::of(std::move(series))) + take_value(text, where);
  while (text.starts_with(" # ")) {
    text.remove_prefix(3);
    out += " # " + to_notation(labels::of(take_labels(text, where)));
    out += take_value(text, where);
  }
  if (!text.empty()) refuse(where, "nothing may follow the sample: " + std::string(text));
  return out;
}

std::vector<scrape_step> parse_steps(const std::vector<field>& fields, http::exposition_format usual) {
  std::vector<scrape_step> steps;
  auto format = usual;
  for (const auto& each : fields) {
    if (each.key == "type") {
      format = parse_type(each);
    } else if (begins_step(each)) {
      steps.push_back(begin_step(each, steps.empty() ? first_scrape_at : steps.back().at + scrape_interval));
      steps.back().format = format;
    } else if (steps.empty()) {
      refuse(each, "unknown key");
    } else {
      add_expectation(steps.back(), each);
    }
  }
  for (auto& step : steps) {
    if (step.samples_field.key.empty() && !step.error) refuse(step.scrape, "nothing is expected of this scrape");
    if (step.samples_field.key.empty()) step.samples_field = step.scrape;
    if (step.counts.empty()) step.counts_field = step.scrape;
  }
  return steps;
}

}  // namespace rollcall::conformance
