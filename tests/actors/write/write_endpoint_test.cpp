#include "actors/write/write_endpoint.hpp"

#include "tests/fakes/write_receiver.hpp"
#include "tests/lib/remote_write/made_batch.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

namespace rollcall {

namespace {

using namespace std::chrono_literals;
using test::plain_batch;
using test::response_of;

// One endpoint in front of one receiver.
class endpoint_fixture : public test::actor_fixture {
 public:
  endpoint_fixture() {
    settings.config.name = "main";
    settings.config.url = "http://user:secret@receiver/api/v1/write";
    settings.config.queue_config.max_samples_per_send = 10;
    services.http = {adopt(system().spawn(test::write_receiver, book))};
  }

  void start() {
    out = std::make_shared<outbox>(std::make_shared<const write_settings>(settings), bounds, *process());
    start_again();
  }
  void start_again() {
    endpoint = adopt(spawn_write_endpoint(system(), {.out = out,
                                                     .services = std::make_shared<const rollcall::services>(services),
                                                     .environment = process(),
                                                     .store = {}}));
    settle();
  }
  void take(uint64_t source, size_t n) { tell(endpoint, samples{plain_batch(source, wall_clock(), n)}); }
  endpoint_status status() { return ask<endpoint_status>(endpoint, get_endpoint_status{}); }
  void hold_answers() {
    book->script = [](const test::posted&) { return std::nullopt; };
  }
  void answer_all_with(int code) {
    book->script = [code](const test::posted&) { return response_of(code, "no"); };
  }
  void answer(size_t post, http::response response) {
    book->answer(post, std::move(response));
    settle();
  }
  size_t posts() const { return book->posts.size(); }
  std::string metric(const std::string& name) {
    auto text = metrics().render();
    auto at = text.find("\n" + name);
    if (at == std::string::npos) return "absent";
    auto line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    return line.substr(line.rfind(' ') + 1);
  }
  std::string own(const std::string& name) {
    return metric("prometheus_remote_storage_" + name +
                  "{remote_name=\"main\",url=\"http://user:xxxxx@receiver/api/v1/write\"}");
  }

  write_settings settings;
  outbox_bounds bounds;
  rollcall::services services;
  test::receiver_book_ptr book = std::make_shared<test::receiver_book>();
  outbox_ptr out;
  write_endpoint_actor endpoint;
};

}  // namespace

TEST_CASE_METHOD(endpoint_fixture, "samples leave in one request when the batch's time is over") {
  settings.config.headers = {{"X-Scope-OrgID", "tenant"}};
  start();
  take(1, 2);
  advance(3s);
  take(2, 1);
  advance(1999ms);
  CHECK(posts() == 0);
  CHECK(status().samples_pending == 3);
  advance(1ms);
  REQUIRE(posts() == 1);
  const auto& post = book->posts[0];
  CHECK(post.samples.size() == 3);
  CHECK(post.request.request->method == "POST");
  CHECK(post.request.request->url == settings.config.url);
  CHECK(post.request.timeout == 30s);
  CHECK(post.header("Content-Encoding") == "snappy");
  CHECK(post.header("Content-Type") == "application/x-protobuf");
  CHECK(post.header("X-Prometheus-Remote-Write-Version") == "0.1.0");
  CHECK(post.header("User-Agent").starts_with("rollcall/"));
  CHECK(post.header("X-Scope-OrgID") == "tenant");
  CHECK(post.header("Retry-Attempt").empty());
  CHECK(status().samples_pending == 0);
  CHECK(status().samples_delivered == 3);
  advance(1h);
  CHECK(posts() == 1);
}

TEST_CASE_METHOD(endpoint_fixture, "a full request leaves at once, and the rest waits its own time") {
  start();
  advance(4s);
  take(1, 25);
  CHECK(posts() == 2);
  advance(4999ms);
  CHECK(posts() == 2);
  advance(1ms);
  REQUIRE(posts() == 3);
  CHECK(book->posts[2].samples.size() == 5);
  CHECK(book->samples().size() == 25);
}

TEST_CASE_METHOD(endpoint_fixture, "a batch that would have to wait for an older one grows until that is answered") {
  start();
  hold_answers();
  take(1, 2);
  advance(5s);
  REQUIRE(posts() == 1);
  for (int i = 0; i < 3; ++i) {
    take(1, 2);
    advance(5s);
  }
  CHECK(posts() == 1);
  CHECK(status().samples_pending == 8);
  answer(0, response_of(204));
  REQUIRE(posts() == 2);
  CHECK(book->posts[1].samples.size() == 6);
  answer(1, response_of(204));
  CHECK(status().samples_delivered == 8);
  CHECK(status().samples_pending == 0);
}

TEST_CASE_METHOD(endpoint_fixture, "a batch that grows while it is held back is full at the same bound") {
  start();
  hold_answers();
  take(1, 10);
  for (int i = 0; i < 6; ++i) {
    take(1, 4);
    advance(5s);
  }
  REQUIRE(posts() == 1);
  answer(0, response_of(204));
  REQUIRE(posts() == 2);
  CHECK(book->posts[1].samples.size() == 10);
  answer(1, response_of(204));
  answer(2, response_of(204));
  answer(3, response_of(204));
  CHECK(book->samples().size() == 34);
  CHECK(status().samples_pending == 0);
}

TEST_CASE_METHOD(endpoint_fixture, "a batch of other sources is not held back") {
  settings.config.queue_config.min_shards = 5;
  start();
  hold_answers();
  take(1, 2);
  advance(5s);
  take(2, 2);
  advance(5s);
  CHECK(posts() == 2);
}

TEST_CASE_METHOD(endpoint_fixture, "a flush queues also what is held back") {
  start();
  hold_answers();
  take(1, 2);
  advance(5s);
  take(1, 2);
  advance(5s);
  REQUIRE(posts() == 1);
  auto flushing = begin_ask<flushed>(endpoint, flush{1h});
  answer(0, response_of(204));
  REQUIRE(posts() == 2);
  CHECK(book->posts[1].samples.size() == 2);
}

TEST_CASE_METHOD(endpoint_fixture, "a failed request is sent again with the same body and the number of the attempt") {
  start();
  answer_all_with(503);
  take(1, 10);
  CHECK(posts() == 1);
  CHECK(status().last_error == "server returned HTTP status 503: no");
  advance(29ms);
  CHECK(posts() == 1);
  advance(1ms);
  CHECK(posts() == 2);
  advance(60ms);
  REQUIRE(posts() == 3);
  CHECK(book->posts[1].header("Retry-Attempt") == "1");
  CHECK(book->posts[2].header("Retry-Attempt") == "2");
  CHECK(book->posts[2].request.body == book->posts[0].request.body);
  answer_all_with(200);
  advance(120ms);
  CHECK(posts() == 4);
  CHECK(status().last_error.empty());
  CHECK(status().samples_delivered == 10);
  CHECK(own("samples_total") == "40");
  CHECK(own("samples_retried_total") == "30");
  CHECK(own("samples_failed_total") == "0");
  CHECK(own("samples_pending") == "0");
  CHECK(own("bytes_total") == std::to_string(book->posts[0].request.body->size()));
  CHECK(own("sent_batch_duration_seconds_count") == "4");
}

TEST_CASE_METHOD(endpoint_fixture, "the receiver's Retry-After is kept to") {
  start();
  book->script = [this](const test::posted&) { return posts() == 1 ? response_of(503, "", "20") : response_of(204); };
  take(1, 10);
  advance(19'999ms);
  CHECK(posts() == 1);
  advance(1ms);
  CHECK(posts() == 2);
  CHECK(status().samples_delivered == 10);
}

TEST_CASE_METHOD(endpoint_fixture, "what the receiver refuses is counted and not sent again") {
  start();
  answer_all_with(403);
  take(1, 10);
  advance(1h);
  CHECK(posts() == 1);
  CHECK(status().samples_failed == 10);
  CHECK(status().samples_pending == 0);
  CHECK(status().last_error == "server returned HTTP status 403: no");
  CHECK(own("samples_failed_total") == "10");
  answer_all_with(204);
  take(1, 10);
  CHECK(status().samples_delivered == 10);
  CHECK(status().last_error.empty());
}

TEST_CASE_METHOD(endpoint_fixture, "429 is retried only when the configuration says so") {
  auto retry = GENERATE(false, true);
  settings.config.queue_config.retry_on_http_429 = retry;
  start();
  answer_all_with(429);
  take(1, 10);
  advance(30ms);
  CHECK(posts() == (retry ? 2 : 1));
  CHECK(status().samples_failed == (retry ? 0 : 10));
}

TEST_CASE_METHOD(endpoint_fixture, "a source's next batch waits for the last one, another source does not") {
  settings.config.queue_config.min_shards = 5;
  start();
  hold_answers();
  take(1, 10);
  take(1, 10);
  take(2, 10);
  REQUIRE(posts() == 2);
  CHECK(book->posts[0].samples[0].labels[2].second == "1");
  CHECK(book->posts[1].samples[0].labels[2].second == "2");
  answer(0, response_of(500));
  advance(10ms);
  CHECK(posts() == 2);
  advance(20ms);
  REQUIRE(posts() == 3);
  CHECK(book->posts[2].request.body == book->posts[0].request.body);
  answer(2, response_of(204));
  CHECK(posts() == 4);
}

TEST_CASE_METHOD(endpoint_fixture, "what was asked of a client that was replaced is asked of the new one") {
  start();
  hold_answers();
  take(1, 10);
  REQUIRE(posts() == 1);
  auto fresh = std::make_shared<test::receiver_book>();
  rollcall::services changed;
  changed.http = {adopt(system().spawn(test::write_receiver, fresh))};
  tell(endpoint, use_services{std::make_shared<const rollcall::services>(changed)});
  advance(30ms);
  REQUIRE(fresh->posts.size() == 1);
  CHECK(fresh->posts[0].request.body == book->posts[0].request.body);
  CHECK(status().samples_delivered == 10);
  answer(0, response_of(204));
  CHECK(status().samples_delivered == 10);
}

TEST_CASE_METHOD(endpoint_fixture, "services that leave the client as it is do not make anything be sent twice") {
  start();
  hold_answers();
  take(1, 10);
  tell(endpoint, use_services{std::make_shared<const rollcall::services>(services)});
  advance(20s);
  CHECK(posts() == 1);
}

TEST_CASE_METHOD(endpoint_fixture, "a request whose answer never comes is sent again after its timeout and a grace") {
  start();
  hold_answers();
  take(1, 10);
  advance(39'999ms);
  CHECK(posts() == 1);
  advance(1ms + 30ms);
  REQUIRE(posts() == 2);
  answer(0, response_of(204));
  CHECK(status().samples_pending == 10);
  answer(1, response_of(204));
  CHECK(status().samples_delivered == 10);
}

TEST_CASE_METHOD(endpoint_fixture, "a flush sends without waiting and answers when all is delivered") {
  start();
  CHECK(ask<flushed>(endpoint, flush{1min}).samples_left == 0);
  hold_answers();
  take(1, 3);
  auto first = begin_ask<flushed>(endpoint, flush{1min});
  REQUIRE(posts() == 1);
  CHECK(!first->answer);
  take(2, 2);  // What comes during a flush does not wait either.
  auto second = begin_ask<flushed>(endpoint, flush{1min});
  answer(0, response_of(204));
  REQUIRE(posts() == 2);
  CHECK(!first->answer);
  answer(1, response_of(204));
  REQUIRE(first->answer);
  CHECK(first->answer->samples_left == 0);
  REQUIRE(second->answer);
  take(3, 1);
  CHECK(posts() == 2);
}

TEST_CASE_METHOD(endpoint_fixture, "a flush whose time is over tells how much is left, and delivery goes on") {
  start();
  answer_all_with(503);
  take(1, 13);
  auto pending = begin_ask<flushed>(endpoint, flush{10s});
  advance(9'999ms);
  CHECK(!pending->answer);
  advance(1ms);
  REQUIRE(pending->answer);
  CHECK(pending->answer->samples_left == 13);
  answer_all_with(204);
  advance(20s);
  CHECK(status().samples_delivered == 13);
}

TEST_CASE_METHOD(endpoint_fixture, "other settings hold for what comes after them, and nothing is lost") {
  start();
  take(1, 3);
  CHECK(own("max_samples_per_send") == "10");
  auto changed = settings;
  changed.external_labels = labels::of({{"dc", "eu"}});
  changed.config.queue_config.max_samples_per_send = 2;
  changed.config.headers = {{"X-New", "1"}};
  tell(endpoint, reload_endpoint{std::make_shared<const write_settings>(changed)});
  REQUIRE(posts() == 1);
  CHECK(book->posts[0].header("X-New") == "1");
  CHECK(book->posts[0].samples.size() == 3);
  CHECK(book->posts[0].samples[0].labels.size() == 4);
  take(1, 2);
  REQUIRE(posts() == 2);
  CHECK(book->posts[1].samples[0].labels[1] == std::pair<std::string, std::string>("dc", "eu"));
  CHECK(own("max_samples_per_send") == "2");
  CHECK(status().samples_delivered == 5);
}

TEST_CASE_METHOD(endpoint_fixture, "write relabeling and the age limit leave samples out and count them") {
  settings.config.queue_config.sample_age_limit = 60s;
  relabel::rule_config rule;
  rule.action = relabel::action::drop;
  rule.source_labels = {"i"};
  rule.regex = "[0-3]";
  settings.config.write_relabel_configs = {rule};
  start();
  take(1, 6);
  tell(endpoint, samples{plain_batch(2, wall_clock() - 60'001, 5)});
  advance(5s);
  REQUIRE(posts() == 1);
  CHECK(book->posts[0].samples.size() == 2);
  CHECK(status().samples_dropped == 9);
  // The series that relabeling drops have no age.
  CHECK(metric("prometheus_remote_storage_samples_dropped_total{reason=\"dropped_series\"") == "8");
  CHECK(metric("prometheus_remote_storage_samples_dropped_total{reason=\"too_old\"") == "1");
}

TEST_CASE_METHOD(endpoint_fixture, "samples that become too old while the receiver is down are dropped and counted") {
  settings.config.queue_config.sample_age_limit = 60s;
  start();
  answer_all_with(503);
  take(1, 10);
  advance(70s);
  CHECK(status().samples_dropped == 10);
  CHECK(status().samples_pending == 0);
}

TEST_CASE_METHOD(endpoint_fixture, "beyond the queue's bound the oldest samples are dropped and counted") {
  bounds.queue_samples_min = 30;
  settings.config.queue_config.capacity = 1;
  settings.config.queue_config.max_shards = 1;
  start();
  hold_answers();
  for (int i = 0; i < 6; ++i) take(1, 10);
  CHECK(status().samples_pending == 30);
  CHECK(status().samples_dropped == 30);
  book->script = [](const test::posted&) { return response_of(204); };
  answer(0, response_of(204));
  CHECK(status().samples_delivered == 30);
}

TEST_CASE_METHOD(endpoint_fixture, "after a crash a new endpoint delivers what the old one had taken") {
  start();
  hold_answers();
  take(1, 10);  // under way
  take(1, 10);  // queued
  take(1, 4);   // begun
  auto life = watch(endpoint);
  series::scrape_batch impossible = *plain_batch(2, wall_clock(), 3);
  impossible.parts[0].values.push_back(0);
  tell(endpoint, samples{std::make_shared<const series::scrape_batch>(impossible)});
  REQUIRE(life.ended());
  CHECK(life.error().find("assertion failed") != std::string::npos);
  book->posts.clear();
  book->script = [](const test::posted&) { return response_of(204); };
  start_again();
  advance(5s);
  CHECK(posts() == 3);
  CHECK(book->samples().size() == 24);
  CHECK(status().samples_delivered == 24);
  CHECK(own("samples_pending") == "0");
}

TEST_CASE_METHOD(endpoint_fixture, "the number of requests under way grows while there is a backlog") {
  start();
  hold_answers();
  for (uint64_t source = 1; source <= 100; ++source) take(source, 10);
  CHECK(posts() == 1);
  for (size_t i = 0; i < 40; ++i) answer(i, response_of(204));
  CHECK(posts() > 45);
  auto shards = std::stoul(own("shards"));
  CHECK(posts() - 40 == shards);
}

// -- remote_write 2.0 and metadata ------------------------------------------------------------------------------------

namespace {

// An endpoint that is to send messages of version 2.
class version_2_fixture : public endpoint_fixture {
 public:
  version_2_fixture() { settings.config.protobuf_message = write_message::v2; }

  static http::response wrote(size_t samples) {
    auto response = response_of(204);
    response.headers = {{"x-prometheus-remote-write-samples-written", std::to_string(samples)}};
    return response;
  }
  std::string version(size_t post) const { return book->posts.at(post).header("X-Prometheus-Remote-Write-Version"); }
};

// A receiver of version 1 that looks at the content type.
std::optional<http::response> only_version_1(const test::posted& post) {
  return post.header("X-Prometheus-Remote-Write-Version") == "0.1.0" ? response_of(204) : response_of(415, "what?");
}

}  // namespace

TEST_CASE_METHOD(version_2_fixture, "version 2 is announced, and the receiver is asked what it has written") {
  book->script = [](const test::posted& post) { return wrote(post.samples.size()); };
  start();
  take(1, 10);
  REQUIRE(posts() == 1);
  const auto& post = book->posts[0];
  CHECK(post.header("Content-Type") == "application/x-protobuf;proto=io.prometheus.write.v2.Request");
  CHECK(post.header("X-Prometheus-Remote-Write-Version") == "2.0.0");
  CHECK(post.header("Content-Encoding") == "snappy");
  CHECK(post.request.request->wanted_headers.size() == 3);
  CHECK(post.samples.size() == 10);
  CHECK(status().samples_delivered == 10);
  CHECK(status().last_error.empty());
}

TEST_CASE_METHOD(version_2_fixture, "a receiver that does not understand version 2 gets all of it in version 1") {
  settings.config.queue_config.min_shards = 5;
  hold_answers();
  start();
  for (uint64_t source : {1, 2}) take(source, 10);
  REQUIRE(posts() == 2);
  book->script = only_version_1;
  for (size_t post : {0, 1}) answer(post, response_of(415, "what?"));
  take(1, 10);
  advance(1s);
  REQUIRE(posts() == 5);
  for (size_t post : {2, 3, 4}) CHECK(version(post) == "0.1.0");
  CHECK(book->posts[2].header("Retry-Attempt") == "1");
  CHECK(status().samples_delivered == 30);
  CHECK(status().samples_failed == 0);
  CHECK(own("samples_retried_total") == "20");
  CHECK(status().last_error.empty());
}

TEST_CASE_METHOD(version_2_fixture, "a receiver that accepts without a word is taken for one of version 1") {
  start();
  take(1, 10);
  advance(1s);
  REQUIRE(posts() == 2);
  CHECK(version(0) == "2.0.0");
  CHECK(version(1) == "0.1.0");
  CHECK(status().samples_delivered == 10);
}

TEST_CASE_METHOD(version_2_fixture, "after a reload a receiver may understand version 2 after all") {
  book->script = only_version_1;
  start();
  take(1, 10);
  advance(1s);
  settings.config.remote_timeout = 20s;
  tell(endpoint, reload_endpoint{std::make_shared<const write_settings>(settings)});
  book->script = [](const test::posted& post) { return wrote(post.samples.size()); };
  take(1, 10);
  REQUIRE(posts() == 3);
  CHECK(version(2) == "2.0.0");
  CHECK(status().samples_delivered == 20);
}

TEST_CASE_METHOD(version_2_fixture, "what a receiver has not written of a batch is counted and told, not sent again") {
  book->script = [](const test::posted&) { return wrote(7); };
  start();
  take(1, 10);
  advance(1h);
  CHECK(posts() == 1);
  CHECK(status().samples_delivered == 7);
  CHECK(status().samples_failed == 3);
  CHECK(own("samples_failed_total") == "3");
  CHECK_FALSE(status().last_error.empty());
}

TEST_CASE_METHOD(endpoint_fixture, "metadata is sent each interval beside the samples, and retried on its own") {
  auto table = std::make_shared<const series::metadata_table>(
      series::metadata_table{{"m", exposition::metric_type::gauge, "Help.", ""}});
  auto batch = *plain_batch(1, wall_clock(), 10);
  batch.metadata = table;
  book->keeps_bodies_only = true;
  start();
  tell(endpoint, samples{std::make_shared<const series::scrape_batch>(batch)});
  REQUIRE(posts() == 1);
  answer_all_with(503);
  advance(1min);
  REQUIRE(posts() == 2);
  CHECK(book->posts[1].header("Content-Type") == "application/x-protobuf");
  CHECK(test::uncompressed(*book->posts[1].request.body) == "\x1A\x0C\x08\x02\x12\x01m\x22\x05Help.");
  answer_all_with(204);
  advance(1s);
  REQUIRE(posts() == 3);
  CHECK(book->posts[2].request.body == book->posts[1].request.body);
  CHECK(own("metadata_total") == "2");
  CHECK(own("metadata_retried_total") == "1");
  CHECK(own("metadata_failed_total") == "0");
  CHECK(own("samples_total") == "10");
  advance(1min);
  CHECK(posts() == 4);
}

TEST_CASE_METHOD(endpoint_fixture, "metadata is not sent when it is not wanted") {
  settings.config.metadata_config.send = false;
  auto batch = *plain_batch(1, wall_clock(), 10);
  batch.metadata = std::make_shared<const series::metadata_table>(
      series::metadata_table{{"m", exposition::metric_type::gauge, "Help.", ""}});
  start();
  tell(endpoint, samples{std::make_shared<const series::scrape_batch>(batch)});
  advance(1h);
  CHECK(posts() == 1);
}

TEST_CASE_METHOD(endpoint_fixture, "a request with a series that the receiver does not want arrives without it") {
  start();
  book->script = [](const test::posted& post) {
    bool has_unwanted = std::any_of(post.samples.begin(), post.samples.end(), [](const test::wire_sample& each) {
      return std::find(each.labels.begin(), each.labels.end(), std::pair<std::string, std::string>("i", "3")) !=
             each.labels.end();
    });
    return has_unwanted ? response_of(400, "no 3") : response_of(204);
  };
  take(1, 10);
  advance(5s);
  CHECK(status().samples_delivered == 9);
  CHECK(status().samples_failed == 1);
  CHECK(status().samples_pending == 0);
  CHECK(posts() <= 1 + 2 * 4);
  CHECK(own("samples_failed_total") == "1");
  CHECK(own("samples_retried_total") == "0");
}

TEST_CASE_METHOD(endpoint_fixture, "histograms and exemplars have metrics of their own") {
  settings.config.send_native_histograms = true;
  settings.config.send_exemplars = true;
  book->keeps_bodies_only = true;
  start();
  auto target = test::made_target({{"job", "n"}});
  auto part = test::made_part({test::made_block(*target, {{{"__name__", "h"}}, {{"__name__", "m"}}})},
                              {series::histogram_value, series::to_bits(1)});
  part.histograms.push_back({0, std::make_shared<const histograms::native_histogram>()});
  part.exemplars.push_back({1, {{}, series::to_bits(1), 5}});
  hold_answers();
  tell(endpoint, samples{test::made_batch(target, 1, wall_clock(), {part})});
  advance(5s);
  for (const char* kind : {"samples", "histograms", "exemplars"}) {
    CAPTURE(kind);
    CHECK(own(std::string(kind) + "_pending") == "1");
    CHECK(own(std::string(kind) + "_total") == "1");
  }
  answer(0, response_of(403));
  for (const char* kind : {"samples", "histograms", "exemplars"}) {
    CAPTURE(kind);
    CHECK(own(std::string(kind) + "_pending") == "0");
    CHECK(own(std::string(kind) + "_failed_total") == "1");
  }
}

}  // namespace rollcall
