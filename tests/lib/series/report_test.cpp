#include "tests/lib/series/scrape_fixture.hpp"

using namespace rollcall;
using namespace rollcall::series;

namespace {

std::vector<std::string> series_names(const batch_part& part, const target_labels& target) {
  std::vector<std::string> names;
  for (const auto& block : *part.series) {
    for (size_t i = 0; i < block->size(); ++i) names.push_back(block->labels_of(i, target).to_string());
  }
  return names;
}

}  // namespace

TEST_CASE("pairs are encoded as remote write has them") {
  std::string out;
  encode_pair(out, "ab", "cde");
  CHECK(out == std::string("\x0A\x09\x0A\x02"
                           "ab"
                           "\x12\x03"
                           "cde",
                           11));
  auto pair = decode_pair(out);
  CHECK(pair.name == "ab");
  CHECK(pair.value == "cde");
  std::string name(200, 'n');
  std::string value(20'000, 'v');
  out.clear();
  encode_pair(out, name, value);
  CHECK(decode_pair(out) == label{name, value});
  CHECK(out.size() == 1 + 3 + 1 + 2 + 200 + 1 + 3 + 20'000);
  CHECK_THROWS(decode_pair("\x0A\x7F"));
  CHECK_THROWS(decode_pair(""));
}

TEST_CASE("target labels are found by slot and name") {
  target_labels target(labels::of({{"job", "j"}, {"instance", "i:1"}}));
  CHECK(target.size() == 2);
  CHECK(target.slot_of("instance") == 0);
  CHECK(target.slot_of("job") == 1);
  CHECK(target.slot_of("jo") == -1);
  CHECK(target.slot_of("zone") == -1);
  CHECK(target.at(1) == label{"job", "j"});
  CHECK(decode_pair(target.encoded(0)) == label{"instance", "i:1"});
  CHECK(decode_pair(target.encoded(1)) == label{"job", "j"});
  CHECK(target.slot_names() == "instance\xFFjob\xFF");
}

TEST_CASE("the report has Prometheus's series and the target's labels") {
  auto target = make_target({{"job", "j"}, {"Zone", "z"}});
  auto part = report_part(*target, {1, 0.25, 3, 4, 5}, nullptr);
  CHECK(series_names(part, *target) ==
        std::vector<std::string>{R"({Zone="z", __name__="up", job="j"})",
                                 R"({Zone="z", __name__="scrape_duration_seconds", job="j"})",
                                 R"({Zone="z", __name__="scrape_samples_scraped", job="j"})",
                                 R"({Zone="z", __name__="scrape_samples_post_metric_relabeling", job="j"})",
                                 R"({Zone="z", __name__="scrape_series_added", job="j"})"});
  CHECK(part.values == std::vector<value_bits>{to_bits(1), to_bits(0.25), to_bits(3), to_bits(4), to_bits(5)});
  CHECK(part.timestamps.empty());
}

TEST_CASE("the extra report has three more series") {
  auto target = make_target({{"job", "j"}});
  extra_report extra{10, 20, -1};
  auto part = report_part(*target, {}, &extra);
  auto names = series_names(part, *target);
  REQUIRE(names.size() == 8);
  CHECK(names[5] == R"({__name__="scrape_timeout_seconds", job="j"})");
  CHECK(names[6] == R"({__name__="scrape_sample_limit", job="j"})");
  CHECK(names[7] == R"({__name__="scrape_body_size_bytes", job="j"})");
  CHECK(part.values.size() == 8);
  CHECK(to_double(part.values[7]) == -1);
}

TEST_CASE("report series are shared by targets with the same label names") {
  auto one = make_target({{"job", "1"}});
  auto two = make_target({{"job", "2"}});
  auto other = make_target({{"task", "2"}});
  auto part = report_part(*one, {}, nullptr);
  CHECK(part.series == report_part(*two, {}, nullptr).series);
  CHECK(part.series == stale_report_part(*two, false).series);
  CHECK(part.series != report_part(*other, {}, nullptr).series);
  CHECK(series_names(stale_report_part(*two, false), *two)[0] == R"({__name__="up", job="2"})");
  CHECK(series_names(stale_report_part(*other, false), *other)[0] == R"({__name__="up", task="2"})");
}

TEST_CASE("report series of many sets of label names stay right") {
  for (int i = 0; i < 1000; ++i) {
    auto target = make_target({{"label_" + std::to_string(i), "x"}});
    CHECK(series_names(report_part(*target, {}, nullptr), *target)[0] ==
          "{__name__=\"up\", label_" + std::to_string(i) + "=\"x\"}");
  }
}

TEST_CASE("report series of targets with more labels than slots are their own") {
  auto many = [](const std::string& value) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (int i = 0; i < 300; ++i) pairs.emplace_back("label_" + std::to_string(i), value);
    return make_target(pairs);
  };
  auto one = many("1");
  auto two = many("2");
  for (const auto& target : {one, two}) {
    auto part = report_part(*target, {}, nullptr);
    label_builder expected(target->set());
    expected.set("__name__", "up");
    CHECK(series_names(part, *target)[0] == expected.build().to_string());
  }
}

TEST_CASE("a target that is gone leaves markers for its report") {
  auto target = make_target({{"job", "j"}});
  CHECK(stale_report_part(*target, false).values == std::vector<value_bits>(5, stale_marker));
  CHECK(stale_report_part(*target, true).values == std::vector<value_bits>(8, stale_marker));
}

TEST_CASE("a batch counts the samples in its parts") {
  scrape_fixture fixture;
  fixture.cache.ingest("a 1\na 2\nb 3\n", exposition::format::text, 1);
  auto result = fixture.cache.ingest("a 1\na 2\n", exposition::format::text, 2);
  auto target = fixture.cache.target();
  result.parts.push_back(report_part(*target, {}, nullptr));
  auto batch = make_batch(target, 77, 2, result.parts);
  CHECK(batch->target == target);
  CHECK(batch->source == 77);
  CHECK(batch->timestamp == 2);
  CHECK(batch->parts.size() == result.parts.size());
  CHECK(batch->samples == 1 + 1 + 5);
}
