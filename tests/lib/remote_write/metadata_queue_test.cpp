#include "lib/remote_write/metadata_queue.hpp"

#include "tests/lib/remote_write/wire_format.hpp"

#include <catch2/catch.hpp>

#include <tuple>

namespace rollcall::remote_write {

namespace {

using namespace std::chrono_literals;
using exposition::metric_type;
using entry = std::tuple<std::string, uint64_t, std::string, std::string>;  // family, type, help, unit

std::vector<entry> decoded(const attempt& posted) {
  auto plain = test::uncompressed(*posted.body);
  std::vector<entry> all;
  for (test::wire_reader request(plain); !request.done();) {
    request.expect_tag(3, 2);
    test::wire_reader fields(request.bytes());
    uint64_t type = 0;
    if (fields.next_is(1, 0)) {
      fields.expect_tag(1, 0);
      type = fields.varint();
    }
    auto text = [&fields](uint64_t number) {
      if (!fields.next_is(number, 2)) return std::string();
      fields.expect_tag(number, 2);
      return std::string(fields.bytes());
    };
    auto family = text(2), help = text(4), unit = text(5);
    if (!fields.done()) throw std::runtime_error("an entry with an unknown field");
    all.emplace_back(family, type, help, unit);
  }
  return all;
}

series::metadata_ptr table_of(series::metadata_table table) {
  return std::make_shared<const series::metadata_table>(std::move(table));
}

metadata_queue_options options_of(uint64_t entries_max = 2000) {
  metadata_queue_options options;
  options.entries_max = entries_max;
  return options;
}

}  // namespace

TEST_CASE("all that targets say is sent each interval, each entry once") {
  metadata_queue queue(options_of());
  auto first = table_of({{"a", metric_type::counter, "What a is.", "seconds"}, {"b", metric_type::unknown, "", ""}});
  auto second = table_of({{"a", metric_type::counter, "What a is.", "seconds"}, {"a", metric_type::gauge, "", ""}});
  CHECK(queue.take_due(0s).empty());
  CHECK_FALSE(queue.next_due());
  queue.note(first);
  queue.note(second);
  queue.note(first);
  queue.note(nullptr);
  CHECK(queue.take_due(10s).empty());
  CHECK(queue.next_due() == 70s);
  CHECK(queue.take_due(69'999ms).empty());
  auto due = queue.take_due(70s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].message == message_kind::v1);
  CHECK(decoded(due[0]) == std::vector<entry>{{"a", 1, "What a is.", "seconds"}, {"a", 2, "", ""}, {"b", 0, "", ""}});
  CHECK(queue.delivered(due[0].tag));
  CHECK(queue.totals().delivered == 3);
  CHECK(queue.take_due(130s).size() == 1);
}

TEST_CASE("what nobody says any more is not sent") {
  metadata_queue queue(options_of());
  auto gone = table_of({{"a", metric_type::counter, "", ""}});
  auto kept = table_of({{"b", metric_type::counter, "", ""}});
  queue.note(gone);
  queue.note(kept);
  CHECK(queue.take_due(0s).empty());
  gone.reset();
  auto due = queue.take_due(60s);
  REQUIRE(due.size() == 1);
  CHECK(decoded(due[0]) == std::vector<entry>{{"b", 1, "", ""}});
}

TEST_CASE("requests of metadata go one after the other, and a time that comes before they are finished is left out") {
  metadata_queue queue(options_of(2));
  series::metadata_table families;
  for (const char* name : {"a", "b", "c"}) families.push_back({name, metric_type::gauge, "", ""});
  auto table = table_of(families);
  queue.note(table);
  CHECK(queue.take_due(0s).empty());
  auto first = queue.take_due(60s);
  REQUIRE(first.size() == 1);
  CHECK(first[0].samples == 2);
  CHECK(queue.take_due(61s).empty());

  CHECK(queue.failed(first[0].tag, 61s, std::nullopt));
  auto again = queue.take_due(62s);
  REQUIRE(again.size() == 1);
  CHECK(again[0].body == first[0].body);
  CHECK(again[0].repeats == 1);
  CHECK(queue.totals().retried == 2);

  CHECK(queue.refused(again[0].tag));
  CHECK(queue.totals().refused == 2);
  auto second = queue.take_due(63s);
  REQUIRE(second.size() == 1);
  CHECK(decoded(second[0]) == std::vector<entry>{{"c", 2, "", ""}});
  // The receiver takes its time.
  CHECK(queue.take_due(120s).empty());
  CHECK(queue.delivered(second[0].tag));
  CHECK(queue.take_due(121s).empty());
  CHECK(queue.take_due(180s).size() == 1);
}

}  // namespace rollcall::remote_write
