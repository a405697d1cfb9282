#include "lib/relabel/rule_text.hpp"

#include "tests/lib/relabel/relabel_case.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::relabel;
using rollcall::relabel::testing::rule;

TEST_CASE("a rule in words names its action and what differs from the defaults") {
  CHECK(describe(rule()) == "replace");
  CHECK(describe(rule(action::drop).from({"a", "b"}).re("x|\"y\"")) ==
        "drop, source_labels [a, b], regex \"x|\\\"y\\\"\"");
  CHECK(describe(rule(action::hashmod).from({"a"}).join("").modulo(8).to("shard")) ==
        "hashmod, source_labels [a], separator \"\", modulus 8, target_label shard");
  CHECK(describe(rule(action::labelmap).re("__meta_(.+)").with("meta_$1")) ==
        "labelmap, regex \"__meta_(.+)\", replacement \"meta_$1\"");
}
