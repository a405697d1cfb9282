#include "lib/series/metadata.hpp"

#include <catch2/catch.hpp>

namespace rollcall::series {

namespace {

using exposition::metric_type;

const metadata_table families = {{"a", metric_type::counter, "", ""},         {"a_total", metric_type::gauge, "", ""},
                                 {"c", metric_type::counter, "", ""},         {"g", metric_type::gauge, "", ""},
                                 {"h", metric_type::histogram, "", ""},       {"i", metric_type::info, "", ""},
                                 {"j", metric_type::gauge_histogram, "", ""}, {"s", metric_type::summary, "", ""},
                                 {"u", metric_type::unknown, "", ""}};

std::string family_of(std::string_view series_name) {
  const auto* family = find_family(families, series_name);
  return family == nullptr ? "" : family->family;
}

}  // namespace

TEST_CASE("a series belongs to the family of its name before any other") {
  CHECK(family_of("g") == "g");
  CHECK(family_of("a_total") == "a_total");
  CHECK(find_family(families, "a_total")->type == metric_type::gauge);
}

TEST_CASE("a series with a suffix belongs to the family whose type has that suffix") {
  auto [name, family] = GENERATE(Catch::Generators::table<std::string, std::string>({{"c_total", "c"},
                                                                                     {"c_created", "c"},
                                                                                     {"h_bucket", "h"},
                                                                                     {"h_count", "h"},
                                                                                     {"h_sum", "h"},
                                                                                     {"j_gcount", "j"},
                                                                                     {"j_gsum", "j"},
                                                                                     {"j_bucket", "j"},
                                                                                     {"s_sum", "s"},
                                                                                     {"s_count", "s"},
                                                                                     {"i_info", "i"},
                                                                                     {"c_bucket", ""},
                                                                                     {"g_total", ""},
                                                                                     {"s_bucket", ""},
                                                                                     {"u_sum", ""},
                                                                                     {"_total", ""},
                                                                                     {"h_bucket_more", ""},
                                                                                     {"none", ""},
                                                                                     {"", ""}}));
  CAPTURE(name);
  CHECK(family_of(name) == family);
}

}  // namespace rollcall::series
