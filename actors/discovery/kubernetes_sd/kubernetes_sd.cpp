#include "actors/discovery/kubernetes_sd/kubernetes_sd.hpp"

#include "lib/log/log.hpp"

#include <filesystem>

namespace rollcall {

namespace {

using discoverer_impl = act::extended<discoverer_actor, void(objects_changed), void(watch_health), void(files_read)>;
using self_ptr = act::self_ptr<discoverer_impl, kubernetes_sd_state>;

constexpr std::chrono::milliseconds file_refresh_interval = std::chrono::minutes(1);

void note_error(kubernetes_sd_state& state) {
  auto error = state.file_error.empty() ? state.progress.error() : state.file_error;
  if (!error.empty() && error != state.status.last_error) {
    ++state.status.failures;
    log::error("discoverer", "Unable to follow a Kubernetes cluster",
               {{"discovery", "kubernetes"}, {"config", state.context.job}, {"err", error}});
  }
  state.status.last_error = std::move(error);
}

// -- what is found ---------------------------------------------------------------------------------------------------

// Only a namespace of which everything is known has its targets told: without its services, say, they would be told
// with too few labels first. The first message that holds everything says so, and withdraws what is no more.
void tell_groups(kubernetes_sd_state& state) {
  update change;
  change.complete = !state.complete && state.progress.all_settled();
  if (change.complete) state.catalog.touch_all();
  change.groups =
      state.catalog.take_changes([&](std::string_view name_space) { return state.progress.is_settled(name_space); });
  if (change.groups.empty() && !change.complete) return;
  state.complete = state.complete || change.complete;
  state.status.last_success = state.context.environment->wall_clock();
  act::tell(state.context.sink, std::move(change));
}

/// The index of a watch in the plan; nothing when it is one of before.
std::optional<size_t> index_of(const kubernetes_sd_state& state, watch_id id) {
  if (id < state.first_watch || id - state.first_watch >= state.watches.size()) return std::nullopt;
  return id - state.first_watch;
}

void on(self_ptr self, const objects_changed& found) {
  auto& state = act::state(self);
  const auto index = index_of(state, found.watch);
  if (!index) return;
  ++state.status.refreshes;
  state.catalog.apply(state.progress.plan()[*index].resource, *found.changes);
  if (found.complete) state.progress.set_known(*index);
  // Before its last page a first list settles nothing.
  if (state.progress.is_known(*index)) tell_groups(state);
}

void on(self_ptr self, const watch_health& health) {
  auto& state = act::state(self);
  const auto index = index_of(state, health.watch);
  if (!index) return;
  state.progress.set_error(*index, health.error);
  note_error(state);
  tell_groups(state);
}

// -- where from ------------------------------------------------------------------------------------------------------

void start_watch(self_ptr self, size_t index) {
  auto& state = act::state(self);
  const auto& planned = state.progress.plan()[index];
  watched_list list;
  list.access = *state.access;
  list.resource = planned.resource;
  list.name_space = planned.name_space;
  if (auto found = state.options->selectors.find(planned.resource); found != state.options->selectors.end())
    list.selector = found->second;
  auto watches = state.context.environment->shared->get<kubernetes_watches>();
  auto watch = watches->get(list, [&] {
    kubernetes_watch_options options;
    options.list = list;
    options.environment = state.context.environment;
    options.services = state.context.services;
    return spawn_kubernetes_watch(self->system(), std::move(options));
  });
  // Its provider starts this discoverer again, and that starts the watch: the delay between is decided in one place.
  act::watch(self, state.watchers, watch->get(),
             [self](const std::string& error) { act::crash(self, "a watch ended: " + error); });
  act::tell(watch->get(), watch_objects{state.first_watch + index, object_sink_actor{discoverer_impl{self}}});
  state.watches.push_back(std::move(watch));
}

void start_watches(self_ptr self, kubernetes::cluster_access access) {
  auto& state = act::state(self);
  state.access = std::move(access);
  state.progress = watch_progress(plan_watches(*state.options, state.own_namespace));
  for (size_t i = 0; i < state.progress.plan().size(); ++i) start_watch(self, i);
}

void stop_watches(self_ptr self) {
  auto& state = act::state(self);
  for (const auto& watch : state.watches) act::unwatch(self, state.watchers, watch->get());
  state.first_watch += state.watches.size();
  state.watches.clear();
  state.catalog = kubernetes::catalog(state.options->role, state.options->attach);
  state.complete = false;
}

/// The file that must be read before anything can be watched; empty when there is none.
std::string awaited_file(const kubernetes_sd_state& state) {
  if (!state.options->kubeconfig_file.empty()) return state.options->kubeconfig_file;
  return state.options->own_namespace ? state.surroundings.namespace_file() : "";
}

void watch_file(self_ptr self) {
  auto& state = act::state(self);
  if (auto file = awaited_file(state); !file.empty())
    act::tell(state.context.services->files,
              watch_files{{std::move(file)}, file_refresh_interval, file_sink_actor{discoverer_impl{self}}});
}

result<kubernetes::cluster_access> find_access(const kubernetes_sd_state& state, const file_content* file) {
  const auto& options = *state.options;
  if (!options.kubeconfig_file.empty())
    return kubernetes::read_kubeconfig(file->text, std::filesystem::path(file->path).parent_path().string());
  if (!options.api_server.empty()) return kubernetes::cluster_access{options.api_server, options.client};
  return kubernetes::access_from_within(state.surroundings);
}

void begin(self_ptr self, const file_content* file) {
  auto& state = act::state(self);
  auto access = find_access(state, file);
  state.file_error = access ? "" : access.error().message;
  note_error(state);
  if (!access || (state.access && *state.access == *access)) return;
  stop_watches(self);
  start_watches(self, std::move(*access));
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

void on(self_ptr self, const files_read& found) {
  auto& state = act::state(self);
  const auto* file = found.files.empty() ? nullptr : found.files.front().get();
  if (file == nullptr || !file->error.empty()) {
    state.file_error = awaited_file(state) + ": " + (file == nullptr ? "no such file" : file->error);
    return note_error(state);
  }
  if (state.options->own_namespace) state.own_namespace = trimmed(file->text);
  begin(self, file);
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  const bool replaced = order.services->files != state.context.services->files;
  state.context.services = order.services;
  for (const auto& watch : state.watches) act::tell(watch->get(), order);
  if (replaced) watch_file(self);
}

act::behavior_of<discoverer_impl> discoverer(self_ptr self, std::shared_ptr<const kubernetes_sd_options> options,
                                             discoverer_context context, kubernetes::pod_surroundings surroundings) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.context = std::move(context);
  state.surroundings = std::move(surroundings);
  state.catalog = kubernetes::catalog(state.options->role, state.options->attach);
  act::init(self, state.watchers);
  if (awaited_file(state).empty())
    begin(self, nullptr);
  else
    watch_file(self);
  return {
      [self](const use_services& order) { on(self, order); },
      [self](const get_discoverer_status&) { return act::state(self).status; },
      [self](const objects_changed& found) { on(self, found); },
      [self](const watch_health& health) { on(self, health); },
      [self](const files_read& found) { on(self, found); },
  };
}

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  return spawn_kubernetes_sd(system, options, std::move(context), kubernetes::pod_surroundings::of_process());
}

}  // namespace

discovery_mechanism kubernetes_sd() { return {kubernetes_sd_configuration(), spawn}; }

discoverer_actor spawn_kubernetes_sd(caf::actor_system& system, const sd_options_ptr& options,
                                     discoverer_context context, kubernetes::pod_surroundings surroundings) {
  return system.spawn(discoverer, std::static_pointer_cast<const kubernetes_sd_options>(options), std::move(context),
                      std::move(surroundings));
}

}  // namespace rollcall
