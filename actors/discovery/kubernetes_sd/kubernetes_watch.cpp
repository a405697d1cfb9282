#include "actors/discovery/kubernetes_sd/kubernetes_watch.hpp"

#include "lib/http/percent_encode.hpp"
#include "lib/http/url.hpp"

#include <algorithm>
#include <functional>

namespace rollcall {

namespace {

using kubernetes::event_kind;
using kubernetes::object_change;
using kubernetes::reflector;
using kubernetes::trouble;

using watch_impl = act::extended<kubernetes_watch_actor, void(fetched_part), void(fetched), void(retry_due)>;
using self_ptr = act::self_ptr<watch_impl, kubernetes_watch_state>;

double random_unit(const kubernetes_watch_state& state) { return state.options.environment->random_unit(); }

// -- what is told ----------------------------------------------------------------------------------------------------

void tell_health(kubernetes_watch_state& state, const std::string& error) {
  if (state.error == error) return;
  state.error = error;
  for (const auto& [sink, subscribed] : state.sinks) act::tell(sink, watch_health{subscribed.id, error});
}

void count(kubernetes_watch_state& state, const char* event, size_t times) {
  if (times == 0) return;
  const auto role = kubernetes::facts_of(state.options.list.resource).role;
  state.metrics->events(role, event).Increment(static_cast<double>(times));
}

/// What the changes are: the last of a whole list, or anything else.
enum class extent : unsigned char { end_of_list, part };

void tell_changes(kubernetes_watch_state& state, std::vector<object_change> changes, extent extent) {
  auto shared = std::make_shared<const std::vector<object_change>>(std::move(changes));
  for (auto& [sink, subscribed] : state.sinks) {
    const bool complete = extent == extent::end_of_list && !std::exchange(subscribed.told_all, true);
    if (complete || !shared->empty()) act::tell(sink, objects_changed{subscribed.id, complete, shared});
  }
}

// -- what is asked ---------------------------------------------------------------------------------------------------

const http_client_actor& client_of(const kubernetes_watch_state& state, const services& from) {
  return from.http[state.affinity % from.http.size()];
}

http::request_ptr make_request(const kubernetes_watch_state& state) {
  auto request = std::make_shared<http::request>();
  request->url = state.base_url + state.follower.next_query(random_unit(state));
  request->headers = state.headers;
  request->client = state.client;
  request->affinity = state.affinity;
  return request;
}

void ask(self_ptr self) {
  auto& state = act::state(self);
  const auto& options = state.options;
  fetch question;
  question.request = make_request(state);
  question.body_bytes_max = options.page_bytes_max;
  question.timeout = options.list_timeout;
  question.tag = ++state.tag;
  question.sink = http_sink_actor{watch_impl{self}};
  if (state.follower.next_phase() == reflector::phase::watch) {
    question.timeout = options.watch_begin_timeout;
    auto stream = std::make_shared<stream_settings>();
    stream->sink = http_stream_sink_actor{watch_impl{self}};
    stream->bytes_ahead_max = options.events_ahead_bytes_max;
    stream->silence_max = options.silence_max;
    question.stream = std::move(stream);
  }
  state.lines.reset();
  state.waiting = true;
  state.asked = options.environment->wall_clock();
  act::tell(client_of(state, *options.services), std::move(question));
}

void ask_after(self_ptr self, std::chrono::milliseconds delay) {
  auto& state = act::state(self);
  if (delay.count() == 0) return ask(self);
  act::tell_self_after(self, delay, retry_due{++state.tag});
}

void give_up(self_ptr self, trouble why, const std::string& error) {
  auto& state = act::state(self);
  state.waiting = false;
  state.metrics->failures.Increment();
  // That the server forgets old versions is how it is meant to be.
  if (why != trouble::expired)
    tell_health(state, http::redact_password(state.options.list.access.server) + state.endpoint + ": " + error);
  ask_after(self, state.follower.failed(why, random_unit(state)));
}

// -- what comes ------------------------------------------------------------------------------------------------------

trouble trouble_of(int status) {
  if (status == 410) return trouble::expired;
  const bool overloaded = status == 429 || status >= 500;
  return overloaded ? trouble::unreachable : trouble::refused;
}

std::string refusal(const http::response& response) {
  auto text = "server returned HTTP status " + std::to_string(response.status) + ' ' + response.reason;
  if (auto message = kubernetes::read_status_message(response.body); !message.empty()) text += ": " + message;
  return text;
}

void count_list(kubernetes_watch_state& state, const std::vector<object_change>& changes, size_t known_before) {
  auto is_gone = [](const object_change& each) { return each.object == nullptr; };
  const auto gone = static_cast<size_t>(std::count_if(changes.begin(), changes.end(), is_gone));
  const auto added = state.follower.size() + gone - known_before;
  count(state, "add", added);
  count(state, "update", changes.size() - gone - added);
  count(state, "delete", gone);
}

void take_list(self_ptr self, const std::string& body) {
  auto& state = act::state(self);
  auto page = kubernetes::read_list(state.options.list.resource, body);
  if (!page) return give_up(self, trouble::malformed, page.error().message);
  state.waiting = false;
  const auto known_before = state.follower.size();
  auto changes = state.follower.take(std::move(*page));
  count_list(state, changes, known_before);
  const bool ended = state.follower.next_phase() == reflector::phase::watch;
  tell_changes(state, std::move(changes), ended ? extent::end_of_list : extent::part);
  tell_health(state, "");
  ask(self);
}

void take_end_of_watch(self_ptr self) {
  auto& state = act::state(self);
  state.waiting = false;
  const auto lived = state.options.environment->wall_clock() - state.asked;
  tell_health(state, "");
  ask_after(self, state.follower.ended(std::chrono::milliseconds(lived), random_unit(state)));
}

void on(self_ptr self, const fetched& answer) {
  auto& state = act::state(self);
  if (!state.waiting || answer.tag != state.tag) return;
  const auto& response = answer.response;
  // The client was lost, not the server: its successor is asked as soon as it is announced.
  if (response.failure == http::failure::shutdown) return;
  state.metrics->observe_request(response.status, state.endpoint, response.elapsed);
  if (response.failure != http::failure::none) return give_up(self, trouble::unreachable, response.error);
  if (response.status < 200 || response.status > 299)
    return give_up(self, trouble_of(response.status), refusal(response));
  if (state.follower.next_phase() == reflector::phase::list) return take_list(self, response.body);
  take_end_of_watch(self);
}

/// What the lines of one part led to.
struct taken_lines {
  std::vector<object_change> changes;
  std::optional<std::pair<trouble, std::string>> end;  // Why there is nothing more to be had from this watch.
};

bool take_line(kubernetes_watch_state& state, std::string_view line, taken_lines& out) {
  auto event = kubernetes::read_event(state.options.list.resource, line);
  if (!event) {
    out.end.emplace(trouble::malformed, event.error().message);
    return false;
  }
  if (event->kind == event_kind::error) {
    out.end.emplace(trouble_of(event->code), event->message);
    return false;
  }
  if (event->kind == event_kind::added) count(state, "add", 1);
  if (event->kind == event_kind::modified) count(state, "update", 1);
  if (event->kind == event_kind::deleted) count(state, "delete", 1);
  state.follower.take(*event, out.changes);
  return true;
}

void on(self_ptr self, const fetched_part& part) {
  auto& state = act::state(self);
  if (!state.waiting || part.tag != state.tag) return;
  taken_lines taken;
  auto read = state.lines.feed(part.bytes, [&](std::string_view line) { return take_line(state, line, taken); });
  if (!read) taken.end.emplace(trouble::malformed, read.error().message);
  tell_changes(state, std::move(taken.changes), extent::part);
  const auto& client = client_of(state, *state.options.services);
  http_sink_actor me = watch_impl{self};
  if (!taken.end) {
    act::tell(client, parts_taken{part.tag, me, part.bytes.size()});
    tell_health(state, "");
    return;
  }
  act::tell(client, cancel_fetch{part.tag, me});
  give_up(self, taken.end->first, taken.end->second);
}

// A watch that is in trouble asks when it is time.
void list_again(self_ptr self) {
  auto& state = act::state(self);
  if (!state.follower.list_again() || !state.waiting) return;
  act::tell(client_of(state, *state.options.services), cancel_fetch{state.tag, http_sink_actor{watch_impl{self}}});
  ask(self);
}

// -- orders ----------------------------------------------------------------------------------------------------------

void on(self_ptr self, const watch_objects& order) {
  auto& state = act::state(self);
  state.sinks[order.sink] = {order.id, false};
  act::watch(self, state.watchers, order.sink,
             [self, sink = order.sink](const std::string&) { act::state(self).sinks.erase(sink); });
  list_again(self);
  if (!state.error.empty()) act::tell(order.sink, watch_health{order.id, state.error});
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  auto before = std::exchange(state.options.services, order.services);
  if (state.waiting && client_of(state, *before) != client_of(state, *order.services)) ask(self);
}

void on(self_ptr self, const retry_due& due) {
  if (due.generation == act::state(self).tag) ask(self);
}

void prepare(kubernetes_watch_state& state) {
  const auto& list = state.options.list;
  state.follower = reflector(state.options.follow);
  state.lines = kubernetes::line_splitter(state.options.event_bytes_max);
  state.metrics = state.options.environment->metrics->kubernetes();
  state.endpoint = kubernetes::list_path(list.resource, list.name_space);
  state.base_url = list.access.server + state.endpoint + '?';
  if (!list.selector.label.empty())
    state.base_url += "labelSelector=" + http::encode_component(list.selector.label) + '&';
  if (!list.selector.field.empty())
    state.base_url += "fieldSelector=" + http::encode_component(list.selector.field) + '&';
  state.affinity = static_cast<uint32_t>(std::hash<std::string>()(state.base_url));
  state.headers = std::make_shared<http::header_list>(
      http::header_list{{"User-Agent", "rollcall/" ROLLCALL_VERSION}, {"Accept", "application/json"}});
  state.client = std::make_shared<http::client_config>(list.access.client);
}

act::behavior_of<watch_impl> kubernetes_watch(self_ptr self, kubernetes_watch_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  prepare(state);
  ask(self);
  return {
      [self](const watch_objects& order) { on(self, order); }, [self](const use_services& order) { on(self, order); },
      [self](const fetched_part& part) { on(self, part); },    [self](const fetched& answer) { on(self, answer); },
      [self](const retry_due& due) { on(self, due); },
  };
}

}  // namespace

kubernetes_watch_actor spawn_kubernetes_watch(caf::actor_system& system, kubernetes_watch_options options) {
  return system.spawn(kubernetes_watch, std::move(options));
}

}  // namespace rollcall
