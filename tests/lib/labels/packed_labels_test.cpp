#include "lib/labels/packed_labels.hpp"

#include "lib/labels/name_table.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

const labels sample = labels::of({{"__address__", "10.0.0.1:80"},
                                  {"__meta_kubernetes_pod_label_app", "shop"},
                                  {std::string(name_table::name_bytes_max + 1, 'n'), "a name too long for the table"},
                                  {"z", std::string(300, 'v')}});

}  // namespace

TEST_CASE("a packed set is the set that was packed") {
  packed_labels packed(sample);
  CHECK(packed.unpacked() == sample);
  CHECK(packed.size() == 4);
  CHECK(packed.get("__address__") == "10.0.0.1:80");
  CHECK(packed.get("z") == std::string(300, 'v'));
  CHECK(packed.get("y").empty());
  CHECK_FALSE(packed.contains("y"));
  CHECK(packed.to_string() == sample.to_string());
  CHECK(packed_labels(labels()).empty());
}

TEST_CASE("packed sets are equal when the sets are") {
  CHECK(packed_labels(sample) == packed_labels(sample));
  CHECK_FALSE(packed_labels(sample) == packed_labels(labels::of({{"z", "1"}})));
  CHECK_FALSE(packed_labels(labels::of({{"a", "1"}})) == packed_labels(labels::of({{"b", "1"}})));
  CHECK_FALSE(packed_labels(labels::of({{"a", "1"}})) == packed_labels(labels::of({{"a", "2"}})));
}

TEST_CASE("a builder takes packed sets as it takes others") {
  label_builder builder;
  builder.assign(packed_labels(labels::of({{"b", "1"}, {"d", "2"}})));
  builder.add_missing(packed_labels(labels::of({{"a", "3"}, {"b", "4"}, {"e", "5"}})));
  CHECK(builder.build() == labels::of({{"a", "3"}, {"b", "1"}, {"d", "2"}, {"e", "5"}}));
}

TEST_CASE("a name table that is full refuses new names and knows the old ones") {
  name_table table;
  CHECK(table.number_of("first") == 1);
  for (uint32_t i = 2; i < name_table::names_max; ++i) REQUIRE(table.number_of("name" + std::to_string(i)) == i);
  CHECK(table.number_of("one more") == 0);
  CHECK(table.number_of("first") == 1);
  CHECK(table.name_of(1) == "first");
  CHECK(table.name_of(name_table::names_max - 1) == "name" + std::to_string(name_table::names_max - 1));
}
