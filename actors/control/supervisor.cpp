#include "actors/control/supervisor.hpp"

#include "lib/log/log.hpp"
#include "lib/telemetry/telemetry.hpp"

namespace rollcall {

namespace {

using supervisor_impl = act::extended<supervisor_actor, void(child_restart_due), void(flush_over)>;
using self_ptr = act::self_ptr<supervisor_impl, supervisor_state>;

services_ptr services_of(const supervisor_state& state) {
  auto result = std::make_shared<services>();
  for (const auto& client : state.http) result->http.push_back(client.get());
  result->ticker = state.ticker.get();
  result->files = state.files.get();
  result->dns = state.dns.get();
  result->zookeeper = state.zookeeper.get();
  result->sinks = state.sinks;
  return result;
}

// A service that is down at the moment is still named by its old handle or none: whoever uses it waits for the next
// announcement, which comes when it is up again.
void announce_services(supervisor_state& state) {
  use_services order{services_of(state)};
  if (state.write) act::tell(state.write.get(), order);
  if (state.scrape) act::tell(state.scrape.get(), order);
  if (state.discovery) act::tell(state.discovery.get(), order);
}

discovery_job discovery_of(const scrape_config& config) { return {config.job_name, config.sd_configs}; }

void configure_discovery(supervisor_state& state) {
  if (!state.discovery || !state.config) return;
  apply_discovery order;
  for (const auto& job : state.config->scrape_configs) order.jobs.push_back(discovery_of(*job));
  act::tell(state.discovery.get(), std::move(order));
}

// -- children ---------------------------------------------------------------------------------------------------------

void start(self_ptr self, child role, size_t index);

template <class Handle>
void watch_child(self_ptr self, const Handle& actor, child role, size_t index, std::function<void()> forget) {
  act::watch(self, act::state(self).watchers, actor, [self, role, index, forget](const std::string& error) {
    auto& state = act::state(self);
    forget();
    if (state.shutting_down) {
      // It took the answer to the flush along.
      if (role == child::write_manager) act::tell(supervisor_impl{self}, flush_over{});
      return;
    }
    auto& history = state.histories[{role, index}];
    history.last_error = error.empty() ? "ended without being asked to" : error;
    auto up = state.options.environment->wall_clock() - history.started;
    if (up >= state.options.healthy_after.count()) history.restart_backoff.reset();
    auto delay = history.restart_backoff.next(state.options.environment->random_unit());
    log::error("supervisor", "An actor ended; it is started again",
               {{"actor", to_string(role)}, {"err", history.last_error}});
    act::tell_self_after(self, delay, child_restart_due{role, index});
  });
}

void start_scrape_manager(self_ptr self) {
  auto& state = act::state(self);
  state.scrape = state.options.factories.scrape_manager(self->system(), services_of(state));
  watch_child(self, state.scrape.get(), child::scrape_manager, 0, [self] { act::state(self).scrape.release(); });
  if (state.config) act::tell(state.scrape.get(), apply_scrape{state.config});
  if (state.discovery) act::tell(state.discovery.get(), use_sync_sink{sync_sink_actor{state.scrape.get()}});
}

void start_discovery_manager(self_ptr self) {
  auto& state = act::state(self);
  state.discovery = state.options.factories.discovery_manager(self->system(), services_of(state));
  watch_child(self, state.discovery.get(), child::discovery_manager, 0,
              [self] { act::state(self).discovery.release(); });
  if (state.scrape) act::tell(state.discovery.get(), use_sync_sink{sync_sink_actor{state.scrape.get()}});
  configure_discovery(state);
}

void start_write_manager(self_ptr self) {
  auto& state = act::state(self);
  state.write = state.options.factories.write_manager(self->system(), services_of(state),
                                                      service_registry_actor{supervisor_impl{self}});
  watch_child(self, state.write.get(), child::write_manager, 0, [self] { act::state(self).write.release(); });
  if (state.config) act::tell(state.write.get(), apply_remote_write{state.config});
}

void start_http_client(self_ptr self, size_t index) {
  auto& state = act::state(self);
  if (state.http.size() <= index) state.http.resize(index + 1);
  state.http[index] = state.options.factories.http_client(self->system(), index);
  // The handle stays in place until its successor is there: `services` never names a null client.
  watch_child(self, state.http[index].get(), child::http_client, index, [] {});
}

void start(self_ptr self, child role, size_t index) {
  auto& state = act::state(self);
  auto& factories = state.options.factories;
  state.histories[{role, index}].started = state.options.environment->wall_clock();
  switch (role) {
    case child::ticker:
      state.ticker = factories.ticker(self->system());
      watch_child(self, state.ticker.get(), role, index, [] {});
      break;
    case child::file_watcher:
      state.files = factories.file_watcher(self->system());
      watch_child(self, state.files.get(), role, index, [] {});
      break;
    case child::dns_resolver:
      state.dns = factories.dns_resolver(self->system());
      watch_child(self, state.dns.get(), role, index, [] {});
      break;
    case child::zookeeper_client:
      state.zookeeper = factories.zookeeper_client(self->system());
      watch_child(self, state.zookeeper.get(), role, index, [] {});
      break;
    case child::http_client:
      start_http_client(self, index);
      break;
    case child::cluster_coordinator:
      state.coordinator = factories.cluster_coordinator(self->system());
      watch_child(self, state.coordinator.get(), role, index, [self] { act::state(self).coordinator.release(); });
      break;
    case child::write_manager:
      start_write_manager(self);
      break;
    case child::scrape_manager:
      start_scrape_manager(self);
      break;
    case child::discovery_manager:
      start_discovery_manager(self);
      break;
  }
}

void start_first(self_ptr self, child role, size_t index) {
  auto& state = act::state(self);
  state.histories[{role, index}].restart_backoff = backoff(state.options.restart_backoff);
  start(self, role, index);
}

void start_all(self_ptr self) {
  auto& state = act::state(self);
  auto remember = [self](child role, size_t index) { start_first(self, role, index); };
  remember(child::ticker, 0);
  remember(child::file_watcher, 0);
  remember(child::dns_resolver, 0);
  remember(child::zookeeper_client, 0);
  for (size_t i = 0; i < state.options.http_clients; ++i) remember(child::http_client, i);
  if (state.options.factories.cluster_coordinator) remember(child::cluster_coordinator, 0);
  remember(child::write_manager, 0);
  if (state.options.duty == duty::stand_by) return;
  remember(child::scrape_manager, 0);
  remember(child::discovery_manager, 0);
}

// Whether a child that has ended is missed: its duty may have ended since, and may have begun anew.
bool is_missing(const supervisor_state& state, child role) {
  if (role == child::scrape_manager) return state.options.duty == duty::lead && !state.scrape;
  if (role == child::discovery_manager) return state.options.duty == duty::lead && !state.discovery;
  return true;
}

bool is_service(child role) { return role < child::cluster_coordinator; }

// Those that spoke to the coordinator that has ended tell a new one everything. One that is down at the moment comes
// back by itself.
void renew_those_who_place(self_ptr self) {
  auto& state = act::state(self);
  if (state.write) {
    act::unwatch(self, state.watchers, state.write.get());
    start(self, child::write_manager, 0);
  }
  if (state.scrape) {
    act::unwatch(self, state.watchers, state.scrape.get());
    start(self, child::scrape_manager, 0);
  }
}

void on(self_ptr self, const child_restart_due& due) {
  auto& state = act::state(self);
  if (state.shutting_down || !is_missing(state, due.role)) return;
  ++state.histories[{due.role, due.index}].restarts;
  state.options.environment->metrics->actor_restarts(to_string(due.role)).Increment();
  start(self, due.role, due.index);
  if (is_service(due.role)) announce_services(state);
  if (due.role == child::cluster_coordinator) renew_those_who_place(self);
}

// -- orders -----------------------------------------------------------------------------------------------------------

void on(self_ptr self, const sinks_changed& change) {
  auto& state = act::state(self);
  state.sinks = change.sinks;
  announce_services(state);
}

// Receivers first, then pools, then what fills the pools.
void on(self_ptr self, const apply_config& order) {
  auto& state = act::state(self);
  state.config = order.config;
  if (state.write) act::tell(state.write.get(), apply_remote_write{state.config});
  if (state.scrape) act::tell(state.scrape.get(), apply_scrape{state.config});
  configure_discovery(state);
}

void on(self_ptr self, const set_duty& order) {
  auto& state = act::state(self);
  if (state.shutting_down || state.options.duty == order.now) return;
  state.options.duty = order.now;
  if (order.now == duty::lead) {
    start_first(self, child::scrape_manager, 0);
    start_first(self, child::discovery_manager, 0);
    return;
  }
  act::unwatch(self, state.watchers, state.discovery.get());
  act::unwatch(self, state.watchers, state.scrape.get());
  state.discovery.reset();
  state.scrape.reset();
}

// Discovery and scraping end at once, delivery when everything is delivered or the time is over.
void on(self_ptr self, const shut_down&) {
  auto& state = act::state(self);
  if (std::exchange(state.shutting_down, true)) return;
  state.discovery.reset();
  state.scrape.reset();
  auto me = supervisor_impl{self};
  if (!state.write) return act::tell(me, flush_over{});
  auto deadline = state.options.flush_deadline;
  act::ask(self, state.write.get(), deadline + std::chrono::seconds(5), flush{deadline})
      .then([me](const flushed& result) { act::tell(me, flush_over{result.samples_left}); },
            [me](const caf::error&) { act::tell(me, flush_over{}); });
}

void on(self_ptr self, const flush_over& over) {
  if (over.samples_left > 0)
    log::error("supervisor", "Failed to flush all samples on shutdown",
               {{"samples", std::to_string(over.samples_left)}});
  auto& state = act::state(self);
  state.write.reset();
  self->quit();
}

restarts restarts_of(const supervisor_state& state) {
  restarts result;
  for (const auto& [key, history] : state.histories) {
    auto name = to_string(key.first);
    if (key.first == child::http_client) name += '-' + std::to_string(key.second);
    result.children.push_back({std::move(name), history.restarts, history.last_error});
  }
  return result;
}

managers managers_of(const supervisor_state& state) {
  return {state.discovery.get(), state.scrape.get(), state.write.get()};
}

act::behavior_of<supervisor_impl> supervisor(self_ptr self, supervisor_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  start_all(self);
  return {
      [self](const sinks_changed& change) { on(self, change); },
      [self](const apply_config& order) { on(self, order); },
      [self](const get_managers&) { return managers_of(act::state(self)); },
      [self](const get_restarts&) { return restarts_of(act::state(self)); },
      [self](const set_duty& order) { on(self, order); },
      [self](const shut_down& order) { on(self, order); },
      [self](const child_restart_due& due) { on(self, due); },
      [self](const flush_over& over) { on(self, over); },
  };
}

}  // namespace

std::string to_string(child role) {
  switch (role) {
    case child::ticker:
      return "ticker";
    case child::file_watcher:
      return "file_watcher";
    case child::dns_resolver:
      return "dns_resolver";
    case child::zookeeper_client:
      return "zookeeper_client";
    case child::http_client:
      return "http_client";
    case child::cluster_coordinator:
      return "cluster_coordinator";
    case child::write_manager:
      return "write_manager";
    case child::scrape_manager:
      return "scrape_manager";
    case child::discovery_manager:
      return "discovery_manager";
  }
  return "";
}

supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_options options) {
  return system.spawn(supervisor, std::move(options));
}

}  // namespace rollcall
