#include "actors/io/zookeeper_client.hpp"

namespace rollcall {

namespace {

using zookeeper_client_impl = act::extended<zookeeper_client_actor, void(zookeeper_thread_failed)>;
using self_ptr = act::self_ptr<zookeeper_client_impl, zookeeper_client_state>;

void on(self_ptr self, watch_znodes& order) {
  auto& state = act::state(self);
  uint64_t id = order.sink.id();
  act::unwatch(self, state.watchers, order.sink);
  act::watch(self, state.watchers, order.sink, [self, id](const std::string&) {
    if (auto& thread = act::state(self).thread) thread->unwatch(id);
  });
  zookeeper_watch watch;
  watch.servers = std::move(order.servers);
  watch.paths = std::move(order.paths);
  watch.session_timeout = order.session_timeout;
  watch.on_change = [sink = order.sink](znode_changes found) { act::tell(sink, znodes_changed{std::move(found)}); };
  watch.on_failure = [sink = order.sink](const std::string& error) { act::tell(sink, znodes_unreadable{error}); };
  state.thread->watch(id, std::move(watch));
}

void on(self_ptr self, const unwatch_znodes& order) {
  auto& state = act::state(self);
  act::unwatch(self, state.watchers, order.sink);
  state.thread->unwatch(order.sink.id());
}

act::behavior_of<zookeeper_client_impl> zookeeper_client(self_ptr self, zookeeper_options options) {
  auto& state = act::state(self);
  act::init(self, state.watchers);
  state.thread = std::make_unique<zookeeper_thread>(
      std::move(options),
      [me = zookeeper_client_impl{self}](const std::string& error) { act::tell(me, zookeeper_thread_failed{error}); });
  return {
      [self](watch_znodes& order) { on(self, order); },
      [self](const unwatch_znodes& order) { on(self, order); },
      [self](const zookeeper_thread_failed& failure) { act::crash(self, failure.error); },
  };
}

}  // namespace

zookeeper_client_actor spawn_zookeeper_client(caf::actor_system& system, zookeeper_options options) {
  return system.spawn(zookeeper_client, std::move(options));
}

}  // namespace rollcall
