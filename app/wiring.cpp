#include "app/wiring.hpp"

#include "actors/cluster/worker_configurator.hpp"
#include "actors/control/config_reloader.hpp"
#include "actors/control/supervisor.hpp"
#include "actors/discovery/discovery_manager.hpp"
#include "actors/discovery/mechanisms.hpp"
#include "actors/io/dns_resolver.hpp"
#include "actors/io/failure_log.hpp"
#include "actors/io/file_watcher.hpp"
#include "actors/io/http_client.hpp"
#include "actors/io/queue_store.hpp"
#include "actors/io/snapshot_store.hpp"
#include "actors/io/ticker.hpp"
#include "actors/io/zookeeper_client.hpp"
#include "actors/scrape/scrape_manager.hpp"
#include "actors/web/web_server.hpp"
#include "actors/write/write_manager.hpp"
#include "app/coordinator_wiring.hpp"
#include "app/worker_wiring.hpp"
#include "config/load.hpp"
#include "lib/log/log.hpp"
#include "lib/queue/journaled_store.hpp"
#include "lib/queue/rocksdb_store.hpp"
#include "lib/series/scrape_cache.hpp"
#include "lib/targets/schedule.hpp"
#include "lib/telemetry/telemetry.hpp"
#include "messages/message_types.hpp"

#include <unistd.h>

#include <filesystem>
#include <random>

namespace rollcall {

namespace {

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

int64_t system_milliseconds() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// An HTTP client keeps about three workers busy, and every busy thread beyond the cores costs more than it gives.
size_t http_clients() { return std::max(1u, std::thread::hardware_concurrency() / 4); }

double random_unit() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

scrape_mode scrape_mode_of(const daemon_flags& flags) {
  scrape_mode mode;
  mode.adjust_timestamps = flags.adjust_timestamps ? timestamp_adjustment::on : timestamp_adjustment::off;
  mode.timestamp_tolerance = flags.timestamp_tolerance;
  mode.created_timestamp_zero_ingestion = flags.created_timestamp_zero_ingestion;
  mode.keep_start_times = flags.st_storage;
  mode.type_and_unit_labels = flags.type_and_unit_labels;
  return mode;
}

// The store itself belongs to the process: it survives a crash of the actor in front of it.
void keep_on_disk(write_manager_options& options, const daemon_flags& flags, const opened_queues& queues) {
  auto& durable = options.bounds.durable;
  durable.durability = queue::durability::stored;
  durable.order = flags.queue_order;
  durable.disk_bytes_max = flags.queue_bytes_max;
  durable.age_max = flags.queue_age_max;
  durable.drain_bytes_per_second = flags.queue_drain_bytes;
  // Half of what a crash may cost passes before samples are cut, and half, at most, before what is not delivered yet is
  // written.
  options.bounds.unstored_max = flags.queue_sync_interval / 2;
  durable.store.gathering = flags.queue_sync_interval / 4;
  options.spawn_store = [queues, interval = flags.queue_sync_interval](caf::actor_system& system) {
    return spawn_queue_store(system, {{queues.store, interval}, queues.journal});
  };
}

void survive_outages(discovery_manager_options& options, const daemon_flags& flags) {
  options.guard = {flags.removal_guard_share, flags.removal_guard_hold};
  options.timing.grace = flags.snapshot_grace;
  options.timing.age_max = flags.snapshot_age_max;
  if (flags.snapshot_age_max == flags.snapshot_age_max.zero()) return;
  snapshot_store_options store;
  store.environment = options.environment;
  store.directory = (std::filesystem::path(flags.storage_path) / "discovery").string();
  store.age_max = flags.snapshot_age_max;
  options.spawn_snapshot_store = [store](caf::actor_system& system) { return spawn_snapshot_store(system, store); };
}

// What a coordinator does not do itself, and what a worker gets from it.
void share_work(supervisor_factories& make, const environment_ptr& environment, const daemon_flags& flags,
                const running_system& running) {
  if (flags.cluster.role == cluster_role::coordinator) {
    make.write_manager = [handles = running.handles, flags](caf::actor_system& system, services_ptr,
                                                            service_registry_actor) {
      return spawn_worker_configurator(system, {handles->coordinator.get(), flags.cluster.lease});
    };
  }
  if (flags.cluster.role == cluster_role::worker)
    make.scrape_manager = worker_factory(environment, flags.cluster, running.node);
}

// Where a target lies in its interval must not depend on which coordinator places it.
std::string seed_name(const daemon_flags& flags) {
  return flags.cluster.role == cluster_role::coordinator ? std::string() : host_name();
}

supervisor_factories make_factories(const environment_ptr& environment, const daemon_flags& flags,
                                    const config_ptr& initial, const opened_queues& queues,
                                    const running_system& running) {
  supervisor_factories make;
  make.ticker = [environment](caf::actor_system& system) { return spawn_ticker(system, {environment}); };
  make.file_watcher = [](caf::actor_system& system) { return spawn_file_watcher(system, {}); };
  make.dns_resolver = [](caf::actor_system& system) { return spawn_dns_resolver(system, {}); };
  make.zookeeper_client = [](caf::actor_system& system) { return spawn_zookeeper_client(system, {}); };
  make.http_client = [](caf::actor_system& system, size_t) { return spawn_http_client(system, {}); };
  // What waits to be delivered belongs to the process: it survives a crash of the manager and of its endpoints.
  auto shelf = std::make_shared<outbox_shelf>();
  make.write_manager = [environment, shelf, flags, queues](caf::actor_system& system, services_ptr services,
                                                           service_registry_actor registry) {
    write_manager_options options;
    options.services = std::move(services);
    options.environment = environment;
    options.registry = std::move(registry);
    options.shelf = shelf;
    keep_on_disk(options, flags, queues);
    return spawn_write_manager(system, std::move(options));
  };
  auto seed = offset_seed(seed_name(flags), initial->global.external_labels);
  make.scrape_manager = [=, mode = scrape_mode_of(flags), handles = running.handles](caf::actor_system& system,
                                                                                     services_ptr services) {
    scrape_manager_options options;
    options.services = std::move(services);
    options.environment = environment;
    options.offset_seed = seed;
    options.mode = mode;
    options.spawn_failure_log = spawn_failure_log;
    if (auto coordinator = handles->coordinator.get()) place_loops(options, coordinator, flags.cluster);
    return spawn_scrape_manager(system, std::move(options));
  };
  make.discovery_manager = [environment, flags](caf::actor_system& system, services_ptr services) {
    discovery_manager_options options;
    options.services = std::move(services);
    options.environment = environment;
    options.spawn_discoverer = spawn_discoverer;
    survive_outages(options, flags);
    return spawn_discovery_manager(system, std::move(options));
  };
  share_work(make, environment, flags, running);
  return make;
}

web_server_options web_options(const environment_ptr& environment, const daemon_flags& flags,
                               const running_system& running) {
  web_server_options options;
  options.listener.addresses = flags.listen_addresses;
  options.listener.connections_max = flags.web_connections_max;
  options.listener.idle_timeout = flags.web_read_timeout;
  options.supervisor = running.supervisor;
  options.reloader = running.reloader;
  options.handles = running.handles;
  options.environment = environment;
  options.external_url = flags.external_url;
  options.route_prefix = flags.route_prefix;
  options.cors_origin = flags.cors_origin;
  options.lifecycle_enabled = flags.enable_lifecycle;
  options.build.version = ROLLCALL_VERSION;
  options.flags = flags.all;
  return options;
}

}  // namespace

void configure_actor_system(caf::actor_system_config& config, const cluster_flags& cluster) {
  add_message_types(config);
  if (cluster.role != cluster_role::all) enable_cluster(config, cluster);
  auto cores = std::max(1u, std::thread::hardware_concurrency());
  act::tune(config, std::max<size_t>(1, cores - http_clients()));
}

environment_ptr make_environment() {
  auto result = std::make_shared<environment>();
  result->wall_clock = system_milliseconds;
  result->random_unit = random_unit;
  result->metrics = std::make_shared<telemetry>();
  return result;
}

// Of all trouble only another process that uses the directory is a reason not to start.
result<opened_queues> open_queues(const std::string& storage_path) {
  queue::rocksdb_store_options options;
  auto directory = std::filesystem::path(storage_path) / "queue";
  options.directory = directory.string();
  options.report = [](const std::string& what) { log::error("queue-store", "Trouble with the disk", {{"err", what}}); };
  auto store = queue::open_rocksdb_store(std::move(options));
  if (!store) return tl::unexpected(store.error());
  auto journal = std::make_shared<queue::journal>(queue::journal_options{(directory / "journal").string()});
  return opened_queues{queue::make_journaled_store(std::move(*store), journal), journal};
}

result<config_ptr> load_configuration(const std::string& file, const daemon_flags& flags) {
  // A worker gets what it needs from its coordinator.
  if (flags.cluster.role == cluster_role::worker) return std::make_shared<const config>();
  static const auto mechanisms = mechanism_configurations();
  // Only protobuf says when a series began without a search for it.
  return load(file, {mechanisms, {}, flags.created_timestamp_zero_ingestion || flags.st_storage});
}

void begin_end(const running_system& running, const daemon_flags& flags) {
  if (flags.cluster.role != cluster_role::worker) return act::tell(running.supervisor, shut_down{});
  log::info("main", "Giving everything away before the end");
  running.node.leaving->store(true);
}

result<web_server_actor> start_web(caf::actor_system& system, const environment_ptr& environment,
                                   const daemon_flags& flags, const running_system& running) {
  auto web = spawn_web_server(system, web_options(environment, flags, running));
  if (web) act::tell(*web, set_ready{readiness::ready});
  return web;
}

result<running_system> start_system(caf::actor_system& system, const environment_ptr& environment,
                                    const daemon_flags& flags, const config_ptr& initial) {
  running_system running;
  std::promise<supervisor_actor> announced;
  running.node.handles = running.handles;
  running.node.supervisor = announced.get_future().share();
  opened_queues queues;
  coordinator_factory make_coordinator;
  // Whoever delivers needs a place for what waits.
  if (flags.cluster.role != cluster_role::coordinator) {
    auto opened = open_queues(flags.storage_path);
    if (!opened) return tl::unexpected(opened.error());
    queues = std::move(*opened);
    // Opened before anything is scraped, as what comes before is in memory alone. A failure shows with the first work.
    (void)queues.store->queues();
  } else {
    auto started = start_coordinator(system, environment, flags.cluster, running.node);
    if (!started) return tl::unexpected(started.error());
    make_coordinator = std::move(started->make);
  }
  environment->metrics->on_collect([&system, daemon = &environment->metrics->daemon] {
    auto blocks = series::get_block_store_status();
    daemon->series_block_store_blocks.Set(static_cast<double>(blocks.blocks));
    daemon->series_block_store_bytes.Set(static_cast<double>(blocks.bytes));
    daemon->actors_running.Set(static_cast<double>(system.registry().running()));
  });

  supervisor_options supervisor;
  supervisor.environment = environment;
  supervisor.factories = make_factories(environment, flags, initial, queues, running);
  supervisor.factories.cluster_coordinator = std::move(make_coordinator);
  supervisor.flush_deadline = flags.flush_deadline;
  supervisor.http_clients = http_clients();
  supervisor.duty = first_duty(flags.cluster);
  running.supervisor = spawn_supervisor(system, std::move(supervisor));
  announced.set_value(running.supervisor);

  config_reloader_options reloader;
  reloader.load = [flags] { return load_configuration(flags.config_file, flags); };
  reloader.checksum = config_checksum;
  reloader.initial = initial;
  reloader.supervisor = running.supervisor;
  reloader.environment = environment;
  if (flags.config_auto_reload) reloader.auto_reload_interval = flags.config_auto_reload_interval;
  running.reloader = spawn_config_reloader(system, std::move(reloader));

  auto web = start_web(system, environment, flags, running);
  if (!web) {
    act::stop(running.reloader);
    act::stop(running.supervisor);
    return tl::unexpected(web.error());
  }
  running.web = std::move(*web);
  act::tell(running.supervisor, apply_config{initial});
  return running;
}

}  // namespace rollcall
