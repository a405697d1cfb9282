#include "actors/control/config_reloader.hpp"

#include "lib/log/log.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <openssl/evp.h>

#include <fstream>

namespace rollcall {

namespace {

using reloader_impl = act::extended<config_reloader_actor, void(config_read), void(check_due)>;
using self_ptr = act::self_ptr<reloader_impl, config_reloader_state>;

bool same_files(const config& a, const config& b) { return a.files == b.files; }

// The checksum is that of what was read or of something older, so that a change during the reading is found later.
config_read read(const config_reloader_options& options, const config_ptr& current, const std::string& before,
                 bool only_if_changed) {
  auto sum = options.checksum(*current);
  if (only_if_changed && (sum == before || sum.empty())) return {current, before, true};
  auto outcome = options.load();
  if (outcome && !same_files(**outcome, *current)) sum = options.checksum(**outcome);
  return {std::move(outcome), std::move(sum), false};
}

// Reads on a thread, as files may be slow and a large configuration takes its time. `only_if_changed` leaves a
// configuration alone whose files are as they were.
void begin(self_ptr self, bool only_if_changed) {
  auto& state = act::state(self);
  if (state.reader.joinable()) state.reader.join();
  state.reading = true;
  state.waiting = std::exchange(state.next, {});
  state.reader = std::thread([me = reloader_impl{self}, options = state.options, current = state.config,
                              before = state.checksum, only_if_changed] {
    try {
      act::tell(me, read(options, current, before, only_if_changed));
    } catch (const std::exception& exception) {
      act::tell(me, config_read{fail(errc::invalid_argument, exception.what()), before, false});
    }
  });
}

void apply(config_reloader_state& state, config_ptr config) {
  state.config = std::move(config);
  for (const auto& warning : state.config->warnings) log::warn("config-reloader", warning);
  act::tell(state.options.supervisor, apply_config{state.config});
}

void report(config_reloader_state& state, const reloaded& outcome) {
  auto& metrics = state.options.environment->metrics->daemon;
  metrics.config_last_reload_successful.Set(outcome.applied ? 1 : 0);
  if (outcome.applied) {
    metrics.config_last_reload_success_timestamp.Set(static_cast<double>(state.options.environment->wall_clock()) /
                                                     1000.0);
    log::info("config-reloader", "Completed loading of configuration file");
  } else {
    log::error("config-reloader", "Error reloading config; the old one stays in force", {{"err", outcome.error}});
  }
}

void on(self_ptr self, config_read& read) {
  auto& state = act::state(self);
  state.reading = false;
  if (!read.unchanged) {
    // A bad configuration is remembered as well: it is reported once, not at every look.
    state.checksum = std::move(read.checksum);
    reloaded outcome{read.outcome.has_value(), read.outcome ? std::string() : read.outcome.error().message};
    if (read.outcome) apply(state, std::move(*read.outcome));
    report(state, outcome);
    for (auto& answer : std::exchange(state.waiting, {})) answer(outcome);
  }
  if (!state.next.empty()) begin(self, false);
}

caf::result<reloaded> on(self_ptr self, const reload_config&) {
  auto& state = act::state(self);
  auto promise = self->make_response_promise<reloaded>();
  state.next.push_back([promise](const reloaded& outcome) mutable { promise.deliver(outcome); });
  if (!state.reading) begin(self, false);
  return promise;
}

void on(self_ptr self, const check_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options.auto_reload_interval, check_due{});
  if (!state.reading) begin(self, true);
}

act::behavior_of<reloader_impl> config_reloader(self_ptr self, config_reloader_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.config = state.options.initial;
  state.checksum = state.options.checksum(*state.config);
  act::init(self, state.watchers);
  if (state.options.auto_reload_interval.count() > 0)
    act::tell_self_after(self, state.options.auto_reload_interval, check_due{});
  return {
      [self](const reload_config& order) { return on(self, order); },
      [self](const get_config&) { return config_in_force{act::state(self).config}; },
      [self](config_read& read) { on(self, read); },
      [self](const check_due& due) { on(self, due); },
  };
}

}  // namespace

config_reloader_state::~config_reloader_state() {
  if (reader.joinable()) reader.join();
}

config_reloader_actor spawn_config_reloader(caf::actor_system& system, config_reloader_options options) {
  return system.spawn(config_reloader, std::move(options));
}

std::string config_checksum(const config& configuration) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  for (const auto& path : configuration.files) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return {};
    std::string text(std::istreambuf_iterator<char>(in), {});
    auto name = path.string();
    EVP_DigestUpdate(digest.get(), name.data(), name.size() + 1);
    EVP_DigestUpdate(digest.get(), text.data(), text.size());
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(digest.get(), bytes.data(), &length);
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) {
    hex += digits[bytes[i] >> 4];
    hex += digits[bytes[i] & 15];
  }
  return hex;
}

}  // namespace rollcall
