#pragma once

#include "actors/io/http_client.hpp"
#include "tests/support/actor_system.hpp"
#include "tests/support/tcp_server.hpp"

#include <memory>
#include <string>
#include <utility>

namespace rollcall::test {

/// A real HTTP client actor and a sink for what it answers.
class http_client_fixture {
 public:
  explicit http_client_fixture(curl_options options = {})
      : client(system.adopt(spawn_http_client(system.system(), {few_shards(std::move(options))}))),
        sink(system.spawn_probe<http_sink_actor>()) {}

  /// A GET of this URL, to be changed at will before it is sent.
  fetch get(const std::string& url, http::request request = {}) {
    request.url = url;
    fetch order;
    order.request = std::make_shared<http::request>(std::move(request));
    // Long enough to be exhausted by nothing but a hanging program.
    order.timeout = std::chrono::seconds(30);
    order.body_bytes_max = 1 << 20;
    order.tag = ++tags_;
    order.sink = sink.handle();
    return order;
  }

  fetch get(const std::string& url, http::client_config client_settings) {
    http::request request;
    request.client = std::make_shared<http::client_config>(std::move(client_settings));
    return get(url, std::move(request));
  }

  void send(const fetch& order) {
    ++sent_;
    act::tell(client, order);
  }

  /// Sends it and waits for the answer; the fixture must have no other one on its way.
  http::response perform(const fetch& order) {
    send(order);
    if (!sink.wait_for<fetched>(sent_)) throw std::runtime_error("no answer to a fetch");
    auto answer = sink.received<fetched>().back();
    if (answer.tag != order.tag) throw std::runtime_error("an answer to another fetch");
    return answer.response;
  }

  http::response perform(const std::string& url) { return perform(get(url)); }

  http_client_status status() { return system.ask<http_client_status>(client, get_http_client_status{}); }

  threaded_system system;
  http_client_actor client;
  probe<http_sink_actor> sink;

 private:
  static curl_options few_shards(curl_options options) {
    options.connections_expected = 100;
    return options;
  }

  uint64_t tags_ = 0;
  std::size_t sent_ = 0;
};

}  // namespace rollcall::test
