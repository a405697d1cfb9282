// What reading a body in protobuf costs per sample, as a scrape reads it that knows all series from before.
#include "lib/exposition/protobuf_parser.hpp"
#include "tests/support/metric_family_text.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <string>

namespace {

using rollcall::exposition::entry;
using rollcall::exposition::histogram_options;
using rollcall::exposition::protobuf_parser;

constexpr int families = 40;

std::string labels_text(int i) {
  std::string number = std::to_string(i);
  return "label { name: \"handler\" value: \"/api/v1/things/" + number +
         "\" } label { name: \"method\" value: \"GET\" } label { name: \"code\" value: \"200\" } ";
}

std::string family_text(int number, const std::string& type, int metrics, std::string (*payload)(int)) {
  std::string text = "family { name: \"http_server_" + type + "_" + std::to_string(number) +
                     "\" help: \"What the server counts in this family.\" type: " + type + " ";
  for (int i = 0; i < metrics; ++i) text += "metric { " + labels_text(i) + payload(i) + " } ";
  return text + "}\n";
}

std::string counter_text(int i) {
  return "counter { value: " + std::to_string(i * 7919) + " created_timestamp { seconds: 1700000000 nanos: 5 } }";
}

std::string gauge_text(int i) { return "gauge { value: " + std::to_string(i) + ".25 }"; }

std::string histogram_text(int i) {
  std::string text = "histogram { sample_count: " + std::to_string(1000 + i) + " sample_sum: 12.5 ";
  for (int bucket = 1; bucket <= 10; ++bucket) {
    text += "bucket { cumulative_count: " + std::to_string(bucket * 100) + " upper_bound: 0." + std::to_string(bucket) +
            " } ";
  }
  return text + "}";
}

std::string native_text(int i) {
  std::string text =
      "histogram { sample_count: 90 sample_sum: 12.5 schema: 3 zero_threshold: 1e-128 positive_span { offset: " +
      std::to_string(i) + " length: 30 } ";
  for (int bucket = 0; bucket < 30; ++bucket) text += bucket % 2 == 0 ? "positive_delta: 1 " : "positive_delta: 0 ";
  return text + "}";
}

void read_all(benchmark::State& state, const std::string& text, bool with_histograms) {
  std::string body = rollcall::test::encode_metric_families(text);
  std::array<unsigned char, 192> secret;
  for (size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<unsigned char>(i * 37 + 11);
  size_t samples = 0;
  for (auto _ : state) {
    protobuf_parser parser(body, histogram_options{}, secret);
    samples = 0;
    for (;;) {
      auto read = parser.next();
      if (!read || *read == entry::end) break;
      if (*read != entry::sample && *read != entry::histogram) continue;
      ++samples;
      benchmark::DoNotOptimize(parser.series_hash());
      benchmark::DoNotOptimize(parser.value_bits());
      benchmark::DoNotOptimize(parser.timestamp());
      if (with_histograms) benchmark::DoNotOptimize(parser.histogram());
    }
  }
  state.counters["samples"] = static_cast<double>(samples);
  state.counters["body_bytes_per_sample"] = static_cast<double>(body.size()) / static_cast<double>(samples);
  state.counters["per_sample"] =
      benchmark::Counter(static_cast<double>(static_cast<size_t>(state.iterations()) * samples),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

std::string repeated(const std::string& type, int metrics, std::string (*payload)(int)) {
  std::string text;
  for (int i = 0; i < families; ++i) text += family_text(i, type, metrics, payload);
  return text;
}

void counters(benchmark::State& state) { read_all(state, repeated("COUNTER", 10, counter_text), false); }
BENCHMARK(counters);
void gauges(benchmark::State& state) { read_all(state, repeated("GAUGE", 10, gauge_text), false); }
BENCHMARK(gauges);
void single_gauges(benchmark::State& state) { read_all(state, repeated("GAUGE", 1, gauge_text), false); }
BENCHMARK(single_gauges);
void classic_histograms(benchmark::State& state) { read_all(state, repeated("HISTOGRAM", 10, histogram_text), false); }
BENCHMARK(classic_histograms);
void native_histograms(benchmark::State& state) { read_all(state, repeated("HISTOGRAM", 10, native_text), true); }
BENCHMARK(native_histograms);
void mixed(benchmark::State& state) {
  read_all(state,
           repeated("COUNTER", 4, counter_text) + repeated("GAUGE", 4, gauge_text) +
               repeated("HISTOGRAM", 1, histogram_text),
           false);
}
BENCHMARK(mixed);

}  // namespace
