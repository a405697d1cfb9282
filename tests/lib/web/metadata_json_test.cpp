#include "lib/web/metadata_json.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::web;
using exposition::metric_type;

namespace {

const series::metadata_table node = {{"cpu_seconds", metric_type::counter, "Time.", "seconds"},
                                     {"up", metric_type::gauge, "", ""}};
const series::metadata_table other = {{"up", metric_type::unknown, "Says \"yes\".", ""}};

const series::target_labels a(labels::of({{"instance", "a:1"}, {"job", "node"}}));
const series::target_labels b(labels::of({{"instance", "b:1"}, {"job", "other"}}));

std::optional<std::string> of_targets(std::string_view query) {
  auto json = target_metadata_json::from(query_string(query));
  REQUIRE(json);
  json->add(a, node);
  json->add(b, other);
  return json->finish();
}

std::string of_all(std::string_view query) {
  auto json = metadata_json::from(query_string(query));
  REQUIRE(json);
  json->add(node);
  json->add(other);
  json->add(node);
  return json->finish();
}

}  // namespace

TEST_CASE("says what each target says of each family") {
  CHECK(of_targets("match_target={job=\"node\"}") ==
        R"({"status":"success","data":[{"target":{"instance":"a:1","job":"node"},"metric":"cpu_seconds",)"
        R"("type":"counter","help":"Time.","unit":"seconds"},{"target":{"instance":"a:1","job":"node"},)"
        R"("metric":"up","type":"gauge","help":"","unit":""}]})");
}

TEST_CASE("leaves the metric out when one is asked for, and stops at the limit") {
  CHECK(
      of_targets("metric=up&limit=1") ==
      R"({"status":"success","data":[{"target":{"instance":"a:1","job":"node"},"type":"gauge","help":"","unit":""}]})");
  CHECK_FALSE(of_targets("metric=down"));
  CHECK_FALSE(of_targets("limit=0"));
  CHECK(of_targets("limit=-1") == of_targets(""));
}

TEST_CASE("joins what targets say of a family, each description once") {
  CHECK(of_all("metric=up") ==
        R"({"status":"success","data":{"up":[{"type":"unknown","help":"Says \"yes\".","unit":""},)"
        R"({"type":"gauge","help":"","unit":""}]}})");
  CHECK(of_all("limit=1") ==
        R"({"status":"success","data":{"cpu_seconds":[{"type":"counter","help":"Time.","unit":"seconds"}]}})");
  CHECK(of_all("metric=up&limit_per_metric=1") ==
        R"({"status":"success","data":{"up":[{"type":"gauge","help":"","unit":""}]}})");
  CHECK(of_all("metric=none") == R"({"status":"success","data":{}})");
}

TEST_CASE("refuses parameters that make no sense") {
  CHECK(metadata_json::from(query_string("limit=many")).error().message == "limit must be a number");
  CHECK(metadata_json::from(query_string("limit_per_metric=1x")).error().message ==
        "limit_per_metric must be a number");
  CHECK(target_metadata_json::from(query_string("match_target={job=")).error().code == errc::syntax);
}
