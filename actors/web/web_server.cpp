#include "actors/web/web_server.hpp"

#include "actors/web/answer_relay.hpp"
#include "actors/web/forwarding.hpp"
#include "lib/log/log.hpp"
#include "lib/web/query_string.hpp"

#include <unistd.h>

#include <utility>

namespace rollcall {

namespace {

using web_server_impl =
    act::extended<web_server_actor, void(http_requested), void(listener_stopped), answer_begun(get_answer)>;
using self_ptr = act::self_ptr<web_server_impl, web_server_state>;

std::string port_of(const std::string& address) { return address.substr(address.rfind(':') + 1); }

web::external_address external_of(const web_server_options& options, const http_listener& listener) {
  auto external = web::parse_external_url(options.external_url);
  external.listen_port = listener.addresses().empty() ? std::string() : port_of(listener.addresses().front());
  if (options.external_url.empty()) {
    char hostname[256] = {};
    ::gethostname(hostname, sizeof hostname - 1);
    external.host = std::string(hostname) + ':' + external.listen_port;
    external.path = web::router(options.route_prefix).prefix();
  }
  return external;
}

/// A path that begins with the prefix and leads to no page.
web::response not_found() { return web::error_response(404, "404 page not found"); }

web::response wrong_method(const web::router::match& match) {
  bool orders = match.allow == "POST, PUT";
  auto response = orders ? web::text_response(405, "Only POST or PUT requests allowed")
                         : web::error_response(405, "Method Not Allowed");
  response.headers.emplace_back("Allow", match.allow);
  return response;
}

web::response options_response(const web_request_options& options, const web::request& request) {
  web::response response{204, {}, {}, {}};
  options.cors.apply(response, request.origin);
  return response;
}

/// The answer to a request that leads to no page.
web::response answer_without_page(const web_server_state& state, const web::router::match& match,
                                  const std::string& path) {
  const auto& prefix = state.router.prefix();
  switch (match.outcome) {
    case web::router::outcome::wrong_method:
      return wrong_method(match);
    case web::router::outcome::moved: {
      auto response = web::redirect_response(web::percent_encode(path.substr(0, path.size() - 1)));
      response.status = 301;
      return response;
    }
    default:
      break;
  }
  // Whoever knows only host and port finds the way.
  if (!prefix.empty() && (path == "/" || path == prefix)) return web::redirect_response(prefix + "/");
  return not_found();
}

std::shared_ptr<handler_metrics> metrics_of(web_server_state& state, std::string_view pattern) {
  auto& slot = state.metrics[std::string(pattern)];
  if (!slot) slot = state.request_options->environment->metrics->handler(std::string(pattern));
  return slot;
}

void start_request(self_ptr self, answer_request order) {
  auto& state = act::state(self);
  auto request = spawn_web_request(self->system(), state.request_options);
  auto id = request.id();
  act::watch(self, state.watchers, request, [self, id](const std::string& error) {
    act::state(self).requests.erase(id);
    if (!error.empty()) log::error("web-server", "A request ended unanswered", {{"err", error}});
  });
  act::tell(request, std::move(order));
  state.requests.emplace(id, std::move(request));
}

void on(self_ptr self, http_requested& message) {
  auto& state = act::state(self);
  auto& exchange = *message.exchange;
  if (exchange.request().method == "OPTIONS") {
    return exchange.answer(options_response(*state.request_options, exchange.request()));
  }
  auto parts = web::split_target(exchange.request().target);
  if (!parts) return exchange.answer(web::error_response(400, parts.error().message));
  auto match = state.router.find(exchange.request().method, parts->path);
  if (match.outcome != web::router::outcome::found) {
    return exchange.answer(answer_without_page(state, match, parts->path));
  }
  start_request(self, {std::move(message.exchange), static_cast<page>(match.page), std::move(parts->query),
                       state.readiness, metrics_of(state, match.pattern)});
}

// Another node is answered as a client is, but for the way that the answer takes.
caf::result<answer_begun> on(self_ptr self, const get_answer& question) {
  auto& state = act::state(self);
  auto parts = web::split_target(question.target);
  auto match = parts ? state.router.find("GET", state.router.prefix() + parts->path) : web::router::match{};
  bool is_known =
      match.outcome == web::router::outcome::found && !path_in_cluster(static_cast<page>(match.page)).empty();
  if (!is_known || state.relays.size() >= state.relays_max) return answer_begun{};
  auto relay = spawn_answer_relay(self->system(), {});
  auto id = relay.id();
  act::watch(self, state.watchers, relay, [self, id](const std::string&) { act::state(self).relays.erase(id); });
  state.relays.emplace(id, answer_source_actor{relay});
  auto exchange = std::make_shared<http_exchange>(
      web::request{"GET", question.target, question.accept_encoding, {}},
      [relay](web::response response) { act::tell(relay, answer_made{std::move(response)}); });
  start_request(self, {std::move(exchange), static_cast<page>(match.page), std::move(parts->query), state.readiness,
                       metrics_of(state, match.pattern)});
  return self->delegate(relay, begin_answer{});
}

void on(self_ptr self, const set_ready& order) {
  auto& state = act::state(self);
  state.readiness = order.readiness;
  state.request_options->environment->metrics->daemon.ready.Set(static_cast<double>(order.readiness));
}

void stop_listening(self_ptr self) {
  auto& state = act::state(self);
  if (std::exchange(state.is_stopping, true)) return;
  state.listener->stop([handle = web_server_impl(self)] { act::tell(handle, listener_stopped{}); });
}

act::behavior_of<web_server_impl> web_server(self_ptr self, web_request_options_ptr options, size_t relays_max,
                                             web::router router,
                                             std::shared_ptr<std::unique_ptr<http_listener>> listener) {
  auto& state = act::state(self);
  state.request_options = std::move(options);
  state.relays_max = relays_max;
  state.router = std::move(router);
  state.listener = std::move(*listener);
  act::init(self, state.watchers);
  act::on_stop(self, [self] { stop_listening(self); });
  state.listener->serve([handle = web_server_impl(self)](http_exchange_ptr exchange) {
    act::tell(handle, http_requested{std::move(exchange)});
  });
  return {
      [self](const set_ready& order) { on(self, order); },
      [self](const get_addresses&) { return addresses{act::state(self).listener->addresses()}; },
      [self](http_requested& message) { on(self, message); },
      [self](const listener_stopped&) { self->quit(); },
      [self](const get_answer& question) { return on(self, question); },
  };
}

}  // namespace

result<web_server_actor> spawn_web_server(caf::actor_system& system, web_server_options options) {
  auto cors = web::cors::compile(options.cors_origin);
  if (!cors) return fail("--web.cors.origin", cors.error());
  auto listener = http_listener::open(options.listener);
  if (!listener) return tl::unexpected(listener.error());
  for (const auto& address : (*listener)->addresses()) {
    log::info("web-server", "Listening", {{"address", address}});
  }
  auto external = external_of(options, **listener);
  auto router = make_router(options.route_prefix.empty() ? external.path : options.route_prefix);
  web_request_options request_options{.supervisor = options.supervisor,
                                      .reloader = options.reloader,
                                      .handles = options.handles,
                                      .environment = options.environment,
                                      .lifecycle_enabled = options.lifecycle_enabled,
                                      .cors = std::move(*cors),
                                      .external = std::move(external),
                                      .build = std::move(options.build),
                                      .flags = std::move(options.flags),
                                      .start_time = options.environment->wall_clock(),
                                      .answer_timeout = options.answer_timeout,
                                      .reload_timeout = options.reload_timeout,
                                      .federate_series_max = options.federate_series_max};
  auto server = system.spawn(web_server, std::make_shared<const web_request_options>(std::move(request_options)),
                             options.relays_max, std::move(router),
                             std::make_shared<std::unique_ptr<http_listener>>(std::move(*listener)));
  options.handles->answerer.set(answerer_actor{server});
  return server;
}

}  // namespace rollcall
