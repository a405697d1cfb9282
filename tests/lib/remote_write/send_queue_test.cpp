#include "lib/remote_write/send_queue.hpp"

#include "lib/base/assert.hpp"
#include "lib/remote_write/request_builder.hpp"
#include "tests/lib/remote_write/made_batch.hpp"

#include <catch2/catch.hpp>

#include <chrono>

namespace rollcall::remote_write {

namespace {

using namespace std::chrono_literals;

constexpr int64_t any_age = INT64_MIN;

struct made {
  uint64_t samples = 10;
  size_t bytes = 100;
  int64_t newest = 1'000;
};

request request_of(std::vector<source_span> sources, made what = {}) {
  return {{what.samples, 0, 0}, {},          std::make_shared<const std::string>(what.bytes, 'x'),
          what.newest - 5,      what.newest, std::move(sources)};
}

// Whole batches: request i has batch i of its sources.
request next_of(std::vector<uint64_t> sources, uint64_t batch, made what = {}) {
  std::vector<source_span> spans;
  for (auto source : sources) spans.push_back({source, batch, batch});
  return request_of(std::move(spans), what);
}

send_queue_options options_of(uint64_t requests_min, uint64_t requests_max) {
  send_queue_options options;
  options.window.requests_min = requests_min;
  options.window.requests_max = requests_max;
  return options;
}

std::vector<uint64_t> tags(const std::vector<attempt>& attempts) {
  std::vector<uint64_t> all;
  for (const auto& attempt : attempts) all.push_back(attempt.tag);
  return all;
}

using list = std::vector<uint64_t>;

}  // namespace

TEST_CASE("an empty queue has nothing to do") {
  send_queue queue(options_of(1, 50));
  CHECK(queue.empty());
  CHECK(queue.take_due(0ms, any_age).empty());
  CHECK(!queue.next_due());
}

TEST_CASE("requests go in order, as many at once as the window allows") {
  send_queue queue(options_of(2, 50));
  for (uint64_t i = 1; i <= 4; ++i) queue.push(next_of({i}, i, {i, 100, 1'000}));
  auto due = queue.take_due(0ms, any_age);
  REQUIRE(due.size() == 2);
  CHECK(due[0].samples == 1);
  CHECK(due[1].samples == 2);
  CHECK(due[0].repeats == 0);
  CHECK(queue.take_due(0ms, any_age).empty());
  CHECK(queue.in_flight() == 2);
  CHECK(queue.samples() == 10);
  CHECK(queue.bytes() == 400);
  CHECK(queue.delivered(due[1].tag));
  CHECK(queue.samples() == 8);
  CHECK(queue.take_due(0ms, any_age).at(0).samples == 3);
}

TEST_CASE("a later batch of a source waits until the earlier one is finished") {
  send_queue queue(options_of(50, 50));
  queue.push(next_of({1, 2}, 1));
  queue.push(next_of({2, 3}, 2));
  queue.push(next_of({3, 4}, 3));
  queue.push(next_of({5}, 4));
  auto first = queue.take_due(0ms, any_age);
  CHECK(tags(first) == list{1, 2});  // sources {1, 2} and {5}
  CHECK(queue.delivered(1));
  CHECK(queue.take_due(0ms, any_age).size() == 1);
  CHECK(queue.in_flight() == 2);
  SECTION("delivered") { CHECK(queue.delivered(3)); }
  SECTION("refused") { CHECK(queue.refused(3)); }
  CHECK(queue.take_due(0ms, any_age).size() == 1);
}

TEST_CASE("parts of one batch go at the same time, the source's next batch after all of them") {
  send_queue queue(options_of(50, 50));
  queue.push(request_of({{1, 1, 1}}));
  queue.push(request_of({{1, 1, 1}}));
  queue.push(request_of({{1, 1, 2}}));
  queue.push(request_of({{1, 2, 2}}));
  queue.push(request_of({{1, 2, 2}}));
  CHECK(tags(queue.take_due(0ms, any_age)) == list{1, 2});
  queue.delivered(2);
  CHECK(queue.take_due(0ms, any_age).empty());
  queue.delivered(1);
  CHECK(tags(queue.take_due(0ms, any_age)) == list{3});
  queue.delivered(3);
  CHECK(tags(queue.take_due(0ms, any_age)) == list{4, 5});
}

TEST_CASE("a failed request is sent again after a backoff that doubles, before anything later of its sources") {
  send_queue queue(options_of(4, 4));
  queue.push(next_of({1}, 1));
  queue.push(next_of({1}, 2));
  auto now = 0ms;
  auto due = queue.take_due(now, any_age);
  REQUIRE(due.size() == 1);
  auto body = due[0].body;
  uint64_t repeats = 0;
  for (auto sleep : {30ms, 60ms, 120ms, 240ms, 480ms, 960ms, 1920ms, 3840ms, 5000ms, 5000ms}) {
    CHECK(queue.failed(due[0].tag, now, std::nullopt));
    CHECK(queue.next_due() == now + sleep);
    CHECK(queue.take_due(now + sleep - 1ms, any_age).empty());
    now += sleep;
    due = queue.take_due(now, any_age);
    REQUIRE(due.size() == 1);
    CHECK(due[0].body == body);
    CHECK(due[0].repeats == ++repeats);
  }
  CHECK(queue.delivered(due[0].tag));
  CHECK(queue.totals().retried == 100);
  CHECK(queue.totals().attempted == 110);
  CHECK(queue.totals().delivered == 10);
  CHECK(queue.take_due(now, any_age).size() == 1);
}

TEST_CASE("the receiver's Retry-After takes the place of the backoff, within reason") {
  send_queue queue(options_of(1, 1));
  queue.push(next_of({1}, 1));
  queue.failed(queue.take_due(0ms, any_age).at(0).tag, 0ms, 20s);
  CHECK(queue.next_due() == 20s);
  CHECK(queue.take_due(19'999ms, any_age).empty());
  auto due = queue.take_due(20s, any_age);
  REQUIRE(due.size() == 1);
  queue.failed(due[0].tag, 20s, std::nullopt);
  CHECK(queue.next_due() == 25s);
  due = queue.take_due(25s, any_age);
  REQUIRE(due.size() == 1);
  queue.failed(due[0].tag, 25s, std::chrono::hours(24 * 365));
  CHECK(queue.next_due() == 25s + std::chrono::hours(1));
}

TEST_CASE("a failure makes everything pause, and the pause doubles while nothing succeeds") {
  send_queue queue(options_of(1, 1));
  for (uint64_t i = 1; i <= 9; ++i) queue.push(next_of({i}, i));
  auto now = 0ms;
  size_t attempts = 0;
  for (; now < 60s; now += 10ms) {
    for (auto tag : tags(queue.take_due(now, any_age))) {
      ++attempts;
      queue.failed(tag, now, std::nullopt);
    }
  }
  // 30 ms, 60 ms ... 3.84 s is 7.65 s of pauses, then one probe every 5 s.
  CHECK(attempts == 19);
  CHECK(queue.totals().dropped_queue_full == 0);
  CHECK(queue.samples() == 90);
}

TEST_CASE("a request that the receiver always chokes on does not hold up other sources") {
  send_queue queue(options_of(1, 1));
  queue.push(next_of({1}, 1, {7, 100, 1'000}));
  for (uint64_t i = 2; i <= 100; ++i) queue.push(next_of({i}, i));
  for (auto now = 0ms; now < 10s; now += 10ms) {
    for (const auto& attempt : queue.take_due(now, any_age)) {
      if (attempt.samples == 7) {
        queue.failed(attempt.tag, now, std::nullopt);
      } else {
        queue.delivered(attempt.tag);
      }
    }
  }
  CHECK(queue.totals().delivered == 990);
  CHECK(queue.samples() == 7);
}

TEST_CASE("what the receiver refuses is dropped, counted, and nothing pauses") {
  send_queue queue(options_of(1, 1));
  queue.push(next_of({1}, 1, {3, 40, 1'500}));
  queue.push(next_of({1}, 2, {4, 50, 1'700}));
  CHECK(queue.refused(queue.take_due(0ms, any_age).at(0).tag));
  CHECK(queue.totals().refused == 3);
  CHECK(queue.totals().bytes == 40);
  CHECK(queue.totals().timestamp_highest == 1'500);
  CHECK(queue.delivered(queue.take_due(0ms, any_age).at(0).tag));
  CHECK(queue.totals().delivered == 4);
  CHECK(queue.totals().bytes == 90);
  CHECK(queue.totals().timestamp_highest == 1'700);
  CHECK(queue.empty());
}

TEST_CASE("an answer counts once, and only while its attempt is under way") {
  send_queue queue(options_of(1, 1));
  queue.push(next_of({1}, 1));
  auto first = queue.take_due(0ms, any_age).at(0).tag;
  CHECK(queue.failed(first, 0ms, std::nullopt));
  CHECK(!queue.delivered(first));
  CHECK(!queue.refused(first));
  CHECK(!queue.failed(first, 0ms, std::nullopt));
  auto second = queue.take_due(30ms, any_age).at(0).tag;
  CHECK(second != first);
  CHECK(!queue.delivered(first));
  CHECK(queue.delivered(second));
  CHECK(!queue.delivered(second));
  CHECK(queue.totals().delivered == 10);
}

TEST_CASE("without room the oldest requests that are not under way are dropped and counted") {
  auto options = options_of(1, 1);
  SECTION("samples") { options.samples_max = 30; }
  SECTION("bytes") { options.bytes_max = 300; }
  send_queue queue(options);
  queue.push(next_of({1}, 1));
  auto under_way = queue.take_due(0ms, any_age).at(0).tag;
  for (uint64_t i = 2; i <= 5; ++i) queue.push(next_of({1}, i, {10, 100, 1'000 + static_cast<int64_t>(i)}));
  CHECK(queue.samples() == 30);
  CHECK(queue.totals().dropped_queue_full == 20);
  queue.delivered(under_way);
  // What is left is the newest, still in order.
  for (uint64_t i = 4; i <= 5; ++i) {
    auto due = queue.take_due(0ms, any_age);
    REQUIRE(due.size() == 1);
    queue.delivered(due[0].tag);
    CHECK(queue.totals().timestamp_highest == 1'000 + static_cast<int64_t>(i));
  }
  CHECK(queue.empty());
}

TEST_CASE("the newest request is kept even when it alone is too much") {
  auto options = options_of(1, 1);
  options.samples_max = 5;
  send_queue queue(options);
  queue.push(next_of({1}, 1));
  CHECK(queue.samples() == 10);
  queue.push(next_of({1}, 2));
  CHECK(queue.samples() == 10);
  CHECK(queue.totals().dropped_queue_full == 10);
  CHECK(queue.take_due(0ms, any_age).size() == 1);
}

TEST_CASE("a request whose newest sample is too old is dropped when its turn comes, also between two attempts") {
  send_queue queue(options_of(1, 1));
  queue.push(next_of({1}, 1, {1, 100, 500}));
  queue.push(next_of({1}, 2, {2, 100, 999}));
  queue.push(next_of({1}, 3, {4, 100, 1'000}));
  auto due = queue.take_due(0ms, 500);
  REQUIRE(due.size() == 1);
  queue.failed(due[0].tag, 0ms, std::nullopt);
  due = queue.take_due(30ms, 1'000);
  REQUIRE(due.size() == 1);
  CHECK(due[0].samples == 4);
  CHECK(queue.totals().dropped_too_old == 3);
}

TEST_CASE("a request without answer is sent again after the time for one") {
  auto options = options_of(1, 1);
  options.answer_timeout = 40s;
  send_queue queue(options);
  queue.push(next_of({1}, 1));
  auto lost = queue.take_due(0ms, any_age).at(0).tag;
  CHECK(queue.next_due() == 40s);
  CHECK(queue.take_due(40s - 1ms, any_age).empty());
  CHECK(queue.take_due(40s, any_age).empty());
  CHECK(queue.next_due() == 40s + 30ms);
  CHECK(queue.take_due(40s + 30ms, any_age).at(0).repeats == 1);
  CHECK(!queue.delivered(lost));
}

TEST_CASE("when nobody will answer any more, all that was under way is sent again in order") {
  send_queue queue(options_of(4, 4));
  for (uint64_t i = 1; i <= 4; ++i) queue.push(next_of({i % 2}, i, {i, 100, 1'000}));
  CHECK(queue.take_due(0ms, any_age).size() == 2);
  queue.fail_all(5ms);
  CHECK(queue.in_flight() == 0);
  CHECK(queue.next_due() == 35ms);
  auto again = queue.take_due(35ms, any_age);
  REQUIRE(again.size() == 2);
  CHECK(again[0].samples == 1);
  CHECK(again[1].samples == 2);
}

TEST_CASE("other options take effect on what is queued") {
  send_queue queue(options_of(1, 1));
  for (uint64_t i = 1; i <= 6; ++i) queue.push(next_of({i}, i));
  CHECK(queue.take_due(0ms, any_age).size() == 1);
  auto options = options_of(3, 3);
  options.samples_max = 50;
  queue.reconfigure(options);
  CHECK(queue.samples() == 50);
  CHECK(queue.take_due(0ms, any_age).size() == 2);
}

TEST_CASE("the window grows by one a round while more is waiting, and halves once per pause") {
  send_window window({2, 8, 30ms, 5s});
  CHECK(window.size() == 2);
  for (int i = 0; i < 100; ++i) window.succeeded(false);
  CHECK(window.size() == 2);
  for (int i = 0; i < 3; ++i) window.succeeded(true);
  CHECK(window.size() == 3);
  for (int i = 0; i < 100; ++i) window.succeeded(true);
  CHECK(window.size() == 8);
  for (int i = 0; i < 5; ++i) window.failed(0ms, std::nullopt);
  CHECK(window.size() == 4);
  CHECK(!window.open(29ms));
  CHECK(window.open(30ms));
  window.failed(30ms, std::nullopt);
  window.failed(90ms, std::nullopt);
  CHECK(window.size() == 2);
  CHECK(window.opens_at() == 210ms);
  window.succeeded(true);
  CHECK(window.open(91ms));
  window.failed(100ms, std::nullopt);
  CHECK(window.opens_at() == 130ms);
  CHECK_THROWS_AS(send_window({3, 2, 30ms, 5s}), assertion_failure);
}

TEST_CASE("what the receiver has not written of a delivered request counts as refused, by kind") {
  send_queue queue({});
  auto mixed = next_of({1}, 1);
  static_cast<item_counts&>(mixed) = {10, 3, 2};
  queue.push(mixed);
  auto due = queue.take_due(0ms, any_age);
  REQUIRE(due.size() == 1);
  REQUIRE(queue.under_way(due[0].tag) != nullptr);
  CHECK(queue.under_way(due[0].tag)->histograms == 3);
  // It claims more exemplars than there were.
  CHECK(queue.delivered(due[0].tag, item_counts{4 + 1 + 9, 1, 9}));
  const auto& totals = queue.totals();
  CHECK(totals.delivered == 7);
  CHECK(totals.refused == 3);
  CHECK(totals.histograms.delivered == 1);
  CHECK(totals.histograms.refused == 2);
  CHECK(totals.exemplars.delivered == 2);
  CHECK(totals.exemplars.refused == 0);
  CHECK(queue.counts() == item_counts{});
  CHECK(queue.under_way(due[0].tag) == nullptr);
}

TEST_CASE("of a refused request, what was written all the same counts as delivered") {
  send_queue queue({});
  queue.push(next_of({1}, 1));
  auto due = queue.take_due(0ms, any_age);
  CHECK(queue.refused(due.at(0).tag, item_counts{4, 0, 0}));
  CHECK(queue.totals().delivered == 4);
  CHECK(queue.totals().refused == 6);
}

TEST_CASE("a request of version 2 is rewritten for a receiver that understands version 1 only, and keeps its place") {
  auto options = options_of(1, 1);
  send_queue queue(options);
  request_builder_options building;
  building.message = message_kind::v2;
  request_builder second(building), first({});
  for (auto* builder : {&first, &second}) builder->append(*test::plain_batch(1, 1'000, 3), 0, [](request) {});
  auto made = second.cut();
  queue.push(made);
  auto due = queue.take_due(0ms, any_age);
  REQUIRE(due.size() == 1);
  CHECK(due[0].message == message_kind::v2);
  CHECK(due[0].body == made.body);

  options.form.message = message_kind::v1;
  queue.reconfigure(options);
  CHECK(queue.failed(due[0].tag, 0ms, std::nullopt));
  auto again = queue.take_due(1s, any_age);
  REQUIRE(again.size() == 1);
  CHECK(again[0].message == message_kind::v1);
  CHECK(*again[0].body == *first.cut().body);
  CHECK(queue.under_way(again[0].tag)->message == message_kind::v1);
  CHECK(queue.bytes() == again[0].body->size());
  CHECK(queue.delivered(again[0].tag));
  CHECK(queue.totals().delivered == 3);
  CHECK(queue.bytes() == 0);
}

TEST_CASE("a request in zstd is put into snappy for a receiver that reads nothing else, and keeps its place") {
  auto options = options_of(1, 1);
  send_queue queue(options);
  request_builder_options building;
  building.compression = compression::zstd;
  request_builder in_zstd(building), in_snappy({});
  for (auto* builder : {&in_zstd, &in_snappy}) builder->append(*test::plain_batch(1, 1'000, 3), 0, [](request) {});
  queue.push(in_zstd.cut());
  queue.push(next_of({1}, 2));
  auto due = queue.take_due(0ms, any_age);
  REQUIRE(due.size() == 1);
  CHECK(due[0].compression == compression::zstd);

  options.form = {};
  queue.reconfigure(options);
  CHECK(queue.failed(due[0].tag, 0ms, std::nullopt));
  auto again = queue.take_due(1s, any_age);
  REQUIRE(again.size() == 1);
  CHECK(again[0].form() == wire_form());
  CHECK(*again[0].body == *in_snappy.cut().body);
  CHECK(queue.bytes() == again[0].body->size() + 100);
  CHECK(queue.delivered(again[0].tag));
  CHECK(queue.take_due(1s, any_age).size() == 1);
}

TEST_CASE("a receiver of zstd gets what is queued in snappy as it is") {
  auto options = options_of(1, 1);
  options.form = {message_kind::v1, compression::zstd};
  send_queue queue(options);
  auto queued = next_of({1}, 1);
  queue.push(queued);
  auto due = queue.take_due(0ms, any_age);
  REQUIRE(due.size() == 1);
  CHECK(due[0].form() == wire_form());
  CHECK(due[0].body == queued.body);
}

TEST_CASE("a request of which version 1 can say nothing is dropped, and those behind it go on") {
  auto options = options_of(1, 1);
  options.form.message = message_kind::v1;
  send_queue queue(options);
  auto target = test::made_target({{"job", "n"}});
  auto part = test::made_part({test::made_block(*target, {{{"__name__", "h"}}})}, {series::histogram_value});
  histograms::native_histogram histogram;
  histogram.schema = histograms::custom_buckets_schema;
  part.histograms.push_back({0, std::make_shared<const histograms::native_histogram>(histogram)});
  request_builder_options building;
  building.message = message_kind::v2;
  building.send_native_histograms = true;
  request_builder builder(building);
  builder.append(*test::made_batch(target, 1, 1'000, {part}), 0, [](request) {});
  auto unspeakable = builder.cut();
  unspeakable.sequence = 7;
  queue.push(unspeakable);
  queue.push(next_of({1}, 2));
  auto due = queue.take_due(0ms, any_age);
  REQUIRE(due.size() == 1);
  CHECK(due[0].samples == 10);
  CHECK(queue.totals().dropped_custom_buckets == 1);
  CHECK(queue.take_finished() == std::vector<finished_request>{{7, ending::dropped}});
  CHECK(queue.counts() == item_counts{10, 0, 0});
}

namespace {

// Real ones, whose series can be told apart.
request of_series(uint64_t source, size_t series, uint64_t sequence = 0, message_kind message = message_kind::v1) {
  request_builder_options options;
  options.message = message;
  request_builder builder(options);
  builder.append(*test::plain_batch(source, 1'000, series), 0, [](request) {});
  auto made = builder.cut();
  made.sequence = sequence;
  return made;
}

attempt only_due(send_queue& queue) {
  auto due = queue.take_due(0ms, any_age);
  REQUIRE(due.size() == 1);
  return due.front();
}

}  // namespace

TEST_CASE("what is refused for the sake of a series is sent in parts, in its place, and only that stays behind") {
  send_queue queue(options_of(50, 50));
  queue.push(of_series(1, 4, 7));
  queue.push(next_of({1}, 2));
  auto whole = only_due(queue);
  CHECK(queue.refused(whole.tag, {}, blame::series));
  CHECK(queue.counts() == item_counts{14, 0, 0});
  auto first_half = only_due(queue);
  CHECK(first_half.samples == 2);
  CHECK(first_half.repeats == 0);
  CHECK(queue.refused(first_half.tag, {}, blame::series));
  auto second_half = only_due(queue);
  CHECK(queue.take_narrowed().empty());
  CHECK(queue.delivered(second_half.tag));
  auto narrowed = queue.take_narrowed();
  REQUIRE(narrowed.size() == 1);
  CHECK(narrowed[0].sequence == 7);
  CHECK(narrowed[0].samples == 2);
  auto first = only_due(queue);
  CHECK(first.samples == 1);
  CHECK(queue.delivered(first.tag));
  CHECK(queue.totals().delivered == 3);
  CHECK(queue.counts() == item_counts{11, 0, 0});
  auto second = only_due(queue);
  CHECK(queue.take_finished().empty());
  CHECK(queue.refused(second.tag, {}, blame::series));
  CHECK(queue.take_narrowed().back().samples == 1);
  CHECK(queue.take_finished() == std::vector<finished_request>{{7, ending::refused}});
  CHECK(queue.totals().refused == 1);
  CHECK(queue.totals().attempted == 4 + 2 + 2 + 1 + 1);
  // What waited for it goes now.
  CHECK(only_due(queue).samples == 10);
  CHECK(queue.bytes() == 100);
}

TEST_CASE("a part that fails is sent again") {
  send_queue queue(options_of(50, 50));
  queue.push(of_series(1, 4));
  CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  auto half = only_due(queue);
  CHECK(queue.failed(half.tag, 0ms, std::nullopt));
  auto again = queue.take_due(30ms, any_age);
  REQUIRE(again.size() == 1);
  CHECK(again[0].body == half.body);
  CHECK(again[0].repeats == 1);
  CHECK(queue.delivered(again[0].tag));
  CHECK(queue.delivered(queue.take_due(30ms, any_age).at(0).tag));
  CHECK(queue.empty());
  CHECK(queue.totals().delivered == 4);
  CHECK(queue.totals().refused == 0);
}

TEST_CASE("a receiver that wants nothing is asked in parts again when it has accepted something") {
  send_queue queue(options_of(50, 50));
  auto posts_until_refused = [&](uint64_t source) {
    queue.push(of_series(source, 64, source));
    size_t posts = 0;
    for (; !queue.empty(); ++posts) queue.refused(only_due(queue).tag, {}, blame::series);
    CHECK(queue.take_finished() == std::vector<finished_request>{{source, ending::refused}});
    return posts;
  };
  CHECK(posts_until_refused(1) == 7);
  CHECK(posts_until_refused(2) == 1);
  CHECK(queue.totals().refused == 128);
  CHECK(queue.take_narrowed().empty());
  queue.push(next_of({3}, 1));
  CHECK(queue.delivered(only_due(queue).tag));
  CHECK(posts_until_refused(4) == 7);
}

TEST_CASE("what cannot be divided, or is refused while others are accepted, says nothing about the receiver") {
  send_queue queue(options_of(50, 50));
  queue.push(of_series(1, 1, 1));
  CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  queue.push(of_series(2, 64, 2));
  for (int parts = 0; parts < 6; ++parts) CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  queue.push(next_of({3}, 1));
  auto due = queue.take_due(0ms, any_age);
  REQUIRE(due.size() == 2);
  CHECK(queue.delivered(due[1].tag));
  CHECK(queue.refused(due[0].tag, {}, blame::series));
  CHECK(queue.take_finished() == std::vector<finished_request>{{1, ending::refused}, {2, ending::refused}});
  queue.push(of_series(4, 2, 4));
  CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  CHECK(only_due(queue).samples == 1);
}

TEST_CASE("a receiver that has written some of a part has chosen, and the search goes on with the others") {
  send_queue queue(options_of(50, 50));
  queue.push(of_series(1, 8, 7));
  CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  CHECK(queue.refused(only_due(queue).tag, item_counts{3, 0, 0}));
  CHECK(queue.totals().delivered == 3);
  CHECK(queue.totals().refused == 1);
  CHECK(queue.delivered(only_due(queue).tag));
  CHECK(queue.take_narrowed().at(0).samples == 4);
  CHECK(queue.take_finished() == std::vector<finished_request>{{7, ending::refused}});
  CHECK(queue.totals().delivered == 7);
  CHECK(queue.totals().refused == 1);
}

TEST_CASE("a refusal that is about no series ends the search") {
  send_queue queue(options_of(50, 50));
  queue.push(of_series(1, 4, 7));
  CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  CHECK(queue.delivered(only_due(queue).tag));
  CHECK(queue.refused(only_due(queue).tag, {}, blame::request));
  CHECK(queue.take_finished() == std::vector<finished_request>{{7, ending::refused}});
  CHECK(queue.totals().delivered == 2);
  CHECK(queue.totals().refused == 2);
  CHECK(queue.empty());
}

TEST_CASE("a request that is sent in parts can be dropped for lack of room, or when it is too old") {
  auto options = options_of(50, 50);
  send_queue queue(options);
  queue.push(of_series(1, 4, 7));
  CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  CHECK(queue.delivered(only_due(queue).tag));
  SECTION("lack of room") {
    options.samples_max = 10;
    queue.reconfigure(options);
    queue.push(next_of({2}, 1));
    CHECK(queue.totals().dropped_queue_full == 2);
  }
  SECTION("too old") {
    CHECK(queue.take_due(0ms, 2'000).empty());
    CHECK(queue.totals().dropped_too_old == 2);
  }
  CHECK(queue.take_finished() == std::vector<finished_request>{{7, ending::dropped}});
  CHECK(queue.totals().delivered == 2);
}

TEST_CASE("a receiver may turn out to understand less while a request is sent in parts") {
  auto options = options_of(50, 50);
  send_queue queue(options);
  queue.push(of_series(1, 4, 7, message_kind::v2));
  CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  options.form = {};
  queue.reconfigure(options);
  auto second_half = only_due(queue);
  CHECK(second_half.message == message_kind::v1);
  CHECK(queue.delivered(second_half.tag));
  CHECK(queue.take_narrowed().at(0).message == message_kind::v2);
  CHECK(queue.refused(only_due(queue).tag, {}, blame::series));
  CHECK(queue.delivered(only_due(queue).tag));
  auto rest = queue.take_narrowed();
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].message == message_kind::v1);
  CHECK(rest[0].samples == 1);
  CHECK(queue.empty());
}

}  // namespace rollcall::remote_write
