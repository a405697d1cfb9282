#include "actors/io/file_watcher.hpp"

namespace rollcall {

namespace {

using file_watcher_impl = act::extended<file_watcher_actor, void(watcher_failed)>;
using self_ptr = act::self_ptr<file_watcher_impl, file_watcher_state>;

void on(self_ptr self, watch_files& order) {
  auto& state = act::state(self);
  uint64_t id = order.sink.id();
  act::unwatch(self, state.watchers, order.sink);
  act::watch(self, state.watchers, order.sink, [self, id](const std::string&) {
    if (auto& thread = act::state(self).thread) thread->unwatch(id);
  });
  state.thread->watch(id, std::move(order.patterns), order.refresh_interval,
                      [sink = order.sink](files_read files) { act::tell(sink, std::move(files)); });
}

void on(self_ptr self, const unwatch_files& order) {
  auto& state = act::state(self);
  act::unwatch(self, state.watchers, order.sink);
  state.thread->unwatch(order.sink.id());
}

act::behavior_of<file_watcher_impl> file_watcher(self_ptr self, inotify_options options) {
  auto& state = act::state(self);
  act::init(self, state.watchers);
  state.thread = std::make_unique<inotify_thread>(
      std::move(options),
      [me = file_watcher_impl{self}](const std::string& error) { act::tell(me, watcher_failed{error}); });
  return {
      [self](watch_files& order) { on(self, order); },
      [self](const unwatch_files& order) { on(self, order); },
      [self](const watcher_failed& failure) { act::crash(self, failure.error); },
  };
}

}  // namespace

file_watcher_actor spawn_file_watcher(caf::actor_system& system, inotify_options options) {
  return system.spawn(file_watcher, std::move(options));
}

}  // namespace rollcall
