#include "actors/write/write_endpoint.hpp"
#include "actors/write/write_manager.hpp"
#include "tests/fakes/queue_store.hpp"
#include "tests/fakes/write_receiver.hpp"
#include "tests/lib/remote_write/made_batch.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

/// Endpoints that keep what they have in a store, below their manager.
namespace rollcall {

namespace {

using namespace std::chrono_literals;
using test::plain_batch;
using test::response_of;

class stored_fixture : public test::actor_fixture {
 public:
  stored_fixture() : registry(spawn_probe<service_registry_actor>()) {
    services.http = {adopt(system().spawn(test::write_receiver, book))};
    configuration.remote_writes = {remote("a", "http://a/write")};
  }

  static remote_write_config remote(const std::string& name, const std::string& url) {
    remote_write_config config;
    config.name = name;
    config.url = url;
    config.queue_config.max_samples_per_send = 10;
    return config;
  }
  // A process: nothing of an earlier one is left but what is in the store.
  void start() {
    if (manager) stop(manager);
    write_manager_options options;
    options.services = std::make_shared<const rollcall::services>(services);
    options.environment = process();
    options.registry = registry.handle();
    options.bounds.durable.durability = queue::durability::stored;
    options.bounds.durable.age_max = 24h;
    options.spawn_store = [this](caf::actor_system& system) {
      return stores.emplace_back(adopt(system.spawn(test::fake_queue_store, store, notes)));
    };
    manager = adopt(spawn_write_manager(system(), std::move(options)));
    apply();
  }
  void apply() { tell(manager, apply_remote_write{std::make_shared<const config>(configuration)}); }
  void take(uint64_t source, size_t n) {
    tell(registry.received<sinks_changed>().back().sinks.at(0), samples{plain_batch(source, wall_clock(), n)});
  }
  write_status status() { return ask<write_status>(manager, get_write_status{}); }
  endpoint_queue kept() { return status().endpoints.at(0).queue; }
  void answer_all_with(int code) {
    book->script = [code](const test::posted&) { return response_of(code, "no"); };
  }

  test::receiver_book_ptr book = std::make_shared<test::receiver_book>();
  std::shared_ptr<test::memory_store> store = std::make_shared<test::memory_store>();
  std::shared_ptr<test::note_list> notes;  // without a list they are done with at once
  rollcall::services services;
  test::probe<service_registry_actor> registry;
  config configuration;
  std::vector<queue_store_actor> stores;
  write_manager_actor manager;
};

using numbers = std::vector<uint64_t>;

}  // namespace

TEST_CASE_METHOD(stored_fixture, "samples are in the store within the sync interval, and go when they are delivered") {
  start();
  answer_all_with(503);
  take(1, 3);
  CHECK(store->sequences("a").empty());
  advance(1s);
  CHECK(store->sequences("a").size() == 1);
  CHECK(kept().blocks == 1);
  CHECK(book->posts.empty());
  answer_all_with(204);
  advance(1min);
  CHECK(store->sequences("a").empty());
  CHECK(kept().blocks == 0);
}

TEST_CASE_METHOD(stored_fixture,
                 "a new process delivers what the last one could not, also when the receiver has moved") {
  start();
  answer_all_with(503);
  take(1, 3);
  advance(1s);
  configuration.remote_writes = {remote("a", "http://elsewhere/write")};
  answer_all_with(204);
  book->posts.clear();
  start();
  advance(1s);
  REQUIRE(book->posts.size() == 1);
  CHECK(book->posts[0].request.request->url == "http://elsewhere/write");
  CHECK(book->samples().size() == 3);
  CHECK(store->sequences("a").empty());
}

TEST_CASE_METHOD(stored_fixture, "a changed URL does not drop what waits under the same name") {
  start();
  answer_all_with(503);
  take(1, 3);
  advance(1s);
  configuration.remote_writes = {remote("a", "http://elsewhere/write")};
  apply();
  CHECK(status().endpoints.at(0).samples_pending == 3);
  answer_all_with(204);
  advance(1min);
  CHECK(book->posts.back().request.request->url == "http://elsewhere/write");
  CHECK(store->sequences("a").empty());
}

TEST_CASE_METHOD(stored_fixture, "the queue of a removed endpoint is kept, shown, taken up again, or dropped by age") {
  start();
  answer_all_with(503);
  take(1, 3);
  advance(1s);
  configuration.remote_writes = {};
  apply();
  advance(1min);
  REQUIRE(status().orphans.size() == 1);
  CHECK(status().orphans[0].name == "a");
  CHECK(status().orphans[0].samples == 3);

  SECTION("taken up again") {
    configuration.remote_writes = {remote("a", "http://a/write")};
    answer_all_with(204);
    book->posts.clear();
    apply();
    advance(1min);
    CHECK(book->samples().size() == 3);
    CHECK(status().orphans.empty());
  }
  SECTION("dropped by age") {
    advance(26h);
    CHECK(status().orphans.empty());
    CHECK(store->queues()->empty());
  }
}

TEST_CASE_METHOD(stored_fixture, "what is refused is set aside with the receiver's words until it is released") {
  start();
  answer_all_with(400);
  take(1, 3);
  advance(6s);
  auto aside = kept().set_aside;
  REQUIRE(aside.size() == 1);
  CHECK(aside[0].reason == "server returned HTTP status 400: no");
  CHECK(store->sequences("a").empty());
  start();
  CHECK(kept().set_aside == aside);
  answer_all_with(204);
  book->posts.clear();
  auto settled = ask<set_aside_settled>(manager, settle_set_aside{"a", aside[0].sequence, set_aside_fate::release});
  CHECK(settled.found);
  advance(1s);
  CHECK(book->samples().size() == 3);
  CHECK(kept().set_aside.empty());
  CHECK_FALSE(ask<set_aside_settled>(manager, settle_set_aside{"a", 77, set_aside_fate::discard}).found);
  CHECK_FALSE(ask<set_aside_settled>(manager, settle_set_aside{"b", 1, set_aside_fate::discard}).found);
}

TEST_CASE_METHOD(stored_fixture, "a full disk is told of, and the queue goes on in memory until it has room again") {
  start();
  store->write_fault = "no space left on device";
  answer_all_with(503);
  take(1, 3);
  advance(1s);
  CHECK(kept().store_error == "no space left on device");
  CHECK(status().endpoints.at(0).samples_pending == 3);
  store->write_fault.clear();
  advance(5s);
  CHECK(kept().store_error.empty());
  CHECK(store->sequences("a").size() == 1);
}

TEST_CASE_METHOD(stored_fixture, "a store that crashed is started again, and what was asked of it is asked anew") {
  start();
  answer_all_with(503);
  take(1, 3);
  act::stop(stores.back(), act::exit_reason::kill);
  settle();
  advance(10s);
  CHECK(stores.size() == 2);
  CHECK(store->sequences("a").size() == 1);
}

TEST_CASE_METHOD(stored_fixture, "a journal that is slow gets one note, and then what is not over yet") {
  notes = std::make_shared<test::note_list>();
  start();
  answer_all_with(503);
  take(1, 10);
  CHECK(notes->empty());
  advance(10ms);
  answer_all_with(204);
  for (int i = 0; i < 3; ++i) take(1, 10);
  advance(1min);
  REQUIRE(status().endpoints.at(0).samples_pending == 0);
  REQUIRE(notes->size() == 1);
  REQUIRE(notes->at(0)->added.size() == 1);
  auto first = notes->at(0)->added[0]->sequence;
  notes->clear();
  advance(1s);
  REQUIRE(notes->size() == 1);
  CHECK(notes->at(0)->added.empty());
  CHECK(notes->at(0)->finished == numbers{first});
}

TEST_CASE_METHOD(stored_fixture, "what is delivered at once is not noted") {
  notes = std::make_shared<test::note_list>();
  start();
  answer_all_with(204);
  for (int i = 0; i < 4; ++i) take(1, 10);
  advance(1s);
  CHECK(book->samples().size() == 40);
  CHECK(notes->empty());
}

TEST_CASE_METHOD(stored_fixture,
                 "a backlog of version 2 reaches a receiver that is said to understand version 1 only") {
  configuration.remote_writes[0].protobuf_message = write_message::v2;
  answer_all_with(503);
  start();
  take(1, 10);
  advance(2s);
  REQUIRE(kept().blocks == 1);
  configuration.remote_writes[0].protobuf_message = write_message::v1;
  auto before = book->posts.size();
  answer_all_with(204);
  start();
  advance(2s);
  REQUIRE(book->posts.size() == before + 1);
  CHECK(book->posts.back().header("X-Prometheus-Remote-Write-Version") == "0.1.0");
  CHECK(book->posts.back().samples.size() == 10);
  CHECK(kept().blocks == 0);
}

TEST_CASE_METHOD(stored_fixture, "a backlog in zstd reaches a receiver that reads snappy only") {
  configuration.remote_writes[0].compression = write_compression::zstd;
  answer_all_with(503);
  start();
  take(1, 10);
  advance(2s);
  REQUIRE(kept().blocks == 1);
  book->script = [](const test::posted& post) {
    return response_of(post.header("Content-Encoding") == "snappy" ? 204 : 400, "what?");
  };
  auto before = book->posts.size();
  start();
  advance(2s);
  REQUIRE(book->posts.size() == before + 2);
  CHECK(book->posts[before].header("Content-Encoding") == "zstd");
  CHECK(book->posts.back().samples.size() == 10);
  CHECK(kept().blocks == 0);
  CHECK(kept().set_aside.empty());
}

TEST_CASE_METHOD(stored_fixture, "metrics show what is on disk, and what was set aside") {
  auto metric = [this](const std::string& name) {
    auto text = metrics().render();
    auto at = text.find("\n" + name + "{remote_name=\"a\"");
    if (at == std::string::npos) return std::string("absent");
    auto line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    return line.substr(line.rfind(' ') + 1);
  };
  answer_all_with(503);
  start();
  take(1, 10);
  advance(2s);
  CHECK(metric("rollcall_queue_blocks") == "1");
  CHECK(metric("rollcall_queue_bytes") == std::to_string(kept().bytes));
  CHECK(metric("prometheus_remote_storage_samples_pending") == "10");
  answer_all_with(400);
  advance(10s);
  CHECK(metric("rollcall_queue_blocks") == "0");
  CHECK(metric("rollcall_queue_set_aside_blocks") == "1");
  CHECK(metric("rollcall_queue_set_aside_bytes") == std::to_string(kept().set_aside_bytes));
  CHECK(metric("prometheus_remote_storage_samples_failed_total") == "10");
}

}  // namespace rollcall
