#include "actors/io/snapshot_store.hpp"

#include "lib/log/log.hpp"
#include "lib/telemetry/telemetry.hpp"

namespace rollcall {

namespace {

using store_impl = act::extended<snapshot_store_actor, void(removal_due)>;
using self_ptr = act::self_ptr<store_impl, snapshot_store_state>;

snapshot_stored on(self_ptr self, const store_snapshot& order) {
  auto& state = act::state(self);
  auto& metrics = state.options.environment->metrics->snapshot_store;
  auto written =
      state.directory->write(order.name, [&](const byte_sink& sink) { encode_in_pieces(*order.snapshot, sink); });
  if (written) {
    state.is_broken = false;
    metrics.written.Increment();
    return {*written, {}};
  }
  metrics.failures.Increment();
  if (!std::exchange(state.is_broken, true))
    log::error("snapshot-store", "Cannot keep what was discovered", {{"err", written.error().message}});
  return {0, std::move(written.error().message)};
}

void set_aside(const snapshot_store_state& state, const std::string& name, const std::string& why) {
  auto moved = state.directory->set_aside(name);
  log::warn("snapshot-store", "A snapshot is damaged; it is set aside",
            {{"snapshot", name}, {"err", moved ? why : why + "; " + moved.error().message}});
}

stored_snapshot on(self_ptr self, const get_snapshot& question) {
  const auto& state = act::state(self);
  auto bytes = state.directory->read(question.name);
  if (!bytes) {
    if (bytes.error().code != errc::not_found)
      log::warn("snapshot-store", "A snapshot cannot be read", {{"err", bytes.error().message}});
    return {};
  }
  auto snapshot = decode_group_snapshot(*bytes);
  if (!snapshot) {
    set_aside(state, question.name, snapshot.error().message);
    return {};
  }
  return {std::make_shared<const group_snapshot>(std::move(*snapshot))};
}

void remove_old(const snapshot_store_state& state) {
  if (!state.wanted) return;
  auto now = state.options.environment->wall_clock();
  state.directory->remove_old(*state.wanted, now - state.options.age_max.count());
}

void on(self_ptr self, const keep_snapshots& order) {
  auto& state = act::state(self);
  state.wanted.emplace(order.names.begin(), order.names.end());
  remove_old(state);
}

void on(self_ptr self, const removal_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options.removal_interval, removal_due{});
  remove_old(state);
}

act::behavior_of<store_impl> snapshot_store(self_ptr self, snapshot_store_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.directory.emplace(state.options.directory);
  act::init(self, state.watchers);
  act::tell_self_after(self, state.options.removal_interval, removal_due{});
  return {
      [self](const store_snapshot& order) { return on(self, order); },
      [self](const get_snapshot& question) { return on(self, question); },
      [self](const keep_snapshots& order) { on(self, order); },
      [self](const removal_due& due) { on(self, due); },
  };
}

}  // namespace

snapshot_store_actor spawn_snapshot_store(caf::actor_system& system, snapshot_store_options options) {
  return system.spawn<caf::detached>(snapshot_store, std::move(options));
}

}  // namespace rollcall
