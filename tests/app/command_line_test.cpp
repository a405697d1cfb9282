#include "app/command_line.hpp"

#include "app/daemon.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;
using work = command_line::work;

daemon_flags flags_of(const texts& arguments) {
  auto line = parse_command_line(arguments);
  INFO(line.text);
  REQUIRE(line.what == work::run_daemon);
  return line.flags;
}

std::string shown(const texts& arguments, const std::string& flag) { return flags_of(arguments).all.at(flag); }

}  // namespace

TEST_CASE("without arguments the daemon runs with Prometheus's defaults, on a port of its own") {
  auto flags = flags_of({});
  CHECK(flags.config_file == "prometheus.yml");
  CHECK_FALSE(flags.config_auto_reload);
  CHECK(flags.config_auto_reload_interval == 30s);
  CHECK(flags.listen_addresses == texts{"0.0.0.0:9095"});
  CHECK(flags.external_url.empty());
  CHECK(flags.route_prefix.empty());
  CHECK_FALSE(flags.enable_lifecycle);
  CHECK(flags.web_read_timeout == 5min);
  CHECK(flags.web_connections_max == 512);
  CHECK(flags.cors_origin == ".*");
  CHECK(flags.storage_path == "data-agent/");
  CHECK(flags.flush_deadline == 1min);
  CHECK(flags.adjust_timestamps);
  CHECK(flags.timestamp_tolerance == 2ms);
  CHECK(flags.log_level == log::level::info);
  CHECK(flags.log_format == log::format::logfmt);
}

TEST_CASE("flags with an effect are taken, with their value behind an equals sign or as the next argument") {
  auto joined = GENERATE(true, false);
  auto with = [&](const std::string& name, const std::string& value) {
    return flags_of(joined ? texts{"--" + name + "=" + value} : texts{"--" + name, value});
  };
  CHECK(with("config.file", "a.yml").config_file == "a.yml");
  CHECK(with("config.auto-reload-interval", "1m30s").config_auto_reload_interval == 90s);
  CHECK(with("web.listen-address", "[::1]:1").listen_addresses == texts{"[::1]:1"});
  CHECK(with("web.external-url", "http://x/y").external_url == "http://x/y");
  CHECK(with("web.route-prefix", "/p").route_prefix == "/p");
  CHECK(with("web.read-timeout", "10s").web_read_timeout == 10s);
  CHECK(with("web.max-connections", "7").web_connections_max == 7);
  CHECK(with("web.cors.origin", "https://x").cors_origin == "https://x");
  CHECK(with("storage.agent.path", "/d").storage_path == "/d");
  CHECK(with("storage.remote.flush-deadline", "2m").flush_deadline == 2min);
  CHECK(with("discovery.snapshot.max-age", "1d").snapshot_age_max == 24h);
  CHECK(with("discovery.snapshot.grace", "10s").snapshot_grace == 10s);
  CHECK(with("discovery.removal-guard.share", "0.25").removal_guard_share == 0.25);
  CHECK(with("discovery.removal-guard.hold", "1h").removal_guard_hold == 1h);
  CHECK(with("scrape.timestamp-tolerance", "5ms").timestamp_tolerance == 5ms);
  CHECK(with("log.level", "debug").log_level == log::level::debug);
  CHECK(with("log.level", "warn").log_level == log::level::warn);
  CHECK(with("log.level", "error").log_level == log::level::error);
  CHECK(with("log.format", "json").log_format == log::format::json);
}

TEST_CASE("switches go on by their name and off by --no- and their name") {
  struct toggle {
    const char* name;
    bool daemon_flags::* member;
  };
  for (const auto& each : {toggle{"config.auto-reload", &daemon_flags::config_auto_reload},
                           toggle{"web.enable-lifecycle", &daemon_flags::enable_lifecycle},
                           toggle{"scrape.adjust-timestamps", &daemon_flags::adjust_timestamps}}) {
    INFO(each.name);
    std::string name = each.name;
    CHECK(flags_of({"--" + name}).*each.member);
    CHECK_FALSE(flags_of({"--no-" + name}).*each.member);
    CHECK(shown({"--" + name}, name) == "true");
    CHECK(shown({"--no-" + name}, name) == "false");
  }
}

TEST_CASE("flags of Prometheus's agent without an effect here are accepted and shown") {
  struct flag {
    std::string name, by_default, value;
  };
  for (const auto& each : std::vector<flag>{
           {"web.max-notifications-subscribers", "16", "3"},
           {"web.page-title", "", "t"},
           {"web.console.templates", "consoles", "c"},
           {"web.console.libraries", "console_libraries", "c"},
           {"web.user-assets", "", "/u"},
           {"auto-gomemlimit.ratio", "0.9", "0.5"},
           {"auto-gomemlimit.refresh-interval", "0s", "1m"},
           {"storage.agent.wal-segment-size", "128MB", "64MB"},
           {"storage.agent.wal-compression-type", "snappy", "zstd"},
           {"storage.agent.wal-truncate-frequency", "2h", "1h"},
           {"storage.agent.retention.min-time", "5m", "1m"},
           {"storage.agent.retention.max-time", "4h", "1h"},
           {"storage.agent.checkpoint-batch-size", "1000", "10"},
           {"scrape.discovery-reload-interval", "5s", "1s"},
       }) {
    INFO(each.name);
    CHECK(shown({}, each.name) == each.by_default);
    CHECK(shown({"--" + each.name + "=" + each.value}, each.name) == each.value);
    CHECK(shown({"--" + each.name, each.value}, each.name) == each.value);
  }
  for (const auto& [name, by_default] : std::vector<std::pair<std::string, std::string>>{
           {"web.enable-admin-api", "false"},
           {"auto-gomaxprocs", "true"},
           {"auto-gomemlimit", "true"},
           {"storage.agent.wal-compression", "true"},
           {"storage.agent.no-lockfile", "false"},
           {"storage.agent.checkpoint-from-in-memory-series", "false"},
       }) {
    INFO(name);
    CHECK(shown({}, name) == by_default);
    CHECK(shown({"--" + name}, name) == "true");
    CHECK(shown({"--no-" + name}, name) == "false");
  }
}

TEST_CASE("the flag --agent is accepted, and takes no argument that follows it") {
  CHECK(shown({"--agent"}, "agent") == "true");
  CHECK(flags_of({"--agent", "--config.file=x.yml"}).config_file == "x.yml");
  auto line = parse_command_line({"--agent", "check", "config", "x.yml"});
  CHECK(line.what == work::check_config);
  CHECK(parse_command_line({"--agent", "stray"}).exit_code == 2);
}

TEST_CASE("the flag --web.listen-address may be repeated; of other flags the last one holds") {
  CHECK(flags_of({"--web.listen-address=a:1", "--web.listen-address", "b:2"}).listen_addresses == texts{"a:1", "b:2"});
  CHECK(shown({"--web.listen-address=a:1", "--web.listen-address=b:2"}, "web.listen-address") == "a:1,b:2");
  CHECK(flags_of({"--config.file=a", "--config.file=b"}).config_file == "b");
}

TEST_CASE("features are accepted, several at a time, and the old name of auto-reload still works") {
  CHECK(shown({"--enable-feature=a,b", "--enable-feature=c"}, "enable-feature") == "a,b,c");
  CHECK_FALSE(flags_of({"--enable-feature=a"}).config_auto_reload);
  CHECK(flags_of({"--enable-feature=a,auto-reload-config"}).config_auto_reload);
}

TEST_CASE("auto-reload looks once a second at most") {
  CHECK(flags_of({"--config.auto-reload-interval=10ms"}).config_auto_reload_interval == 1s);
  CHECK(flags_of({"--config.auto-reload-interval=0s"}).config_auto_reload_interval == 1s);
  CHECK(shown({"--config.auto-reload-interval=10ms"}, "config.auto-reload-interval") == "1s");
}

TEST_CASE("flags are shown with the values in force") {
  auto all = flags_of({"--log.level=warn", "--log.format=json", "--web.read-timeout=90s"}).all;
  CHECK(all.at("log.level") == "warn");
  CHECK(all.at("log.format") == "json");
  CHECK(all.at("web.read-timeout") == "1m30s");
  CHECK(all.at("web.max-connections") == "512");
  CHECK(all.at("config.file") == "prometheus.yml");
  CHECK(all.at("storage.remote.flush-deadline") == "1m");
}

TEST_CASE("a flag that does not exist or has a bad value ends with 2 and says which one it is") {
  struct bad {
    texts arguments;
    std::string named;
  };
  for (const auto& each : std::vector<bad>{
           {{"--nonsense"}, "nonsense"},
           {{"stray"}, "stray"},
           {{"--config.file"}, "config.file"},
           {{"--web.read-timeout=soon"}, "web.read-timeout"},
           {{"--web.max-connections=many"}, "web.max-connections"},
           {{"--web.max-connections=-1"}, "web.max-connections"},
           {{"--web.max-connections=0"}, "web.max-connections"},
           {{"--log.level=loud"}, "log.level"},
           {{"--log.format=xml"}, "log.format"},
           {{"--scrape.timestamp-tolerance=1"}, "scrape.timestamp-tolerance"},
           {{"--no-config.file"}, "no-config.file"},
           // What would make the daemon safer or do more is not accepted silently.
           {{"--web.config.file=x"}, "web.config.file"},
           {{"--web.enable-remote-write-receiver"}, "web.enable-remote-write-receiver"},
           {{"--web.enable-otlp-receiver"}, "web.enable-otlp-receiver"},
           {{"check"}, "subcommand"},
           {{"check", "config"}, "files"},
       }) {
    auto line = parse_command_line(each.arguments);
    INFO(each.arguments[0]);
    CHECK(line.what == work::exit_at_once);
    CHECK(line.exit_code == 2);
    CHECK_THAT(line.text, Catch::Contains(each.named));
  }
}

TEST_CASE("a flag that only a server has ends with 3, and all of them are named") {
  auto line = parse_command_line({"--storage.tsdb.path=/d", "--config.file=x", "--query.timeout", "1m"});
  CHECK(line.what == work::exit_at_once);
  CHECK(line.exit_code == 3);
  CHECK(line.text ==
        "The following flag(s) can not be used in agent mode: [\"--storage.tsdb.path\" \"--query.timeout\"]\n");
  for (const char* flag : {"--storage.tsdb.retention.time=1d", "--rules.alert.resend-delay=1m",
                           "--alertmanager.notification-queue-capacity=1", "--query.max-samples=1",
                           "--storage.remote.read-sample-limit=1"}) {
    INFO(flag);
    CHECK(parse_command_line({flag}).exit_code == 3);
  }
}

TEST_CASE("help and version end with 0 and say what was asked") {
  auto help = parse_command_line({"--help"});
  CHECK(help.what == work::exit_at_once);
  CHECK(help.exit_code == 0);
  CHECK_THAT(help.text, Catch::Contains("--config.file") && Catch::Contains("check"));
  auto version = parse_command_line({"--version"});
  CHECK(version.exit_code == 0);
  CHECK_THAT(version.text, Catch::Contains(std::string("version ") + ROLLCALL_VERSION));
}

TEST_CASE("check service-discovery takes a file and a job") {
  auto line = parse_command_line({"check", "service-discovery", "a.yml", "node"});
  CHECK(line.what == work::check_discovery);
  CHECK(line.discovery.file == "a.yml");
  CHECK(line.discovery.job == "node");
  CHECK(line.discovery.timeout == 30s);
  CHECK(line.discovery.format == report_format::text);

  line = parse_command_line({"check", "service-discovery", "--timeout=5s", "--format=json", "a.yml", "node"});
  CHECK(line.discovery.timeout == 5s);
  CHECK(line.discovery.format == report_format::json);
}

TEST_CASE("check config takes files and checks them") {
  auto line = parse_command_line({"check", "config", "a.yml", "b.yml"});
  CHECK(line.what == work::check_config);
  CHECK(line.files == texts{"a.yml", "b.yml"});
  CHECK(line.exit_code == 0);

  auto directory = std::filesystem::temp_directory_path() / ("rollcall-check-" + std::to_string(getpid()));
  std::filesystem::create_directory(directory);
  std::ofstream(directory / "good.yml") << "scrape_configs:\n- job_name: a\n  static_configs: [{targets: ['a:1']}]\n";
  std::ofstream(directory / "bad.yml") << "scrape_configs:\n- job: a\n";
  auto good = (directory / "good.yml").string(), bad = (directory / "bad.yml").string();
  CHECK(check_config({good}) == 0);
  CHECK(check_config({bad}) == 1);
  CHECK(check_config({bad, good}) == 1);
  CHECK(check_config({(directory / "missing.yml").string()}) == 1);
  std::filesystem::remove_all(directory);
}
