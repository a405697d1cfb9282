#include "actors/scrape/scrape_loop.hpp"

#include "actors/scrape/scrape_body.hpp"
#include "lib/base/assert.hpp"
#include "lib/log/log.hpp"
#include "lib/series/stale_difference.hpp"
#include "lib/targets/schedule.hpp"

namespace rollcall {

namespace {

using loop_impl = act::extended<scrape_loop_actor, void(stale_due)>;
using self_ptr = act::self_ptr<loop_impl, scrape_loop_state>;

const http_client_actor& client_of(const scrape_loop_state& state) {
  const auto& clients = state.options.services->http;
  return clients[state.options.target.request->affinity % clients.size()];
}

double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

void subscribe(self_ptr self) {
  const auto& options = act::state(self).options;
  act::tell(options.services->ticker,
            schedule{tick_sink_actor{loop_impl{self}}, options.target.interval, options.target.phase});
}

// -- delivery ---------------------------------------------------------------------------------------------------------

void deliver(scrape_loop_state& state, series::scrape_batch_ptr batch) {
  const auto& sinks = state.options.services->sinks;
  if (batch->samples == 0 || sinks.empty()) return;
  auto& input = state.options.environment->metrics->write_input;
  size_t histograms = 0, exemplars = 0;
  for (const auto& part : batch->parts) {
    histograms += part.histograms.size();
    exemplars += part.exemplars.size();
  }
  input.samples.Increment(static_cast<double>(batch->samples - histograms));
  input.histograms.Increment(static_cast<double>(histograms));
  input.exemplars.Increment(static_cast<double>(exemplars));
  input.highest_timestamp.Set(static_cast<double>(batch->timestamp) / 1000.0);
  for (const auto& sink : sinks) act::tell(sink, samples{batch});
}

// Settles what earlier owners or earlier rules left: what nobody sees any more goes stale.
void settle_predecessors(scrape_loop_state& state, int64_t timestamp, series::survivors which) {
  for (const auto& before : std::exchange(state.predecessors, {})) {
    auto gone = series::stale_difference(*before, *state.cache, which);
    if (!gone) continue;
    std::vector<series::batch_part> parts;
    parts.push_back(std::move(*gone));
    deliver(state, series::make_batch(before->target(), state.options.target.identity, timestamp, std::move(parts)));
  }
}

void count(const scrape_loop_state& state, const series::ingest_result& outcome) {
  auto& metrics = state.options.environment->metrics->scrape;
  if (outcome.duplicates) metrics.duplicate_timestamp.Increment(static_cast<double>(outcome.duplicates));
  if (outcome.out_of_order) metrics.out_of_order.Increment(static_cast<double>(outcome.out_of_order));
  if (outcome.out_of_bounds) metrics.out_of_bounds.Increment(static_cast<double>(outcome.out_of_bounds));
  if (outcome.exemplars_out_of_order)
    metrics.exemplar_out_of_order.Increment(static_cast<double>(outcome.exemplars_out_of_order));
  if (outcome.bucket_limit_exceeded) metrics.exceeded_native_histogram_bucket_limit.Increment();
  if (outcome.sample_limit_exceeded) metrics.exceeded_sample_limit.Increment();
  if (outcome.label_limits_exceeded) metrics.exceeded_label_limits.Increment();
}

// A body that cannot be understood is worth a warning when that is news; that a target is down is what `up` says.
void log_failure(const scrape_loop_state& state, const error& failure) {
  bool is_news = failure.code == errc::syntax && failure.message != state.status.last_error;
  auto level = is_news ? log::level::warn : log::level::debug;
  if (!log::enabled(level)) return;
  log::write(level, "scrape-loop", "Scrape failed",
             {{"scrape_pool", state.options.settings->job},
              {"target", state.options.target.request->url},
              {"err", failure.message}});
}

// Reports on a scrape and hands everything out as one batch. `body_bytes` is negative when the body was too large.
void finish(self_ptr self, series::ingest_result outcome, double body_bytes) {
  auto& state = act::state(self);
  const auto& options = state.options;
  auto attempt = *std::exchange(state.running, std::nullopt);
  auto duration = self->clock().now() - attempt.started;
  count(state, outcome);
  if (outcome.failure) log_failure(state, *outcome.failure);
  state.status.health = outcome.failure ? target_health::down : target_health::up;
  state.status.last_error = outcome.failure ? outcome.failure->message : std::string();
  state.status.last_scrape = attempt.timestamp;
  state.status.last_duration = duration;
  state.status.series = state.cache->live();
  series::report report{outcome.failure ? 0.0 : 1.0, seconds(duration), static_cast<double>(outcome.samples_scraped),
                        static_cast<double>(outcome.samples_after_relabel), static_cast<double>(outcome.series_added)};
  series::extra_report extra{seconds(options.target.timeout),
                             static_cast<double>(options.settings->ingest->sample_limit), body_bytes};
  outcome.parts.push_back(
      series::report_part(*options.target.labels, report, options.settings->extra_scrape_metrics ? &extra : nullptr));
  state.last_batch = series::make_batch(options.target.labels, options.target.identity, attempt.timestamp,
                                        std::move(outcome.parts), state.cache->metadata());
  deliver(state, state.last_batch);
  settle_predecessors(state, attempt.timestamp,
                      outcome.failure ? series::survivors::tracked : series::survivors::known);
}

void finish_failed(self_ptr self, std::string error, double body_bytes = 0) {
  auto outcome = act::state(self).cache->forget();
  outcome.failure = rollcall::error{errc::io, std::move(error)};
  finish(self, std::move(outcome), body_bytes);
}

// -- the end ----------------------------------------------------------------------------------------------------------

void end(self_ptr self) {
  auto& state = act::state(self);
  act::tell(state.options.services->ticker, unschedule{tick_sink_actor{loop_impl{self}}});
  self->quit();
}

// Whether any sample of the target was delivered, here or by an earlier owner.
bool has_history(const scrape_loop_state& state) {
  return state.has_inherited || state.status.health != target_health::unknown;
}

// An heir knows by the last message that it need not wait any longer.
void hand_over(const scrape_loop_state& state, const heir_actor& heir) {
  for (const auto& before : state.predecessors) act::tell(heir, inherit{before, nullptr});
  act::tell(heir, has_history(state) ? inherit{state.cache, state.options.settings->ingest} : inherit{});
}

// Does what is left to do once no scrape is under way: hands over, ends, or waits out the grace.
void continue_farewell(self_ptr self) {
  auto& state = act::state(self);
  if (!state.stopping || state.running || state.options.from_before == legacy::awaited) return;
  if (state.stopping->heir) {
    hand_over(state, state.stopping->heir);
    end(self);
  } else if (!has_history(state)) {
    end(self);
  }
}

void on_farewell_tick(self_ptr self, const tick& due) {
  auto& farewell = *act::state(self).stopping;
  if (!farewell.stale_time) {
    farewell.stale_time = due.scheduled;
  } else if (!farewell.waiting) {
    farewell.waiting = true;
    act::tell_self_after(self, act::state(self).options.target.interval / 10, stale_due{});
  }
}

void on(self_ptr self, const stale_due&) {
  auto& state = act::state(self);
  if (!state.stopping || !state.stopping->stale_time) return;
  state.options.from_before = legacy::none;
  if (state.stopping->heir || !has_history(state)) return continue_farewell(self);
  settle_predecessors(state, *state.stopping->stale_time, series::survivors::tracked);
  auto parts = state.cache->forget().parts;
  parts.push_back(
      series::stale_report_part(*state.options.target.labels, state.options.settings->extra_scrape_metrics));
  deliver(state, series::make_batch(state.options.target.labels, state.options.target.identity,
                                    *state.stopping->stale_time, std::move(parts)));
  end(self);
}

// -- a scrape ---------------------------------------------------------------------------------------------------------

void ask_target(self_ptr self) {
  auto& state = act::state(self);
  const auto& options = state.options;
  fetch question;
  question.request = options.target.request;
  question.timeout = options.target.timeout;
  question.body_bytes_max =
      options.settings->body_size_limit ? options.settings->body_size_limit : options.body_bytes_max;
  question.body_bytes_expected = state.last_body_bytes;
  question.tag = ++state.tag;
  question.sink = http_sink_actor{loop_impl{self}};
  act::tell(client_of(state), std::move(question));
}

void begin(self_ptr self, const tick& due) {
  auto& state = act::state(self);
  const auto& options = state.options;
  auto now = options.environment->wall_clock();
  auto started = self->clock().now();
  if (state.last_started) options.metrics->observe_length(started - *state.last_started);
  state.last_started = started;
  state.running = scrape_loop_state::attempt{};
  state.running->timestamp = sample_timestamp(std::chrono::milliseconds(due.scheduled), std::chrono::milliseconds(now),
                                              options.target.interval, options.settings->timestamp_tolerance,
                                              options.settings->adjust_timestamps)
                                 .count();
  state.running->started = started;
  if (options.forced_error.empty()) {
    ask_target(self);
  } else {
    finish_failed(self, options.forced_error);
  }
}

void on(self_ptr self, const tick& due) {
  auto& state = act::state(self);
  if (state.running) {
    // An answer is still out. Normally that cannot be, as the timeout is no longer than the interval.
    auto age = self->clock().now() - state.running->started;
    if (age < state.options.target.timeout + state.options.answer_grace) return;
    ++state.tag;
    finish_failed(self, "the HTTP client did not answer");
  }
  if (state.stopping) {
    bool ready = state.stopping->heir && state.options.from_before == legacy::none;
    return ready ? continue_farewell(self) : on_farewell_tick(self, due);
  }
  begin(self, due);
}

// A connection that was kept from the last scrape tells nothing new.
void count_connection(dialer_metrics& dialer, const http::response& response) {
  if (response.connection_reused) return;
  dialer.attempted.Increment();
  switch (response.failure) {
    case http::failure::transport:
      dialer.failed_otherwise.Increment();
      break;
    case http::failure::timeout:
      dialer.timed_out.Increment();
      break;
    default:
      dialer.established.Increment();
  }
}

void tell_failure_log(const scrape_loop_state& state, const std::string& error) {
  const auto& options = state.options;
  if (options.settings->failure_log_file.empty() || !options.failure_log) return;
  act::tell(options.failure_log, fetch_failed{options.settings->failure_log_file, options.environment->wall_clock(),
                                              options.settings->job, options.target.request->url, error});
}

void on(self_ptr self, fetched& answer) {
  auto& state = act::state(self);
  if (!state.running || answer.tag != state.tag) return;
  // The client was lost, not the target: its successor is asked as soon as it is announced.
  if (answer.response.failure == http::failure::shutdown) return;
  count_connection(*state.options.dialer, answer.response);
  const auto& settings = *state.options.settings;
  body_limits limits{settings.body_size_limit, state.options.body_bytes_max, state.last_inflated_bytes,
                     settings.fallback_format};
  state.last_body_bytes = answer.response.body.size();
  auto body = read_body(answer.response, limits);
  if (!body) {
    tell_failure_log(state, body.error().message);
    bool too_large = body.error().code == errc::limit_exceeded;
    if (too_large) state.options.environment->metrics->scrape.exceeded_body_size_limit.Increment();
    finish_failed(self, std::move(body.error().message), too_large ? -1 : 0);
  } else {
    state.last_inflated_bytes = body->text.size();
    auto outcome = state.cache->ingest(body->text, body->format, state.running->timestamp);
    finish(self, std::move(outcome), static_cast<double>(state.last_inflated_bytes));
  }
  trim_body_memory();
  continue_farewell(self);
}

// -- orders -----------------------------------------------------------------------------------------------------------

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  auto before = std::exchange(state.options.services, order.services);
  if (before->ticker != order.services->ticker) subscribe(self);
  const auto& clients = before->http;
  bool client_lost = clients[state.options.target.request->affinity % clients.size()] != client_of(state);
  if (client_lost && state.running) ask_target(self);
}

void make_cache(scrape_loop_state& state) {
  ROLLCALL_ASSERT(state.options.settings->ingest);
  state.cache = std::make_shared<series::scrape_cache>(state.options.settings->ingest, state.options.target.labels);
}

void on(self_ptr self, const reload_loop& order) {
  auto& state = act::state(self);
  auto before = std::exchange(state.options.settings, order.settings);
  state.options.target.request = order.request;
  if (before->ingest == order.settings->ingest) return;
  if (state.cache->series()) state.predecessors.push_back(state.cache);
  make_cache(state);
}

void take(scrape_loop_state& state, const inherit& left) {
  state.has_inherited = true;
  bool same_series = left.ingest == state.options.settings->ingest &&
                     left.cache->target()->set() == state.options.target.labels->set();
  if (same_series && !state.cache->series()) {
    state.cache = left.cache;
  } else if (left.cache->series()) {
    state.predecessors.push_back(left.cache);
  }
}

void on(self_ptr self, const inherit& left) {
  auto& state = act::state(self);
  if (left.cache) take(state, left);
  if (left.cache && !left.ingest) return;
  state.options.from_before = legacy::none;
  continue_farewell(self);
}

void on(self_ptr self, const stop_loop& order) {
  auto& state = act::state(self);
  if (!state.stopping) state.stopping = scrape_loop_state::farewell{};
  if (order.heir) state.stopping->heir = order.heir;
  continue_farewell(self);
}

latest latest_of(const scrape_loop_state& state) {
  latest result;
  if (state.last_batch) result.batches.push_back(state.last_batch);
  return result;
}

known_metadata metadata_of(const scrape_loop_state& state) {
  known_metadata result;
  if (const auto& families = state.cache->metadata()) result.targets.push_back({state.options.target.labels, families});
  return result;
}

outlines outlines_of(scrape_loop_state& state, uint64_t unless) {
  // What is still to come, or on its way to another loop, cannot be told.
  if (state.options.from_before == legacy::awaited || state.stopping || !has_history(state)) return {};
  bool is_same = state.shown && state.predecessors.empty() && state.cache->has_outline(*state.shown);
  if (!is_same) {
    state.shown = state.cache->outline();
    ++state.shown_version;
  }
  if (state.shown_version == unless) return {unless, {}};
  auto caches = state.predecessors;
  caches.push_back(state.shown);
  return {state.shown_version, std::move(caches)};
}

act::behavior_of<loop_impl> scrape_loop(self_ptr self, scrape_loop_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  make_cache(state);
  subscribe(self);
  return {
      [self](const tick& due) { on(self, due); },
      [self](fetched& answer) { on(self, answer); },
      [self](const use_services& order) { on(self, order); },
      [self](const reload_loop& order) { on(self, order); },
      [self](const force_error& order) { act::state(self).options.forced_error = order.message; },
      [self](const inherit& legacy) { on(self, legacy); },
      [self](const stop_loop& order) { on(self, order); },
      [self](const get_loop_status&) { return act::state(self).status; },
      [self](const get_latest&) { return latest_of(act::state(self)); },
      [self](const get_metadata&) { return metadata_of(act::state(self)); },
      [self](const get_outlines& question) { return outlines_of(act::state(self), question.unless); },
      [self](const stale_due& due) { on(self, due); },
  };
}

}  // namespace

scrape_loop_actor spawn_scrape_loop(caf::actor_system& system, scrape_loop_options options) {
  return system.spawn(scrape_loop, std::move(options));
}

}  // namespace rollcall
