#pragma once

#include "tests/support/actor_fixture.hpp"
#include "tests/support/readable_batch.hpp"

#include <stdexcept>
#include <string>

namespace rollcall::test {

/// An actor system with probes for all services.
struct services_fixture : actor_fixture {
  services_fixture() { announced = make_services(); }

  services_ptr make_services() {
    auto result = std::make_shared<services>();
    result->http = {http.handle()};
    result->ticker = ticker.handle();
    result->files = files.handle();
    result->dns = dns.handle();
    result->zookeeper = zookeeper.handle();
    result->sinks = {sink.handle()};
    return result;
  }

  static http::response ok(std::string body) {
    http::response response;
    response.status = 200;
    response.reason = "OK";
    response.content_type = "text/plain; version=0.0.4";
    response.body = std::move(body);
    return response;
  }

  static http::response broken(http::failure why, const std::string& error = "broken") {
    http::response response;
    response.failure = why;
    response.error = error;
    return response;
  }

  /// The only question to the HTTP client since the last time; throws when there was none or more.
  fetch asked() {
    auto all = http.take<fetch>();
    if (all.size() != 1) throw std::logic_error("the HTTP client was asked " + std::to_string(all.size()) + " times");
    return all[0];
  }

  void answer(const fetch& question, const http::response& response) {
    tell(question.sink, fetched{question.tag, response});
  }

  probe<http_client_actor> http = spawn_probe<http_client_actor>();
  probe<ticker_actor> ticker = spawn_probe<ticker_actor>();
  probe<file_watcher_actor> files = spawn_probe<file_watcher_actor>();
  probe<dns_resolver_actor> dns = spawn_probe<dns_resolver_actor>();
  probe<zookeeper_client_actor> zookeeper = spawn_probe<zookeeper_client_actor>();
  probe<sample_sink_actor> sink = spawn_probe<sample_sink_actor>();
  services_ptr announced;
};

}  // namespace rollcall::test
