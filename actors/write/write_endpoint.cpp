#include "actors/write/write_endpoint.hpp"

#include "lib/base/earlier.hpp"
#include "lib/http/url.hpp"
#include "lib/log/log.hpp"
#include "lib/remote_write/response.hpp"

#include <functional>

namespace rollcall {

namespace {

using endpoint_impl = act::extended<write_endpoint_actor, void(wake_due), void(flush_due)>;
using self_ptr = act::self_ptr<endpoint_impl, write_endpoint_state>;
using remote_write::compression;
using remote_write::message_kind;
using remote_write::outcome;
using remote_write::wire_form;

// Waking the journal costs more than what it does, so what is to be noted gathers for so long.
constexpr milliseconds note_gathering(10);

milliseconds actor_time(self_ptr self) {
  return std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch());
}

http::header_list form_headers(const wire_form& form) {
  if (form.compression == compression::zstd)
    return {{"Content-Encoding", "zstd"},
            {"Content-Type", "application/x-protobuf"},
            {"X-VictoriaMetrics-Remote-Write-Version", "1"}};
  if (form.message == message_kind::v2)
    return {{"Content-Encoding", "snappy"},
            {"Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request"},
            {"X-Prometheus-Remote-Write-Version", "2.0.0"}};
  return {{"Content-Encoding", "snappy"},
          {"Content-Type", "application/x-protobuf"},
          {"X-Prometheus-Remote-Write-Version", "0.1.0"}};
}

http::request_ptr request_for(const remote_write_config& config, const wire_form& form) {
  auto headers = form_headers(form);
  headers.push_back({"User-Agent", "rollcall/" ROLLCALL_VERSION});
  for (const auto& [name, value] : config.headers) headers.push_back({name, value});
  http::request request;
  request.method = "POST";
  request.url = config.url;
  request.headers = std::make_shared<const http::header_list>(std::move(headers));
  request.client = std::make_shared<const http::client_config>(config.http);
  for (auto name : {remote_write::samples_written_header, remote_write::histograms_written_header,
                    remote_write::exemplars_written_header})
    request.wanted_headers.emplace_back(name);
  request.affinity = static_cast<uint32_t>(std::hash<std::string>()(config.url));
  return std::make_shared<const http::request>(std::move(request));
}

void make_requests(write_endpoint_state& state) {
  const auto& config = state.options.out->settings().config;
  state.request_v1 = request_for(config, {});
  state.request_v2 = request_for(config, {message_kind::v2, compression::snappy});
  state.request_zstd = request_for(config, {message_kind::v1, compression::zstd});
}

const http::request_ptr& request_of(const write_endpoint_state& state, const wire_form& form) {
  if (form.compression == compression::zstd) return state.request_zstd;
  return form.message == message_kind::v2 ? state.request_v2 : state.request_v1;
}

const http_client_actor& client_of(const write_endpoint_state& state, const services& services) {
  return services.http[state.request_v1->affinity % services.http.size()];
}

// -- sending ---------------------------------------------------------------------------------------------------------

void send(self_ptr self, const remote_write::attempt& attempt) {
  auto& state = act::state(self);
  fetch post;
  post.request = request_of(state, attempt);
  post.body = attempt.body;
  if (attempt.repeats > 0) post.extra_headers.push_back({"Retry-Attempt", std::to_string(attempt.repeats)});
  post.timeout = state.options.out->settings().config.remote_timeout;
  post.body_bytes_max = state.options.response_bytes_max;
  post.tag = attempt.tag;
  post.sink = http_sink_actor{endpoint_impl{self}};
  act::tell(client_of(state, *state.options.services), std::move(post));
}

void arm(self_ptr self) {
  auto& state = act::state(self);
  auto& out = *state.options.out;
  auto now = actor_time(self);
  auto next = earlier(out.next_due(), out.draft_due());
  if (state.options.store) {
    next = earlier(next, out.queue().next_work_due());
    if (out.queue().has_note()) next = earlier(next, state.note_due.value_or(now + note_gathering));
  }
  // What is overdue and held back goes on with an answer, not with time.
  auto cut = out.cut_due();
  if (cut && (*cut > now || !out.held_back())) next = earlier(next, cut);
  if (!next || (!state.wakes.empty() && *state.wakes.begin() <= *next)) return;
  state.wakes.insert(*next);
  act::tell_self_at(self, act::time_point(*next), wake_due{*next});
}

// One note is on its way at a time: when the disk is slow, what comes up meanwhile becomes one, and much of it is over
// by then.
void tell_journal(self_ptr self) {
  auto& state = act::state(self);
  auto now = actor_time(self);
  auto& out = *state.options.out;
  if (!out.queue().has_note()) return;
  if (!state.note_due) state.note_due = now + note_gathering;
  if (now < *state.note_due) return;
  state.note_due = now + note_gathering;
  if (!state.on_its_way.expired()) return;
  auto note = out.queue().take_note();
  state.note_due.reset();
  auto noted = std::make_shared<const queue::journal_note>(std::move(*note));
  state.on_its_way = noted;
  act::tell(state.options.store, queue_note{out.queue_name(), std::move(noted)});
}

// Has the queue's store note what has come up, and do what there is to do if it is not busy.
void store(self_ptr self) {
  auto& state = act::state(self);
  if (!state.options.store) return;
  tell_journal(self);
  auto& out = *state.options.out;
  auto work = out.queue().take_work(actor_time(self), state.options.environment->wall_clock());
  if (!work) return;
  queue_work order{out.queue_name(), std::make_shared<const queue::store_work>(std::move(*work)), {}};
  order.sink = queue_sink_actor{endpoint_impl{self}};
  act::tell(state.options.store, std::move(order));
}

void answer_flushes(write_endpoint_state& state) {
  auto left = state.options.out->samples_pending();
  // What is delivered is to be known as such by the next process.
  if (left > 0 || (state.options.store && !state.options.out->queue().is_settled())) return;
  for (auto& open : state.flushes) open.promise.deliver(flushed{left});
  state.flushes.clear();
}

// Does whatever is due, and sees to it that what is due later will be. Ends every handler that changes the outbox.
void go_on(self_ptr self) {
  auto& state = act::state(self);
  auto& out = *state.options.out;
  auto now = actor_time(self);
  auto cut_due = out.cut_due();
  auto wall_now = state.options.environment->wall_clock();
  if (!state.flushes.empty()) {
    out.cut_and_release(wall_now);
  } else if (cut_due && *cut_due <= now && !out.held_back()) {
    out.cut(wall_now);
  }
  if (auto due = out.draft_due(); due && *due <= now) {
    out.draft(wall_now);
    // It has waited for long enough.
    state.note_due = now;
  }
  for (const auto& attempt : out.take_due(now, wall_now)) send(self, attempt);
  store(self);
  out.report();
  answer_flushes(state);
  arm(self);
}

void on(self_ptr self, const samples& message) {
  auto& state = act::state(self);
  std::lock_guard lock(state.options.out->mutex);
  state.options.out->take(*message.batch, actor_time(self), state.options.environment->wall_clock());
  go_on(self);
}

void on(self_ptr self, const wake_due& due) {
  auto& state = act::state(self);
  state.wakes.erase(due.at);
  std::lock_guard lock(state.options.out->mutex);
  go_on(self);
}

// -- answers ---------------------------------------------------------------------------------------------------------

struct failure_words {
  log::level level;
  std::string_view message;
};

failure_words words_for(outcome what, write_compression asked) {
  switch (what) {
    case outcome::delivered:
      return {log::level::error, "The receiver did not write all of a batch"};
    case outcome::refused:
      return {log::level::error, "non-recoverable error"};
    case outcome::unsupported:
      return {log::level::warn, asked == write_compression::zstd
                                    ? "The receiver does not understand zstd; it gets snappy from now on"
                                    : "The receiver does not understand remote_write 2.0; it gets 1.0 from now on"};
    case outcome::retry:
      break;
  }
  return {log::level::warn, "Failed to send batch, retrying"};
}

void log_failure(write_endpoint_state& state, const remote_write::answer& answer) {
  auto now = state.options.environment->wall_clock();
  const auto& config = state.options.out->settings().config;
  bool wanted = answer.outcome == outcome::refused && config.failed_request_logging;
  if (!wanted && now - state.last_logged < state.options.log_pause.count()) return;
  state.last_logged = now;
  auto words = words_for(answer.outcome, config.compression);
  log::write(words.level, "write-endpoint", words.message,
             {{"remote_name", config.name}, {"url", http::redact_password(config.url)}, {"err", answer.error}});
}

void on(self_ptr self, const fetched& message) {
  auto& state = act::state(self);
  auto& out = *state.options.out;
  std::lock_guard lock(out.mutex);
  bool had_fallen_back = out.fell_back();
  auto answer = out.answered(message.tag, message.response, actor_time(self), state.options.environment->wall_clock());
  if (answer) {
    out.metrics().sent_batch_duration.Observe(std::chrono::duration<double>(message.response.elapsed).count());
    // The fallback is told once, whatever else was told lately.
    if (out.fell_back() != had_fallen_back) state.last_logged = 0;
    bool is_old_news = answer->outcome == outcome::unsupported && had_fallen_back;
    if (!answer->error.empty() && !is_old_news) log_failure(state, *answer);
  }
  go_on(self);
}

// -- the store -------------------------------------------------------------------------------------------------------

// Once when it begins to fail, and once when it is well again.
void log_store(write_endpoint_state& state) {
  auto& out = *state.options.out;
  const auto& error = out.queue().store_error();
  if (error.empty() == state.store_error.empty()) return;
  const auto& name = out.settings().config.name;
  if (error.empty()) {
    log::info("write-endpoint", "The queue is written to disk again", {{"remote_name", name}});
  } else {
    log::error("write-endpoint", "The queue cannot be written to disk; it is kept in memory as far as possible",
               {{"remote_name", name}, {"err", error}});
  }
  state.store_error = error;
}

void on(self_ptr self, const queue_work_done& done) {
  auto& state = act::state(self);
  auto& out = *state.options.out;
  std::lock_guard lock(out.mutex);
  out.queue().work_done(*done.answer, actor_time(self), state.options.environment->wall_clock());
  log_store(state);
  go_on(self);
}

void on(self_ptr self, const use_queue_store& order) {
  auto& state = act::state(self);
  std::lock_guard lock(state.options.out->mutex);
  if (order.store == state.options.store) return;
  state.options.store = order.store;
  state.options.out->queue().work_lost();
  go_on(self);
}

set_aside_settled on(self_ptr self, const settle_set_aside& order) {
  auto& out = *act::state(self).options.out;
  std::lock_guard lock(out.mutex);
  bool releases = order.fate == set_aside_fate::release;
  set_aside_settled outcome{releases ? out.queue().release(order.sequence) : out.queue().discard(order.sequence)};
  go_on(self);
  return outcome;
}

// -- orders and questions --------------------------------------------------------------------------------------------

// What was asked of a client that was replaced is lost.
void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  std::lock_guard lock(state.options.out->mutex);
  bool replaced = client_of(state, *order.services) != client_of(state, *state.options.services);
  state.options.services = order.services;
  if (replaced) state.options.out->fail_all(actor_time(self));
  go_on(self);
}

void on(self_ptr self, const reload_endpoint& order) {
  auto& state = act::state(self);
  std::lock_guard lock(state.options.out->mutex);
  state.options.out->reload(order.settings, *state.options.environment);
  make_requests(state);
  go_on(self);
}

caf::result<flushed> on(self_ptr self, const flush& order) {
  auto& state = act::state(self);
  auto promise = self->make_response_promise<flushed>();
  state.flushes.push_back({++state.last_flush, promise});
  act::tell_self_after(self, order.deadline, flush_due{state.last_flush});
  std::lock_guard lock(state.options.out->mutex);
  go_on(self);
  return promise;
}

void on(self_ptr self, const flush_due& due) {
  auto& state = act::state(self);
  std::erase_if(state.flushes, [&](auto& open) {
    if (open.id != due.flush) return false;
    std::lock_guard lock(state.options.out->mutex);
    open.promise.deliver(flushed{state.options.out->samples_pending()});
    return true;
  });
}

endpoint_status on(self_ptr self, const get_endpoint_status&) {
  auto& out = *act::state(self).options.out;
  std::lock_guard lock(out.mutex);
  return out.status();
}

act::behavior_of<endpoint_impl> write_endpoint(self_ptr self, write_endpoint_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  auto& out = *state.options.out;
  std::lock_guard lock(out.mutex);
  make_requests(state);
  // Answers to what an earlier life of this endpoint sent will not come here.
  out.fail_all(actor_time(self));
  out.queue().work_lost();
  go_on(self);
  return {
      [self](const samples& message) { on(self, message); },
      [self](const fetched& message) { on(self, message); },
      [self](const use_services& order) { on(self, order); },
      [self](const reload_endpoint& order) { on(self, order); },
      [self](const queue_work_done& done) { on(self, done); },
      [self](const use_queue_store& order) { on(self, order); },
      [self](const settle_set_aside& order) { return on(self, order); },
      [self](const flush& order) { return on(self, order); },
      [self](const get_endpoint_status& question) { return on(self, question); },
      [self](const wake_due& due) { on(self, due); },
      [self](const flush_due& due) { on(self, due); },
  };
}

}  // namespace

write_endpoint_actor spawn_write_endpoint(caf::actor_system& system, write_endpoint_options options) {
  return system.spawn(write_endpoint, std::move(options));
}

}  // namespace rollcall
