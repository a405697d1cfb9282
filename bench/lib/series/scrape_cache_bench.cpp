// What a scrape costs from the inflated body to the finished batch, and what the memory of a series is.
#include "lib/exposition/text_parser.hpp"
#include "lib/series/scrape_cache.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <array>
#include <string>
#include <vector>

namespace {

using rollcall::series::ingest_options;
using rollcall::series::scrape_cache;
using rollcall::series::target_labels;

/// What a node exporter gives: families with help and type, most of a few series, some of many.
std::string node_like_body(size_t series, unsigned round, const std::string& salt) {
  constexpr std::array<const char*, 6> words = {"memory", "network", "filesystem", "cpu", "disk", "schedstat"};
  std::string body;
  size_t made = 0;
  for (unsigned family = 0; made < series; ++family) {
    std::string name = std::string("node_") + words[family % words.size()] + "_metric_" + std::to_string(family);
    name += family % 2 == 0 ? "_bytes_total" : "_seconds";
    body += "# HELP " + name + " What the node says of its " + words[family % words.size()] + " in family " +
            std::to_string(family) + ".\n# TYPE " + name + (family % 2 == 0 ? " counter\n" : " gauge\n");
    size_t count = family % 5 == 4 ? 12 : 1 + family % 3;
    for (size_t i = 0; i < count && made < series; ++i, ++made) {
      body += name;
      if (count > 1) {
        body += "{device=\"/dev/mapper/volume" + salt + std::to_string(i) + "\",mode=\"" + words[i % words.size()] +
                "\",mountpoint=\"/var/lib/data/" + std::to_string(i) + "\"}";
      } else if (!salt.empty()) {
        body += "{id=\"" + salt + "\"}";
      }
      body += ' ';
      switch (made % 4) {
        case 0:
          body += std::to_string(made * 7919 + round);
          break;
        case 1:
          body += std::to_string(made) + "." + std::to_string(round % 1000);
          break;
        case 2:
          body += "1.2345678901e+" + std::string(made % 3 == 0 ? "09" : "10");
          break;
        default:
          body += std::to_string(round % 2);
          break;
      }
      body += '\n';
    }
  }
  return body;
}

rollcall::series::target_labels_ptr target(size_t number) {
  return std::make_shared<const target_labels>(rollcall::labels::of(
      {{"job", "node"}, {"instance", "10.0." + std::to_string(number / 256) + "." + std::to_string(number % 256)}}));
}

constexpr size_t series_count = 1000;

void count_samples(benchmark::State& state) {
  state.counters["per_sample"] = benchmark::Counter(static_cast<double>(state.iterations() * series_count),
                                                    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void steady_state(benchmark::State& state) {
  auto options = std::make_shared<const ingest_options>();
  std::vector<std::string> bodies;
  for (unsigned round = 0; round < 8; ++round) bodies.push_back(node_like_body(series_count, round, ""));
  scrape_cache cache(options, target(1));
  int64_t now = 0;
  for (auto _ : state) {
    auto result =
        cache.ingest(bodies[static_cast<size_t>(now) % bodies.size()], rollcall::exposition::format::text, now);
    benchmark::DoNotOptimize(result.parts);
    ++now;
  }
  state.counters["body_bytes_per_sample"] = static_cast<double>(bodies[0].size()) / series_count;
  count_samples(state);
}
BENCHMARK(steady_state);

void one_series_renamed(benchmark::State& state) {
  auto options = std::make_shared<const ingest_options>();
  std::vector<std::string> bodies;
  for (unsigned round = 0; round < 8; ++round) {
    std::string body = node_like_body(series_count, round, "");
    auto middle = body.find("volume", body.size() / 2);
    bodies.push_back(body.replace(middle, 6, "Volum" + std::to_string(round)));
  }
  scrape_cache cache(options, target(1));
  int64_t now = 0;
  for (auto _ : state) {
    auto result =
        cache.ingest(bodies[static_cast<size_t>(now) % bodies.size()], rollcall::exposition::format::text, now);
    benchmark::DoNotOptimize(result.parts);
    ++now;
  }
  count_samples(state);
}
BENCHMARK(one_series_renamed);

void first_scrape(benchmark::State& state) {
  auto options = std::make_shared<const ingest_options>();
  std::string body = node_like_body(series_count, 1, "");
  auto labels = target(1);
  for (auto _ : state) {
    scrape_cache cache(options, labels);
    auto result = cache.ingest(body, rollcall::exposition::format::text, 1);
    benchmark::DoNotOptimize(result.parts);
  }
  count_samples(state);
}
BENCHMARK(first_scrape);

void full_parse(benchmark::State& state) {
  std::string body = node_like_body(series_count, 1, "");
  for (auto _ : state) {
    rollcall::exposition::text_parser parser(body);
    for (auto entry = parser.next(); entry && *entry != rollcall::exposition::text_parser::entry::end;
         entry = parser.next()) {
      benchmark::DoNotOptimize(parser.value_bits());
    }
  }
  count_samples(state);
}
BENCHMARK(full_parse);

/// Heap bytes that a target's cache holds per series, for targets that expose the same series or all different ones.
void memory(benchmark::State& state, const std::string& kind) {
  constexpr size_t targets = 200;
  auto options = std::make_shared<const ingest_options>();
  double bytes = 0;
  double blocks = 0;
  for (auto _ : state) {
    std::vector<scrape_cache> caches;
    caches.reserve(targets);
    malloc_trim(0);
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (size_t i = 0; i < targets; ++i) {
      caches.emplace_back(options, target(i));
      std::string body = node_like_body(series_count, 1, kind == "unshared" ? "s" + std::to_string(i) + "-" : "");
      caches.back().ingest(body, rollcall::exposition::format::text, 1);
    }
    bytes = static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd - before);
    blocks = static_cast<double>(rollcall::series::get_block_store_status().blocks);
  }
  state.counters["bytes_per_series"] = bytes / (targets * series_count);
  state.counters["blocks"] = blocks;
}
BENCHMARK_CAPTURE(memory, shared, std::string("shared"))->Iterations(1);
BENCHMARK_CAPTURE(memory, unshared, std::string("unshared"))->Iterations(1);

}  // namespace
