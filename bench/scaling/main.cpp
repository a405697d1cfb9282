// What a coordinator has to do for a number of targets on a number of workers: see docs/scaling.md.
#include "bench/placement/subject.hpp"
#include "bench/scaling/simulation.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace {

using namespace rollcall::bench;

constexpr double patience = 3600;

void print_head() {
  std::printf("| %-34s | %9s | %9s | %10s | %10s | %9s | %9s | %10s |\n", "", "virtual s", "CPU s", "frames out",
              "frames in", "MB out", "MB in", "loops");
  std::printf(
      "|------------------------------------|-----------|-----------|------------|------------|-----------|-----------|"
      "------------|\n");
}

void print(const char* name, const effort& done) {
  std::printf("| %-34s | %9.1f | %9.2f | %10llu | %10llu | %9.1f | %9.1f | %10llu |\n", name, done.virtual_seconds,
              done.cpu_seconds, static_cast<unsigned long long>(done.frames_out),
              static_cast<unsigned long long>(done.frames_in), static_cast<double>(done.bytes_out) / 1e6,
              static_cast<double>(done.bytes_in) / 1e6, static_cast<unsigned long long>(done.loops_started));
  std::fflush(stdout);
}

void run(const simulation_options& options) {
  simulation cluster(options);
  auto at_rest = [&] { return cluster.is_at_rest(); };
  double before = allocated_bytes();
  cluster.start_coordinator();
  cluster.want_all();
  std::printf("%zu targets on %u workers, %zu bytes of plan and %zu of state each; %zu handovers at a time\n",
              options.targets, options.workers, options.plan_bytes, options.state_bytes, options.handovers_max);
  std::printf("coordinator: %.0f bytes for each target it knows of, plan included\n\n",
              (allocated_bytes() - before) / static_cast<double>(options.targets));
  cluster.add_workers(options.workers);
  print_head();
  print("start: everything is placed and runs", cluster.run_until(at_rest, patience));
  print("60 s without news", cluster.run_until([] { return false; }, 60));

  cluster.observe_all();
  auto observed = cluster.observations() + options.targets;
  print("every target was scraped once",
        cluster.run_until([&] { return cluster.observations() >= observed; }, patience));

  size_t joiner = cluster.workers();
  size_t share = options.targets / (options.workers + 1) * 9 / 10;
  cluster.add_workers(1);
  print("a worker joins and has its share",
        cluster.run_until([&] { return cluster.loops_of(joiner) >= share && at_rest(); }, patience));
  cluster.drain_worker(1);
  print("a worker is drained", cluster.run_until([&] { return cluster.loops_of(1) == 0 && at_rest(); }, patience));
  cluster.kill_worker(0);
  print("a worker dies, and all runs again", cluster.run_until(at_rest, patience));

  cluster.start_coordinator();
  cluster.want_all();
  print("another coordinator knows it all", cluster.run_until(at_rest, 10));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What a coordinator has to do");
  simulation_options options;
  app.add_option("--targets", options.targets, "Number of targets")->check(CLI::Range(1u, 100'000'000u));
  app.add_option("--workers", options.workers, "Number of workers")->check(CLI::Range(3u, 100'000u));
  app.add_option("--plan-bytes", options.plan_bytes, "What a loop needs, its labels above all");
  app.add_option("--state-bytes", options.state_bytes, "What a loop hands over");
  app.add_option("--status-bytes", options.status_bytes, "What a worker says of a scrape");
  app.add_option("--handovers-max", options.handovers_max, "How many targets change hands at a time");
  app.add_option("--seed", options.seed, "Seed of the targets");
  CLI11_PARSE(app, argc, argv);
  run(options);
}
