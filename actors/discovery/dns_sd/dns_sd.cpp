#include "actors/discovery/dns_sd/dns_sd.hpp"

#include "lib/log/log.hpp"
#include "lib/targets/host_port.hpp"

namespace rollcall {

namespace {

using discoverer_impl = act::extended<discoverer_actor, void(looked_up), void(dns_refresh_due)>;
using self_ptr = act::self_ptr<discoverer_impl, dns_sd_state>;

void ask(self_ptr self, const std::string& name) {
  auto& state = act::state(self);
  auto tag = ++state.last_tag;
  state.asked[tag] = name;
  act::tell(state.context.services->dns,
            look_up{name, state.options->type, tag, lookup_sink_actor{discoverer_impl{self}}});
}

void begin(self_ptr self) {
  auto& state = act::state(self);
  state.overdue = false;
  state.error.clear();
  state.started = state.context.environment->wall_clock();
  ++state.status.refreshes;
  for (const auto& name : state.options->names) ask(self, name);
}

// Every lookup ends, but one that takes longer than the interval is waited for.
void on(self_ptr self, const dns_refresh_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options->refresh_interval, dns_refresh_due{});
  state.status.next_attempt =
      state.context.environment->wall_clock() + std::chrono::milliseconds(state.options->refresh_interval).count();
  if (state.asked.empty()) return begin(self);
  state.overdue = true;
}

void fail_lookup(dns_sd_state& state, const std::string& name, const std::string& error) {
  ++state.status.failures;
  state.error = name + ": " + error;
  state.context.environment->metrics->discovery.dns_lookup_failures.Increment();
  log::error("discoverer", "Error refreshing DNS targets",
             {{"discovery", "dns"}, {"config", state.context.job}, {"err", state.error}});
}

void finish(dns_sd_state& state) {
  auto now = state.context.environment->wall_clock();
  state.metrics->observe(std::chrono::milliseconds(now - state.started));
  state.status.last_error = state.error;
  if (state.error.empty()) state.status.last_success = now;
  if (state.delivered || state.collected.empty()) return;
  state.delivered = true;
  act::tell(state.context.sink, update{std::exchange(state.collected, {}), state.error.empty(), 0});
}

void on(self_ptr self, const looked_up& answer) {
  auto& state = act::state(self);
  auto found = state.asked.find(answer.tag);
  if (found == state.asked.end()) return;
  auto name = std::move(found->second);
  state.asked.erase(found);
  state.context.environment->metrics->discovery.dns_lookups.Increment();
  if (!answer.error.empty()) {
    fail_lookup(state, name, answer.error);
  } else {
    auto group = std::make_shared<target_group>(make_dns_group(name, answer.records, state.options->port));
    if (state.delivered)
      act::tell(state.context.sink, update{{std::move(group)}, false, 0});
    else
      state.collected.push_back(std::move(group));
  }
  if (!state.asked.empty()) return;
  finish(state);
  if (state.overdue) begin(self);
}

// What a resolver that is gone was asked, its successor is asked.
void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  bool replaced = order.services->dns != state.context.services->dns;
  state.context.services = order.services;
  if (!replaced) return;
  for (const auto& [tag, name] : std::exchange(state.asked, {})) ask(self, name);
}

act::behavior_of<discoverer_impl> discoverer(self_ptr self, std::shared_ptr<const dns_sd_options> options,
                                             discoverer_context context) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.context = std::move(context);
  state.metrics = state.context.environment->metrics->refresh("dns", state.context.job);
  act::init(self, state.watchers);
  act::tell(discoverer_impl{self}, dns_refresh_due{});
  return {
      [self](const use_services& order) { on(self, order); },
      [self](const get_discoverer_status&) { return act::state(self).status; },
      [self](const looked_up& answer) { on(self, answer); },
      [self](const dns_refresh_due& due) { on(self, due); },
  };
}

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  return system.spawn(discoverer, std::static_pointer_cast<const dns_sd_options>(options), std::move(context));
}

std::string_view without_final_dots(std::string_view name) {
  while (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

labels make_target(const std::string& name, const dns::record& record, uint16_t port) {
  std::vector<std::pair<std::string, std::string>> pairs = {{"__meta_dns_name", name}};
  std::string_view host = record.target;
  switch (record.type) {
    case dns::record_type::srv:
      port = record.port;
      host = without_final_dots(host);
      pairs.emplace_back("__meta_dns_srv_record_target", record.target);
      pairs.emplace_back("__meta_dns_srv_record_port", std::to_string(record.port));
      break;
    case dns::record_type::mx:
      host = without_final_dots(host);
      pairs.emplace_back("__meta_dns_mx_record_target", record.target);
      break;
    case dns::record_type::ns:
      host = without_final_dots(host);
      pairs.emplace_back("__meta_dns_ns_record_target", record.target);
      break;
    case dns::record_type::a:
    case dns::record_type::aaaa:
      break;
  }
  pairs.emplace_back(address_label, join_host_port(host, port));
  return labels::of(std::move(pairs));
}

}  // namespace

target_group make_dns_group(const std::string& name, const std::vector<dns::record>& records, uint16_t port) {
  target_group group;
  group.source = name;
  for (const auto& record : records) group.targets.push_back(make_target(name, record, port));
  return group;
}

discovery_mechanism dns_sd() { return {dns_sd_configuration(), spawn}; }

}  // namespace rollcall
