#include "actors/discovery/zookeeper/zookeeper_discoverer.hpp"

#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using discoverer_impl = act::extended<discoverer_actor, void(znodes_changed), void(znodes_unreadable)>;
using self_ptr = act::self_ptr<discoverer_impl, zookeeper_discoverer_state>;

void watch(self_ptr self) {
  auto& state = act::state(self);
  act::tell(state.context.services->zookeeper,
            watch_znodes{state.options->servers, state.options->paths, state.options->timeout,
                         znode_sink_actor{discoverer_impl{self}}});
}

void count_znodes(zookeeper_discoverer_state& state, const znode_changes& found) {
  auto before = static_cast<double>(state.znodes.size());
  if (found.complete) state.znodes.clear();
  for (const auto& change : found.changes) {
    if (change.data)
      state.znodes.insert(change.path);
    else
      state.znodes.erase(change.path);
  }
  auto& gauge = state.context.environment->metrics->discovery.zookeeper_watchers;
  gauge.Increment(static_cast<double>(state.znodes.size()) - before);
}

// A znode whose data is no member, as those that only hold others, is a source without targets.
target_group_ptr group_of(const zookeeper_discoverer_state& state, const znode_change& change) {
  auto group = std::make_shared<target_group>();
  group->source = change.path;
  if (!change.data) return group;
  if (auto target = state.parse(*change.data, change.path)) group->targets.push_back(std::move(*target));
  return group;
}

void on(self_ptr self, const znodes_changed& change) {
  auto& state = act::state(self);
  ++state.status.refreshes;
  state.status.last_error.clear();
  state.status.last_success = state.context.environment->wall_clock();
  count_znodes(state, change.found);
  update out;
  out.complete = change.found.complete;
  for (const auto& each : change.found.changes) out.groups.push_back(group_of(state, each));
  act::tell(state.context.sink, std::move(out));
}

void on(self_ptr self, const znodes_unreadable& trouble) {
  auto& state = act::state(self);
  ++state.status.failures;
  state.status.last_error = trouble.error;
  state.context.environment->metrics->discovery.zookeeper_failures.Increment();
  log::error("discoverer", "Error following ZooKeeper",
             {{"discovery", state.mechanism}, {"config", state.context.job}, {"err", trouble.error}});
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  bool replaced = order.services->zookeeper != state.context.services->zookeeper;
  state.context.services = order.services;
  if (replaced) watch(self);
}

act::behavior_of<discoverer_impl> discoverer(self_ptr self, std::string mechanism,
                                             std::shared_ptr<const zookeeper_sd_options> options, znode_parser parse,
                                             discoverer_context context) {
  auto& state = act::state(self);
  state.mechanism = std::move(mechanism);
  state.options = std::move(options);
  state.parse = parse;
  state.context = std::move(context);
  act::init(self, state.watchers);
  watch(self);
  return {
      [self](const use_services& order) { on(self, order); },
      [self](const get_discoverer_status&) { return act::state(self).status; },
      [self](const znodes_changed& change) { on(self, change); },
      [self](const znodes_unreadable& trouble) { on(self, trouble); },
  };
}

}  // namespace

zookeeper_discoverer_state::~zookeeper_discoverer_state() {
  if (context.environment)
    context.environment->metrics->discovery.zookeeper_watchers.Decrement(static_cast<double>(znodes.size()));
}

discoverer_actor spawn_zookeeper_discoverer(caf::actor_system& system, std::string mechanism,
                                            const sd_options_ptr& options, znode_parser parse,
                                            discoverer_context context) {
  return system.spawn(discoverer, std::move(mechanism), std::static_pointer_cast<const zookeeper_sd_options>(options),
                      parse, std::move(context));
}

}  // namespace rollcall
