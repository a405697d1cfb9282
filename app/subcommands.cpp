#include "app/subcommands.hpp"

#include "app/flag_reading.hpp"

namespace rollcall {

namespace {

// `rollcall check ...`: what can be said without running the daemon.
void add_check_commands(CLI::App& app, command_line& line) {
  auto* check = app.add_subcommand("check", "Check something without running it")->require_subcommand(1);
  auto* files = check->add_subcommand("config", "Check configuration files");
  files->add_option("files", line.files, "The files")->required();
  files->callback([&line] { line.what = command_line::work::check_config; });

  auto* discovery =
      check->add_subcommand("service-discovery", "Show what a job's discovery finds, and what relabeling makes of it");
  discovery->fallthrough();
  check->fallthrough();
  discovery->add_option("config", line.discovery.file, "The configuration file")->required();
  discovery->add_option("job", line.discovery.job, "The name of the job")->required();
  discovery
      ->add_option("--timeout",
                   reading(line.discovery.timeout, [](const std::string& text) { return parse_duration(text); }),
                   "How long to wait for what is to be found (30s)")
      ->type_name("DURATION");
  discovery->add_option("--format", reading(line.discovery.format, parse_report_format), "text or json (text)");
  discovery->callback([&line] { line.what = command_line::work::check_discovery; });
}

// `rollcall queue ...`: what is on disk, while no daemon uses it.
void add_queue_commands(CLI::App& app, command_line& line) {
  auto* queues =
      app.add_subcommand("queue", "Handle what is queued on disk while no daemon runs")->require_subcommand(1);
  queues->fallthrough();
  using work = queue_order::work;
  auto add = [&](const char* name, const char* help, work what) {
    auto* command = queues->add_subcommand(name, help)->fallthrough();
    command->callback([&line, what] {
      line.what = command_line::work::handle_queues;
      line.queues.what = what;
    });
    if (what == work::list) return;
    command->add_option("endpoint", line.queues.endpoint, "The endpoint's name")->required();
    command->add_option("sequence", line.queues.sequence, "The block's number, as the list has it")->required();
  };
  add("list", "List queues, and what is set aside in them", work::list);
  add("release", "Have a block that was set aside sent again", work::release);
  add("discard", "Forget a block that was set aside", work::discard);
}

// `rollcall cluster ...`: asks a running coordinator by its API.
void add_cluster_commands(CLI::App& app, command_line& line) {
  auto* cluster = app.add_subcommand("cluster", "Ask a running coordinator")->require_subcommand(1);
  cluster->fallthrough();
  cluster->add_option("--url", line.cluster.url, "Where the coordinator's API is")->capture_default_str();
  auto* status = cluster->add_subcommand("status", "Nodes, their load, and the latest moves")->fallthrough();
  status->callback([&line] { line.what = command_line::work::ask_cluster; });
  auto* drain = cluster->add_subcommand("drain", "Have everything moved away from a worker")->fallthrough();
  drain->add_option("node", line.cluster.node, "The worker's name")->required();
  drain->callback([&line] {
    line.what = command_line::work::ask_cluster;
    line.cluster.what = cluster_order::work::drain;
  });
}

}  // namespace

void add_subcommands(CLI::App& app, command_line& line) {
  add_check_commands(app, line);
  add_queue_commands(app, line);
  add_cluster_commands(app, line);
}

}  // namespace rollcall
