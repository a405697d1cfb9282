#include "actors/write/write_endpoint.hpp"
#include "tests/fakes/write_receiver.hpp"
#include "tests/lib/remote_write/made_batch.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

/// An endpoint that is to use VictoriaMetrics's protocol.
namespace rollcall {

namespace {

using namespace std::chrono_literals;
using test::response_of;

std::string encoding(const test::posted& post) { return post.header("Content-Encoding"); }

class zstd_fixture : public test::actor_fixture {
 public:
  zstd_fixture() {
    settings.config.name = "main";
    settings.config.url = "http://receiver/api/v1/write";
    settings.config.compression = write_compression::zstd;
    settings.config.queue_config.max_samples_per_send = 10;
    settings.config.queue_config.min_shards = 5;
    services.http = {adopt(system().spawn(test::write_receiver, book))};
    auto out = std::make_shared<outbox>(std::make_shared<const write_settings>(settings), outbox_bounds{}, *process());
    endpoint = adopt(spawn_write_endpoint(system(), {.out = out,
                                                     .services = std::make_shared<const rollcall::services>(services),
                                                     .environment = process(),
                                                     .store = {}}));
    settle();
  }

  void take(uint64_t source) { tell(endpoint, samples{test::plain_batch(source, wall_clock(), 10)}); }
  void reload() { tell(endpoint, reload_endpoint{std::make_shared<const write_settings>(settings)}); }
  endpoint_status status() { return ask<endpoint_status>(endpoint, get_endpoint_status{}); }
  // Answers what is in zstd with this.
  void reads_no_zstd(int code) {
    book->script = [code](const test::posted& post) { return response_of(encoding(post) == "zstd" ? code : 204); };
  }
  std::vector<std::string> encodings() const {
    std::vector<std::string> all;
    for (const auto& post : book->posts) all.push_back(encoding(post));
    return all;
  }

  write_settings settings;
  test::receiver_book_ptr book = std::make_shared<test::receiver_book>();
  rollcall::services services;
  write_endpoint_actor endpoint;
};

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(zstd_fixture, "a request in zstd is announced as VictoriaMetrics has it") {
  take(1);
  REQUIRE(book->posts.size() == 1);
  const auto& post = book->posts[0];
  CHECK(post.header("Content-Encoding") == "zstd");
  CHECK(post.header("Content-Type") == "application/x-protobuf");
  CHECK(post.header("X-VictoriaMetrics-Remote-Write-Version") == "1");
  CHECK(post.header("X-Prometheus-Remote-Write-Version").empty());
  CHECK(post.samples.size() == 10);
  CHECK(status().samples_delivered == 10);
}

TEST_CASE_METHOD(zstd_fixture, "a receiver that cannot read zstd gets all of it in snappy") {
  auto code = GENERATE(400, 415);
  book->script = [](const test::posted&) { return std::nullopt; };
  for (uint64_t source : {1, 2}) take(source);
  REQUIRE(book->posts.size() == 2);
  reads_no_zstd(code);
  for (size_t post : {0, 1}) book->answer(post, response_of(code, "what?"));
  settle();
  take(1);
  advance(1s);
  CHECK(encodings() == texts{"zstd", "zstd", "snappy", "snappy", "snappy"});
  CHECK(book->posts.back().header("X-Prometheus-Remote-Write-Version") == "0.1.0");
  CHECK(status().samples_delivered == 30);
  CHECK(status().samples_failed == 0);
  CHECK(status().last_error.empty());
}

TEST_CASE_METHOD(zstd_fixture, "what a receiver of zstd refuses is refused, and the rest stays in zstd") {
  take(1);
  book->script = [](const test::posted&) { return response_of(400, "no"); };
  take(1);
  book->script = [](const test::posted&) { return response_of(204); };
  take(1);
  advance(1s);
  // The one that is refused, its halves and its quarters.
  CHECK(encodings() == texts(1 + 7 + 1, "zstd"));
  CHECK(status().samples_delivered == 20);
  CHECK(status().samples_failed == 10);
}

TEST_CASE_METHOD(zstd_fixture, "a receiver that reads zstd no more gets snappy") {
  take(1);
  reads_no_zstd(415);
  take(1);
  advance(1s);
  CHECK(encodings() == texts{"zstd", "zstd", "snappy"});
  CHECK(status().samples_delivered == 20);
}

TEST_CASE_METHOD(zstd_fixture, "after a reload a receiver may read zstd after all") {
  reads_no_zstd(400);
  take(1);
  advance(1s);
  settings.config.remote_timeout = 20s;
  reload();
  book->script = [](const test::posted&) { return response_of(204); };
  take(1);
  CHECK(encodings() == texts{"zstd", "snappy", "zstd"});
}

TEST_CASE_METHOD(zstd_fixture, "what was begun in zstd goes in snappy when the configuration says so meanwhile") {
  book->script = [](const test::posted&) { return response_of(503); };
  take(1);
  settings.config.compression = write_compression::snappy;
  reload();
  book->script = [](const test::posted&) { return response_of(204); };
  advance(1s);
  CHECK(encodings() == texts{"zstd", "snappy"});
  CHECK(status().samples_delivered == 10);
}

}  // namespace rollcall
