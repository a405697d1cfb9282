#include "app/command_line.hpp"

#include "app/flag_reading.hpp"
#include "app/subcommands.hpp"
#include "lib/base/byte_size.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <set>

namespace rollcall {

namespace {

// Looking more often would cost more than it is worth; shorter intervals become this one.
constexpr auto auto_reload_min = std::chrono::seconds(1);

// Flags of a Prometheus server that an agent has no use for, as Prometheus 3 refuses them with --agent.
const std::set<std::string>& server_only_flags() {
  static const std::set<std::string> names = {
      "--storage.tsdb.path",
      "--storage.tsdb.min-block-duration",
      "--storage.tsdb.max-block-duration",
      "--storage.tsdb.max-block-chunk-segment-size",
      "--storage.tsdb.wal-segment-size",
      "--storage.tsdb.retention",
      "--storage.tsdb.retention.time",
      "--storage.tsdb.retention.size",
      "--storage.tsdb.no-lockfile",
      "--storage.tsdb.head-chunks-write-queue-size",
      "--storage.tsdb.samples-per-chunk",
      "--storage.tsdb.wal-compression",
      "--storage.tsdb.wal-compression-type",
      "--storage.remote.read-sample-limit",
      "--storage.remote.read-concurrent-limit",
      "--storage.remote.read-max-bytes-in-frame",
      "--rules.alert.for-outage-tolerance",
      "--rules.alert.for-grace-period",
      "--rules.alert.resend-delay",
      "--rules.max-concurrent-evals",
      "--alertmanager.notification-queue-capacity",
      "--alertmanager.notification-batch-size",
      "--alertmanager.drain-notification-queue-on-shutdown",
      "--query.lookback-delta",
      "--query.timeout",
      "--query.max-concurrency",
      "--query.max-samples",
  };
  return names;
}

std::string refused_server_flags(const std::vector<std::string>& arguments) {
  std::string list;
  for (const auto& argument : arguments) {
    auto name = argument.substr(0, argument.find('='));
    if (!server_only_flags().contains(name)) continue;
    if (!list.empty()) list += ' ';
    list += '"' + name + '"';
  }
  return list;
}

class flag_set {
 public:
  flag_set(CLI::App& app, daemon_flags& flags) : app_(app), flags_(flags) {}

  void add_all() {
    add_config_flags();
    add_web_flags();
    add_storage_flags();
    add_discovery_flags();
    add_scrape_flags();
    add_cluster_flags();
    add_log_flags();
  }

  // Sets what follows from several flags together; to be called once they are parsed.
  void finish() {
    auto has = [this](std::string_view feature) {
      return std::find(features_.begin(), features_.end(), feature) != features_.end();
    };
    // An older name of the flag.
    if (has("auto-reload-config")) flags_.config_auto_reload = true;
    flags_.created_timestamp_zero_ingestion = has("created-timestamp-zero-ingestion");
    flags_.st_storage = has("st-storage");
    flags_.type_and_unit_labels = has("type-and-unit-labels");
    flags_.config_auto_reload_interval = std::max<milliseconds>(flags_.config_auto_reload_interval, auto_reload_min);
  }

  // The values in force, by name without dashes.
  std::map<std::string, std::string> values() const {
    std::map<std::string, std::string> result;
    for (const auto& [name, show] : shown_) result[name] = show();
    return result;
  }

 private:
  void text(const std::string& name, std::string& value, const std::string& help) {
    app_.add_option("--" + name, value, help)->capture_default_str();
    shown_[name] = [&value] { return value; };
  }

  void toggle(const std::string& name, bool& value, const std::string& help) {
    app_.add_flag("--" + name + ",!--no-" + name, value, help);
    shown_[name] = [&value] { return value ? "true" : "false"; };
  }

  void duration(const std::string& name, milliseconds& value, const std::string& help) {
    app_.add_option("--" + name, reading(value, [](const std::string& text) { return parse_duration(text); }),
                    help + " (" + format_duration(value) + ")")
        ->type_name("DURATION");
    shown_[name] = [&value] { return format_duration(value); };
  }

  void bytes(const std::string& name, uint64_t& value, const std::string& help) {
    app_.add_option("--" + name, reading(value, [](const std::string& text) { return parse_byte_size(text); }),
                    help + " (" + format_byte_size(value) + ")")
        ->type_name("BYTES");
    shown_[name] = [&value] { return format_byte_size(value); };
  }

  // Flags of Prometheus that are accepted and mean nothing here. Those that would make something work or safe that
  // is not there (TLS, receivers) are not among them: they fail as unknown.
  void ignored(const std::string& name, const std::string& value, const std::string& why) {
    auto& kept = ignored_[name] = value;
    text(name, kept, "Accepted and without effect: " + why);
  }

  void ignored_toggle(const std::string& name, bool value, const std::string& why) {
    auto& kept = ignored_toggles_[name] = value;
    toggle(name, kept, "Accepted and without effect: " + why);
  }

  void add_config_flags() {
    text("config.file", flags_.config_file, "Configuration file");
    toggle("config.auto-reload", flags_.config_auto_reload, "Reload the configuration when its files change");
    duration("config.auto-reload-interval", flags_.config_auto_reload_interval, "How often to look for changes");
    app_.add_flag("--agent", is_agent_, "Accepted and without effect: this is an agent");
    shown_["agent"] = [] { return "true"; };
    app_.add_option(
            "--enable-feature", features_,
            "created-timestamp-zero-ingestion, type-and-unit-labels; Prometheus's others are accepted and ignored")
        ->delimiter(',');
    shown_["enable-feature"] = [this] { return fmt::format("{}", fmt::join(features_, ",")); };
  }

  void add_web_flags() {
    app_.add_option("--web.listen-address", flags_.listen_addresses, "Address for the API and pages; repeatable")
        ->capture_default_str();
    shown_["web.listen-address"] = [this] { return fmt::format("{}", fmt::join(flags_.listen_addresses, ",")); };
    text("web.external-url", flags_.external_url, "URL under which this server is reachable from outside");
    text("web.route-prefix", flags_.route_prefix, "Prefix of all paths; defaults to the path of the external URL");
    toggle("web.enable-lifecycle", flags_.enable_lifecycle, "Allow reload and shutdown by HTTP request");
    duration("web.read-timeout", flags_.web_read_timeout, "How long a request may take to arrive");
    app_.add_option("--web.max-connections", flags_.web_connections_max, "Connections at a time")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    shown_["web.max-connections"] = [this] { return std::to_string(flags_.web_connections_max); };
    text("web.cors.origin", flags_.cors_origin, "Other sites that may read the API, as a regular expression");
    ignored("web.max-notifications-subscribers", "16", "notifications are not pushed");
    ignored_toggle("web.enable-admin-api", false, "an agent has no admin API");
    ignored("web.page-title", "", "the pages have their own title");
    ignored("web.console.templates", "consoles", "there are no consoles");
    ignored("web.console.libraries", "console_libraries", "there are no consoles");
    ignored("web.user-assets", "", "there are no user assets");
  }

  void add_storage_flags() {
    text("storage.agent.path", flags_.storage_path, "Directory for what must survive a restart");
    add_queue_flags();
    duration("storage.remote.flush-deadline", flags_.flush_deadline, "How long delivery may take at shutdown");
    const std::string why = "there is no write-ahead log";
    ignored_toggle("storage.agent.wal-compression", true, why);
    ignored_toggle("storage.agent.no-lockfile", false, why);
    ignored_toggle("storage.agent.checkpoint-from-in-memory-series", false, why);
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"storage.agent.wal-segment-size", "128MB"},
                                                                    {"storage.agent.wal-compression-type", "snappy"},
                                                                    {"storage.agent.wal-truncate-frequency", "2h"},
                                                                    {"storage.agent.retention.min-time", "5m"},
                                                                    {"storage.agent.retention.max-time", "4h"},
                                                                    {"storage.agent.checkpoint-batch-size", "1000"}})
      ignored(name, value, why);
  }

  // What waits for each endpoint, on disk.
  void add_queue_flags() {
    duration("storage.agent.queue.sync-interval", flags_.queue_sync_interval,
             "How much a power cut may cost; also how long samples may wait to be queued");
    bytes("storage.agent.queue.max-bytes", flags_.queue_bytes_max,
          "Disk space for each endpoint; the oldest goes first");
    duration("storage.agent.queue.max-age", flags_.queue_age_max, "What is queued for longer is dropped; 0s: never");
    bytes("storage.agent.queue.drain-rate", flags_.queue_drain_bytes,
          "Bytes a second that are read back after an outage; 0B: as fast as can be");
    app_.add_option("--storage.agent.queue.order", reading(flags_.queue_order, parse_order),
                    "strict: the backlog before what is new; live-first: beside it, for receivers that accept samples "
                    "out of order (strict)");
    shown_["storage.agent.queue.order"] = [this] {
      return flags_.queue_order == queue::delivery_order::strict ? "strict" : "live-first";
    };
  }

  static std::optional<queue::delivery_order> parse_order(const std::string& text) {
    if (text == "strict") return queue::delivery_order::strict;
    if (text == "live-first") return queue::delivery_order::live_first;
    return std::nullopt;
  }

  void add_discovery_flags() {
    duration("discovery.snapshot.max-age", flags_.snapshot_age_max,
             "How long what was discovered may serve later processes; 0s: nothing is kept");
    duration("discovery.snapshot.grace", flags_.snapshot_grace,
             "How long a source may take to answer before what an earlier process knew is in force");
    app_.add_option("--discovery.removal-guard.share", flags_.removal_guard_share,
                    "Hold removals back when a source drops more than this share of its targets at once; 0: never")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    shown_["discovery.removal-guard.share"] = [this] { return fmt::to_string(flags_.removal_guard_share); };
    duration("discovery.removal-guard.hold", flags_.removal_guard_hold, "For how long");
  }

  void add_scrape_flags() {
    toggle("scrape.adjust-timestamps", flags_.adjust_timestamps, "Give samples the scheduled time of their scrape");
    duration("scrape.timestamp-tolerance", flags_.timestamp_tolerance, "How late a scrape may be for that");
    ignored("scrape.discovery-reload-interval", "5s", "changes are applied as they come");
    const std::string why = "there is no Go runtime";
    ignored_toggle("auto-gomaxprocs", true, why);
    ignored_toggle("auto-gomemlimit", true, why);
    ignored("auto-gomemlimit.ratio", "0.9", why);
    ignored("auto-gomemlimit.refresh-interval", "0s", why);
  }

  void add_cluster_flags() {
    auto& cluster = flags_.cluster;
    app_.add_option("--cluster.role", reading(cluster.role, parse_role),
                    "all: everything in one process; coordinator: discovers, and places targets on workers; worker: "
                    "scrapes what a coordinator gives it, without a configuration file (all)");
    shown_["cluster.role"] = [&cluster] {
      static const std::array names = {"all", "coordinator", "worker"};
      return std::string(names.at(static_cast<size_t>(cluster.role)));
    };
    text("cluster.listen-address", cluster.listen_address, "Where a coordinator waits for workers");
    text("cluster.advertise-address", cluster.advertise_address,
         "Where workers reach a coordinator, as others are to tell them; defaults to the listen address");
    text("cluster.arbiter", cluster.arbiter,
         "What decides which of several coordinators leads: etcd+http(s)://HOST:PORT/KEY, "
         "kubernetes://NAMESPACE/NAME or workers://NAME,NAME,NAME");
    text("cluster.arbiter.cert-file", cluster.arbiter_certificate_file, "A client certificate for etcd");
    text("cluster.arbiter.key-file", cluster.arbiter_key_file, "The key of that certificate");
    text("cluster.arbiter.ca-file", cluster.arbiter_authority_file, "Who signs etcd's certificate");
    app_.add_option("--cluster.join", cluster.join, "Coordinators that a worker may join, HOST:PORT")->delimiter(',');
    shown_["cluster.join"] = [&cluster] { return fmt::format("{}", fmt::join(cluster.join, ",")); };
    text("cluster.tls.cert-file", cluster.certificate_file, "This node's certificate");
    text("cluster.tls.key-file", cluster.key_file, "The key of the certificate");
    text("cluster.tls.ca-file", cluster.authority_file, "Who signs the certificates of all nodes, and nothing else");
    toggle("cluster.insecure", cluster.insecure, "Talk without TLS: whoever reaches the port has the process in hand");
    text("cluster.node-name", cluster.node_name, "Name of this node, unique in the cluster; defaults to the host's");
    text("cluster.zone", cluster.zone, "Zone of this node");
    duration("cluster.lease", cluster.lease,
             "How long a worker may be silent before others take over; shorter than any scrape interval");
    app_.add_option("--cluster.lease-policy", reading(cluster.on_lease_loss, parse_lease_loss),
                    "available: a worker that is cut off goes on scraping; strict: it stops (available)");
    shown_["cluster.lease-policy"] = [&cluster] {
      return cluster.on_lease_loss == lease_loss::stop ? "strict" : "available";
    };
    app_.add_option("--cluster.moves-per-minute", cluster.moves_per_minute,
                    "How many targets may move for balance; 0: a quarter of all, but at least 600 (0)");
    shown_["cluster.moves-per-minute"] = [&cluster] { return std::to_string(cluster.moves_per_minute); };
    bytes("cluster.copies-max", cluster.copies_bytes_max,
          "How much of what workers know of their series is kept, so that what vanishes while one is dead goes stale; "
          "0: nothing");
    text("cluster.keep-together-label", cluster.placement.together_label,
         "Targets with the same value of this label are with one worker");
    text("cluster.zone-label", cluster.placement.zone_label,
         "A target goes to workers of the zone that this label of it names");
    app_.add_option("--cluster.zone-affinity", reading(cluster.placement.zone_strength, parse_zone_strength),
                    "preferred: where there is room, or else elsewhere; required: there or nowhere (preferred)");
    shown_["cluster.zone-affinity"] = [&cluster] {
      return cluster.placement.zone_strength == placement::affinity::strength::required ? "required" : "preferred";
    };
    duration("cluster.drain-deadline", cluster.drain_deadline, "How long a worker may take to give away what it has");
  }

  static std::optional<cluster_role> parse_role(const std::string& text) {
    if (text == "all") return cluster_role::all;
    if (text == "coordinator") return cluster_role::coordinator;
    if (text == "worker") return cluster_role::worker;
    return std::nullopt;
  }

  static std::optional<lease_loss> parse_lease_loss(const std::string& text) {
    if (text == "available") return lease_loss::go_on;
    if (text == "strict") return lease_loss::stop;
    return std::nullopt;
  }

  static std::optional<placement::affinity::strength> parse_zone_strength(const std::string& text) {
    if (text == "preferred") return placement::affinity::strength::preferred;
    if (text == "required") return placement::affinity::strength::required;
    return std::nullopt;
  }

  void add_log_flags() {
    app_.add_option("--log.level", reading(flags_.log_level, [](const std::string& t) { return log::parse_level(t); }),
                    "debug, info, warn or error (info)");
    app_.add_option("--log.format",
                    reading(flags_.log_format, [](const std::string& t) { return log::parse_format(t); }),
                    "logfmt or json (logfmt)");
    shown_["log.level"] = [this] {
      static const std::array names = {"debug", "info", "warn", "error"};
      return std::string(names.at(static_cast<size_t>(flags_.log_level)));
    };
    shown_["log.format"] = [this] { return flags_.log_format == log::format::json ? "json" : "logfmt"; };
  }

  CLI::App& app_;
  daemon_flags& flags_;
  bool is_agent_ = true;
  std::vector<std::string> features_;
  std::map<std::string, std::string> ignored_;
  std::map<std::string, bool> ignored_toggles_;
  std::map<std::string, std::function<std::string()>> shown_;
};

command_line finished(std::string text, int exit_code) {
  command_line result;
  result.what = command_line::work::exit_at_once;
  result.text = std::move(text);
  result.exit_code = exit_code;
  return result;
}

}  // namespace

command_line parse_command_line(const std::vector<std::string>& arguments) {
  if (auto refused = refused_server_flags(arguments); !refused.empty())
    return finished("The following flag(s) can not be used in agent mode: [" + refused + "]\n", 3);

  command_line result;
  CLI::App app("Rollcall discovers Prometheus targets, scrapes them and delivers the samples.", "rollcall");
  app.set_version_flag("--version", std::string("rollcall, version ") + ROLLCALL_VERSION);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  flag_set flags(app, result.flags);
  flags.add_all();
  app.get_option("--enable-feature")->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.get_option("--web.listen-address")->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.get_option("--cluster.join")->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_subcommands(app, result);

  try {
    auto reversed = arguments;
    std::reverse(reversed.begin(), reversed.end());
    app.parse(reversed);
  } catch (const CLI::Success& wanted) {
    std::ostringstream out;
    app.exit(wanted, out, out);
    return finished(out.str(), 0);
  } catch (const CLI::ParseError& problem) {
    return finished(std::string("rollcall: error: ") + problem.what() + "\nTry --help.\n", 2);
  }
  flags.finish();
  result.flags.all = flags.values();
  return result;
}

}  // namespace rollcall
