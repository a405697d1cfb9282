#include "lib/relabel/rule_text.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::relabel;

TEST_CASE("a rule in words names its action and what differs from the defaults") {
  CHECK(describe({}) == "replace");
  CHECK(describe({.source_labels = {"a", "b"}, .regex = "x|\"y\"", .action = action::drop}) ==
        R"(drop, source_labels [a, b], regex "x|\"y\"")");
  CHECK(describe({.source_labels = {"a"},
                  .separator = "",
                  .modulus = 8,
                  .target_label = "shard",
                  .action = action::hashmod}) ==
        R"(hashmod, source_labels [a], separator "", modulus 8, target_label shard)");
  CHECK(describe({.regex = "__meta_(.+)", .replacement = "meta_$1", .action = action::labelmap}) ==
            R"(labelmap, regex "__meta_(.+)",
        replacement "meta_$1")
  ");
}
