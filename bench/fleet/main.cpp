// N scrape targets in one process, each on an address of its own, in 127.0.0.0/8 unless told otherwise, and a ledger of
// who scraped them when.
#include "bench/fleet/body_ring.hpp"
#include "bench/fleet/scrape_ledger.hpp"
#include "bench/fleet/target_address.hpp"
#include "bench/http/process.hpp"
#include "bench/http/server.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <fstream>
#include <iostream>

namespace rollcall::bench {

namespace {

struct fleet_options {
  size_t targets = 100;
  exposition_options exposition;
  double churn_percent_per_minute = 0;
  double interval_seconds = 15;
  uint8_t network = loopback_network;
  uint16_t port = 0;
  uint16_t control_port = 0;
  unsigned threads = 1;
  size_t memory_megabytes = 256;
  std::string file_sd_path;
};

class fleet {
 public:
  explicit fleet(const fleet_options& options)
      : options_(options),
        ring_(options.exposition, options.memory_megabytes << 20),
        ledger_(options.targets, interval(options), std::chrono::steady_clock::now()) {}

  static std::chrono::nanoseconds interval(const fleet_options& options) {
    return std::chrono::nanoseconds(static_cast<int64_t>(options.interval_seconds * 1e9));
  }

  http_response serve(const http_request& request, uint32_t local_address) {
    if (request.method != "GET") return {405, {}, nullptr};
    auto target = target_at(local_address, options_.network);
    if (!target || *target >= options_.targets || request.path != "/metrics") return {404, {}, nullptr};
    auto earlier = ledger_.record(*target, std::chrono::steady_clock::now());
    if (!earlier) return {503, {}, nullptr};
    // Targets stand at different places of the window, so that they differ from each other at any time.
    auto body = ring_.at(*earlier + mixed(*target) % (ring_.capacity() / 2));
    if (is_shortened_) {
      ++plain_scrapes_;
      return {200, std::string(content_type), without_last_line(*body.plain)};
    }
    std::string headers(content_type);
    if (!request.accepts_gzip) {
      ++plain_scrapes_;
      return {200, std::move(headers), std::move(body.plain)};
    }
    return {200, headers + "Content-Encoding: gzip\r\n", std::move(body.gzip)};
  }

  http_response control(const http_request& request) {
    if (request.method == "GET" && request.path == "/stats") return json_response(stats());
    if (request.method == "GET" && request.path == "/targets") return json_response(by_target());
    if (request.method == "POST" && request.path == "/reset") {
      ledger_.reset(std::chrono::steady_clock::now());
      return {204, {}, nullptr};
    }
    if (request.method == "POST" && request.path == "/pause") {
      ledger_.pause();
      return json_response(stats());
    }
    if (request.method == "POST" && request.path == "/shorten") {
      is_shortened_ = true;
      return {204, {}, nullptr};
    }
    return {404, {}, nullptr};
  }

  void prepare() { ring_.prepare(2); }

  std::string stats() const {
    auto totals = ledger_.totals(std::chrono::steady_clock::now());
    nlohmann::json window = {{"seconds", std::chrono::duration<double>(totals.length).count()},
                             {"scrapes", totals.sum.scrapes},
                             {"missed", totals.sum.missed},
                             {"doubled", totals.sum.doubled},
                             {"targets_unscraped", totals.targets_unscraped},
                             {"gap_seconds_max", std::chrono::duration<double>(totals.sum.gap_max).count()}};
    nlohmann::json total = {{"scrapes", totals.scrapes_total},
                            {"plain_scrapes", plain_scrapes_.load()},
                            {"targets_unscraped", totals.targets_unscraped_total}};
    nlohmann::json all = {{"targets", options_.targets},
                          {"series_per_target", options_.exposition.series},
                          {"window", std::move(window)},
                          {"total", std::move(total)}};
    return all.dump() + '\n';
  }

 private:
  static constexpr std::string_view content_type = "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n";

  static std::shared_ptr<const std::string> without_last_line(const std::string& body) {
    return std::make_shared<const std::string>(body, 0, body.rfind('\n', body.size() - 2) + 1);
  }

  std::string by_target() const {
    nlohmann::json all = nlohmann::json::object();
    auto targets = ledger_.by_target(std::chrono::steady_clock::now());
    for (size_t i = 0; i < targets.size(); ++i) {
      all[address_text(target_address(i, options_.network))] = {
          {"scrapes", targets[i].scrapes},
          {"missed", targets[i].missed},
          {"doubled", targets[i].doubled},
          {"gap_seconds_max", std::chrono::duration<double>(targets[i].gap_max).count()}};
    }
    return all.dump() + '\n';
  }

  const fleet_options options_;
  body_ring ring_;
  scrape_ledger ledger_;
  std::atomic<uint64_t> plain_scrapes_ = 0;
  std::atomic<bool> is_shortened_ = false;  // each target has one series less
};

void declare(CLI::App& app, fleet_options& options) {
  app.add_option("--targets", options.targets, "Number of targets")->check(CLI::Range(size_t{1}, targets_max));
  app.add_option("--series", options.exposition.series, "Series per target")
      ->check(CLI::Range(size_t{1}, size_t{1'000'000}));
  app.add_option("--interval", options.interval_seconds, "Seconds between two scrapes of a target")
      ->check(CLI::Range(0.01, 3600.0));
  app.add_option("--churn-percent-per-minute", options.churn_percent_per_minute, "Share of the series that is renamed")
      ->check(CLI::Range(0.0, 10000.0));
  app.add_option("--seed", options.exposition.seed, "Seed of names and values");
  app.add_option("--network", options.network, "First byte of the targets' addresses, which have to be this host's");
  app.add_option("--port", options.port, "Port of the targets; 0 lets the system choose");
  app.add_option("--control-port", options.control_port,
                 "Port on 127.0.0.1 for /stats, /targets, /reset, /pause and /shorten");
  app.add_option("--threads", options.threads, "Threads that serve scrapes")->check(CLI::Range(1u, 64u));
  app.add_option("--memory-megabytes", options.memory_megabytes, "Bound of the rendered bodies")
      ->check(CLI::Range(size_t{1}, size_t{65536}));
  app.add_option("--write-file-sd", options.file_sd_path, "Where to write the targets as a file_sd JSON");
}

int run(fleet_options options) {
  options.exposition.churn_percent = options.churn_percent_per_minute * options.interval_seconds / 60;
  auto descriptors = raise_descriptor_limit();
  if (descriptors < options.targets + 100) {
    std::cerr << "bench_fleet: only " << descriptors << " file descriptors for " << options.targets << " targets\n";
    return 1;
  }
  stop_signals signals;
  fleet served(options);
  http_server_options scrapes{
      .address = 0, .network = options.network, .port = options.port, .threads = options.threads};
  auto targets = http_server::start(
      scrapes, [&](const http_request& request, uint32_t address) { return served.serve(request, address); });
  http_server_options control{.port = options.control_port, .body_bytes_max = 1024};
  auto controlled =
      http_server::start(control, [&](const http_request& request, uint32_t) { return served.control(request); });
  if (!targets || !controlled) {
    std::cerr << "bench_fleet: " << (targets ? controlled.error() : targets.error()).message << '\n';
    return 1;
  }
  if (!options.file_sd_path.empty()) {
    std::ofstream file(options.file_sd_path);
    file << file_sd_document(options.targets, (*targets)->port(), options.network);
    if (!file.flush()) {
      std::cerr << "bench_fleet: cannot write " << options.file_sd_path << '\n';
      return 1;
    }
  }
  nlohmann::json ports = {{"port", (*targets)->port()}, {"control_port", (*controlled)->port()}};
  std::cout << ports.dump() << std::endl;
  while (!signals.wait_for(std::chrono::milliseconds(50))) served.prepare();
  std::cout << served.stats() << std::flush;
  return 0;
}

}  // namespace

}  // namespace rollcall::bench

int main(int argc, char** argv) {
  CLI::App app("Scrape targets for load measurements");
  rollcall::bench::fleet_options options;
  rollcall::bench::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  return rollcall::bench::run(options);
}
