// What reading a scrape costs in the steady state, in each format and beside the floor: finding the lines of the same
// text and converting their values. All of it is in nanoseconds of one thread's CPU for each sample.
#include "bench/cpu_seconds.hpp"
#include "bench/parse/bodies.hpp"
#include "lib/series/scrape_cache.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

namespace {

using namespace rollcall;

constexpr std::size_t samples_wanted = 1000;
constexpr unsigned bodies_count = 8;
constexpr int repeats = 9;
constexpr double seconds_per_repeat = 0.15;

/// The floor: every line's end is found, and what stands behind its last blank is converted.
double scan_values(std::string_view body) {
  double sum = 0;
  const char* at = body.data();
  const char* const end = at + body.size();
  while (at < end) {
    auto* newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (newline == nullptr) break;
    if (*at != '#') {
      const char* value = newline;
      while (value[-1] != ' ') --value;
      double number = 0;
      std::from_chars(value, newline, number);
      sum += number;
    }
    at = newline + 1;
  }
  return sum;
}

/// The median of several measurements of `work`, which is told which body is next; in nanoseconds per sample.
double nanoseconds_per_sample(std::size_t samples, const std::function<void(unsigned)>& work) {
  std::vector<double> found;
  unsigned round = 0;
  for (int i = 0; i < repeats; ++i) {
    std::size_t bodies = 0;
    double begun = bench::cpu_seconds();
    double spent = 0;
    do {
      for (int j = 0; j < 64; ++j) work(round++ % bodies_count);
      bodies += 64;
      spent = bench::cpu_seconds() - begun;
    } while (spent < seconds_per_repeat);
    found.push_back(spent * 1e9 / static_cast<double>(bodies * samples));
  }
  std::sort(found.begin(), found.end());
  return found[found.size() / 2];
}

double ingest_cost(const std::vector<bench::bodies>& all, std::string bench::bodies::* body,
                   exposition::format format) {
  auto target =
      std::make_shared<const series::target_labels>(labels::of({{"instance", "10.0.0.1:9100"}, {"job", "service"}}));
  series::scrape_cache cache(std::make_shared<const series::ingest_options>(), std::move(target));
  int64_t now = 0;
  auto work = [&](unsigned round) {
    auto outcome = cache.ingest(all[round].*body, format, now += 15'000);
    if (outcome.failure) {
      std::fprintf(stderr, "bench_parse: %s\n", outcome.failure->message.c_str());
      std::exit(1);
    }
  };
  for (unsigned round = 0; round < bodies_count; ++round) work(round);
  return nanoseconds_per_sample(all[0].samples, work);
}

void print_row(const char* name, std::size_t bytes, std::size_t samples, double cost, double floor) {
  std::printf("| %-34s | %12.1f | %9.1f | %7.2f | %8.2f |\n", name,
              static_cast<double>(bytes) / static_cast<double>(samples), cost,
              static_cast<double>(bytes) / static_cast<double>(samples) / cost, cost / floor);
}

}  // namespace

int main() {
  std::vector<bench::bodies> all;
  for (unsigned round = 0; round < bodies_count; ++round) all.push_back(bench::make_bodies(samples_wanted, round));
  const auto& first = all.front();
  volatile double sink = 0;
  double floor =
      nanoseconds_per_sample(first.samples, [&](unsigned round) { sink = sink + scan_values(all[round].text); });
  double text = ingest_cost(all, &bench::bodies::text, exposition::format::text);
  double open_metrics = ingest_cost(all, &bench::bodies::open_metrics, exposition::format::open_metrics);
  double protobuf = ingest_cost(all, &bench::bodies::protobuf, exposition::format::protobuf);
  std::printf("%zu samples of one target, whose series are known and whose values change\n\n", first.samples);
  std::printf("| %-34s | %12s | %9s | %7s | %8s |\n", "", "bytes/sample", "ns/sample", "GB/s", "x floor");
  std::printf("|------------------------------------|--------------|-----------|---------|----------|\n");
  print_row("floor: newlines and from_chars", first.text.size(), first.samples, floor, floor);
  print_row("text, body to batch", first.text.size(), first.samples, text, floor);
  print_row("OpenMetrics, body to batch", first.open_metrics.size(), first.samples, open_metrics, floor);
  print_row("protobuf, body to batch", first.protobuf.size(), first.samples, protobuf, floor);
}
