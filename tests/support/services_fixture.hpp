#pragma once

#include "tests/support/actor_fixture.hpp"
#include "tests/support/readable_batch.hpp"

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

  probe<http_client_actor> http = spawn_probe<http_client_actor>();
  probe<ticker_actor> ticker = spawn_probe<ticker_actor>();
  probe<file_watcher_actor> files = spawn_probe<file_watcher_actor>();
  probe<dns_resolver_actor> dns = spawn_probe<dns_resolver_actor>();
  probe<zookeeper_client_actor> zookeeper = spawn_probe<zookeeper_client_actor>();
  probe<sample_sink_actor> sink = spawn_probe<sample_sink_actor>();
  services_ptr announced;
};

}  // namespace rollcall::test
