#include "actors/discovery/file_sd/file_sd.hpp"

#include "actors/discovery/file_sd/target_group_file.hpp"
#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using discoverer_impl = act::extended<discoverer_actor, void(files_read)>;
using self_ptr = act::self_ptr<discoverer_impl, file_sd_state>;

void watch(self_ptr self) {
  auto& state = act::state(self);
  act::tell(state.context.services->files,
            watch_files{state.options->files, state.options->refresh_interval, file_sink_actor{discoverer_impl{self}}});
}

void fail_file(file_sd_state& state, file_sd_state::file_entry& entry, const std::string& error) {
  ++state.status.failures;
  entry.error = entry.content->path + ": " + error;
  state.context.environment->metrics->discovery.file_read_errors.Increment();
  log::error("discoverer", "Error reading file",
             {{"discovery", "file"}, {"config", state.context.job}, {"err", entry.error}});
}

// What cannot be read or understood keeps the groups that it had.
void read_file(file_sd_state& state, file_sd_state::file_entry& entry, const file_content_ptr& content) {
  if (entry.content == content) return;
  entry.content = content;
  entry.error.clear();
  if (!content->error.empty()) return fail_file(state, entry, content->error);
  auto groups = parse_target_groups(content->text, format_of_file(content->path), {content->path, "__meta_filepath"});
  if (!groups) return fail_file(state, entry, groups.error().message);
  entry.groups.clear();
  for (auto& group : *groups) entry.groups.push_back(std::make_shared<target_group>(std::move(group)));
  if (!entry.metrics) entry.metrics = state.context.environment->metrics->file(content->path);
  entry.metrics->modified.Set(static_cast<double>(content->modified) / 1000.0);
}

void on(self_ptr self, const files_read& found) {
  auto& state = act::state(self);
  ++state.status.refreshes;
  state.status.last_error.clear();
  std::map<std::string, file_sd_state::file_entry> files;
  for (const auto& content : found.files) {
    auto known = state.files.find(content->path);
    auto& entry = files[content->path];
    if (known != state.files.end()) entry = std::move(known->second);
    read_file(state, entry, content);
    if (!entry.error.empty()) state.status.last_error = entry.error;
  }
  state.files = std::move(files);
  if (state.status.last_error.empty()) state.status.last_success = state.context.environment->wall_clock();
  update all;
  all.complete = true;
  for (const auto& [path, entry] : state.files)
    all.groups.insert(all.groups.end(), entry.groups.begin(), entry.groups.end());
  act::tell(state.context.sink, std::move(all));
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  bool replaced = order.services->files != state.context.services->files;
  state.context.services = order.services;
  if (replaced) watch(self);
}

act::behavior_of<discoverer_impl> discoverer(self_ptr self, std::shared_ptr<const file_sd_options> options,
                                             discoverer_context context) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.context = std::move(context);
  act::init(self, state.watchers);
  watch(self);
  return {
      [self](const use_services& order) { on(self, order); },
      [self](const get_discoverer_status&) { return act::state(self).status; },
      [self](const files_read& found) { on(self, found); },
  };
}

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  return system.spawn(discoverer, std::static_pointer_cast<const file_sd_options>(options), std::move(context));
}

}  // namespace

discovery_mechanism file_sd() { return {file_sd_configuration(), spawn}; }

}  // namespace rollcall
