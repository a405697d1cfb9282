#pragma once

#include "lib/exposition/open_metrics_parser.hpp"
#include "lib/exposition/open_metrics_scan.hpp"
#include "lib/exposition/text_parser.hpp"
#include "tests/lib/exposition/reference_text.hpp"

/// What the parsers, their short ways and the reference make of one body. Differences come as a text that says which;
/// an empty one is agreement.
namespace rollcall::test {

struct compared {
  std::string difference;
  bool is_accepted = false;
  size_t samples = 0;
  size_t scanned = 0;    ///< Samples that the short way took.
  size_t exemplars = 0;  ///< Of those.
  size_t metadata = 0;   ///< Lines that the short way skipped.
  size_t start_times = 0;
};

template <class Parser>
reference_sample sample_of(const Parser& parser) {
  reference_sample sample;
  parser.append_labels(sample.labels);
  sample.value_bits = parser.value_bits();
  sample.timestamp = parser.timestamp();
  if constexpr (requires { parser.exemplar(); }) {
    if (parser.has_exemplar()) {
      auto exemplar = parser.exemplar();
      sample.exemplar = reference_exemplar{exemplar.labels, exemplar.value_bits, exemplar.timestamp};
    }
  }
  return sample;
}

inline const char* after_series(std::string_view series_text) { return series_text.data() + series_text.size(); }

/// The short way over the rest of a sample's line must read what the parser read, or leave it alone. There must be a
/// newline behind the sample.
inline std::string scan_difference(const exposition::text_parser& parser, std::string_view body, compared& counts) {
  const char* at = after_series(parser.series_text());
  exposition::scanned_sample sample;
  if (!exposition::scan_after_series(at, sample)) return "";
  ++counts.scanned;
  if (at != body.data() + parser.position()) return "the short way ends elsewhere";
  if (sample.value_bits != parser.value_bits()) return "the short way reads another value";
  auto timestamp = sample.has_timestamp ? std::optional(sample.timestamp) : std::nullopt;
  return timestamp == parser.timestamp() ? "" : "the short way reads another timestamp";
}

inline std::string scan_difference(const exposition::open_metrics_parser& parser, std::string_view body,
                                   compared& counts) {
  const char* at = after_series(parser.series_text());
  exposition::scanned_open_metrics_sample sample;
  if (!exposition::scan_after_open_metrics_series(at, sample)) return "";
  ++counts.scanned;
  if (at != body.data() + parser.position()) return "the short way ends elsewhere";
  if (sample.value_bits != parser.value_bits()) return "the short way reads another value";
  auto timestamp = sample.has_timestamp ? std::optional(sample.timestamp) : std::nullopt;
  if (timestamp != parser.timestamp()) return "the short way reads another timestamp";
  if (sample.exemplar.empty() == parser.has_exemplar()) return "the short way differs on whether there is an exemplar";
  if (!parser.has_exemplar()) return "";
  ++counts.exemplars;
  return exposition::parse_exemplar(sample.exemplar) == parser.exemplar() ? "" : "the exemplar reads otherwise alone";
}

/// Compares the parser with the reference and, behind each series, with the short way.
template <class Parser, class Reference>
compared compare_samples(std::string_view body) {
  compared found;
  std::vector<reference_sample> samples;
  Parser parser(body);
  size_t before = 0;
  auto entry = parser.next();
  for (; entry && *entry != exposition::entry::end; entry = parser.next()) {
    if (parser.position() <= before || parser.position() > body.size()) found.difference = "no progress";
    before = parser.position();
    if (*entry != exposition::entry::sample) continue;
    samples.push_back(sample_of(parser));
    bool ends_with_newline = body[parser.position() - 1] == '\n';
    std::string difference = ends_with_newline ? scan_difference(parser, body, found) : "";
    if (!difference.empty()) found.difference = difference;
  }
  found.samples = samples.size();
  found.is_accepted = entry.has_value();
  auto reference = read_reference<Reference>(body);
  if (reference.has_value() != found.is_accepted) {
    found.difference = found.is_accepted ? "only the parser accepts" : "only the reference accepts";
  } else if (found.is_accepted && *reference != samples) {
    found.difference = "the reference reads other samples";
  }
  return found;
}

/// Tries the short way over metadata wherever a '#' stands, as if a line began there, and compares with the parser.
template <class Parser>
void compare_metadata(std::string_view body, exposition::text_syntax syntax, compared& found) {
  size_t end = body.rfind('\n') + 1;
  for (size_t at = 0; at < end; ++at) {
    if (body[at] != '#') continue;
    exposition::metadata_scanner scanner(syntax);
    const char* p = body.data() + at;
    if (!scanner.skip(p, body.data() + end)) continue;
    ++found.metadata;
    Parser parser(body);
    parser.seek(at);
    auto entry = parser.next();
    bool is_metadata = entry && *entry != exposition::entry::sample && *entry != exposition::entry::comment;
    if (!is_metadata || body.data() + parser.position() != p || parser.type() != scanner.type()) {
      found.difference = "the short way over metadata differs at " + std::to_string(at);
    }
  }
}

/// A sample with what says which start time it has.
struct timed_sample {
  std::string raw_name;
  reference_labels labels;  // sorted, without the name
  exposition::metric_type type{};
  size_t family = 0;  // samples of one stretch without metadata have the same
  double value = 0;

  bool is_start_time() const {
    using exposition::metric_type;
    bool has_one = type == metric_type::counter || type == metric_type::histogram || type == metric_type::summary;
    return has_one && raw_name.ends_with("_created");
  }
  bool starts(const timed_sample& sample, const std::string& suffix) const {
    return is_start_time() && std::isfinite(value) && family == sample.family && labels == sample.labels &&
           raw_name == sample.raw_name.substr(0, sample.raw_name.size() - suffix.size()) + "_created" &&
           sample.raw_name.ends_with(suffix);
  }
  int64_t milliseconds() const {
    return std::abs(value) < 9e15 ? static_cast<int64_t>(value * 1000) : std::numeric_limits<int64_t>::min();
  }
};

inline std::vector<timed_sample> timed_samples(std::string_view body) {
  std::vector<timed_sample> samples;
  exposition::open_metrics_parser parser(body);
  size_t family = 0;
  for (auto entry = parser.next(); entry && *entry != exposition::entry::end; entry = parser.next()) {
    if (*entry != exposition::entry::sample) {
      ++family;
      continue;
    }
    timed_sample sample{
        std::string(parser.raw_name()), {}, parser.type(), family, std::bit_cast<double>(parser.value_bits())};
    reference_labels labels;
    parser.append_labels(labels);
    bool is_histogram = parser.type() == exposition::metric_type::histogram;
    bool is_summary = parser.type() == exposition::metric_type::summary;
    for (size_t i = 1; i < labels.size(); ++i) {
      bool is_aside = (is_histogram && labels[i].first == "le") || (is_summary && labels[i].first == "quantile");
      if (!is_aside) sample.labels.push_back(labels[i]);
    }
    std::stable_sort(sample.labels.begin(), sample.labels.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    samples.push_back(std::move(sample));
  }
  return samples;
}

/// Compares start timestamps with a look at each pair of lines. The body may have no escapes, for the parser compares
/// labels as they stand in it.
inline void compare_start_times(std::string_view body, compared& found) {
  auto samples = timed_samples(body);
  exposition::open_metrics_parser parser(body, exposition::start_times::apart);
  size_t i = 0;
  for (auto entry = parser.next(); entry && *entry != exposition::entry::end; entry = parser.next()) {
    if (*entry != exposition::entry::sample) continue;
    while (i < samples.size() && samples[i].is_start_time()) ++i;
    if (i == samples.size() || samples[i].raw_name != parser.raw_name()) {
      found.difference = "a sample is missing or too much where start times are apart";
      return;
    }
    std::optional<int64_t> expected;
    for (const char* suffix : {"", "_total", "_bucket", "_count", "_sum"}) {
      for (size_t k = samples.size() - 1; k > i && !expected; --k) {
        if (samples[k].starts(samples[i], suffix)) expected = samples[k].milliseconds();
      }
    }
    if (parser.start_timestamp() != expected) found.difference = "another start timestamp";
    if (expected) ++found.start_times;
    ++i;
  }
}

inline compared compare_text(std::string_view body) {
  auto found = compare_samples<exposition::text_parser, reference_prometheus_text>(body);
  compare_metadata<exposition::text_parser>(body, exposition::text_syntax::prometheus, found);
  return found;
}

inline compared compare_open_metrics(std::string_view body) {
  auto found = compare_samples<exposition::open_metrics_parser, reference_open_metrics>(body);
  compare_metadata<exposition::open_metrics_parser>(body, exposition::text_syntax::open_metrics, found);
  return found;
}

}  // namespace rollcall::test
