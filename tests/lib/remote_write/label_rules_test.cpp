#include "lib/remote_write/request_builder.hpp"
#include "tests/lib/remote_write/made_batch.hpp"
#include "tests/lib/remote_write/wire_format.hpp"

#include <catch2/catch.hpp>

namespace rollcall::remote_write {

namespace {

using test::made_batch;
using test::made_block;
using test::made_part;
using test::made_target;
using test::pairs;

const series::value_bits one = series::to_bits(1);

label_rules rules(pairs external, std::vector<relabel::rule_config> configs = {}) {
  auto compiled = relabel::program::compile(configs, name_validation::utf8);
  REQUIRE(compiled);
  return {labels::of(std::move(external)), *compiled};
}

relabel::rule_config rule(relabel::action action, std::vector<std::string> sources, std::string regex,
                          std::string target_label = "", std::string replacement = "$1") {
  relabel::rule_config config;
  config.action = action;
  config.source_labels = std::move(sources);
  config.regex = std::move(regex);
  config.target_label = std::move(target_label);
  config.replacement = std::move(replacement);
  return config;
}

// The label sets that reach the receiver.
std::vector<pairs> delivered(request_builder& builder, const series::scrape_batch& batch) {
  builder.append(batch, 0, [](request) { FAIL("the request was not full"); });
  std::vector<pairs> sets;
  if (builder.empty()) return sets;
  for (const auto& sample : test::wire_decode(test::uncompressed(*builder.cut().body))) sets.push_back(sample.labels);
  return sets;
}

series::scrape_batch_ptr batch_of(const series::target_labels_ptr& target, const std::vector<pairs>& all,
                                  int64_t timestamp = 1) {
  std::vector<series::value_bits> values;
  for (const auto& own : all) values.push_back(own.empty() ? series::absent : one);
  return made_batch(target, 1, timestamp, {made_part({made_block(*target, all)}, values)});
}

}  // namespace

TEST_CASE("external labels stand in order of name, and labels that are there win") {
  auto target = made_target({{"instance", "a:1"}, {"job", "n"}});
  auto batch = batch_of(target, {{{"__name__", "up"}}, {{"__name__", "m"}, {"dc", "own"}, {"zone", "z"}}, {}});
  request_builder_options options;
  options.rules = rules({{"A", "first"}, {"dc", "eu"}, {"job", "other"}, {"zz", "last"}});
  request_builder builder(options);
  std::vector<pairs> expected = {
      {{"A", "first"}, {"__name__", "up"}, {"dc", "eu"}, {"instance", "a:1"}, {"job", "n"}, {"zz", "last"}},
      {{"A", "first"},
       {"__name__", "m"},
       {"dc", "own"},
       {"instance", "a:1"},
       {"job", "n"},
       {"zone", "z"},
       {"zz", "last"}},
  };
  CHECK(delivered(builder, *batch) == expected);
  CHECK(delivered(builder, *batch) == expected);
  CHECK(builder.left_out() == left_out{});
}

TEST_CASE("equal blocks of two targets keep each target's labels under external labels") {
  auto first = made_target({{"instance", "a:1"}, {"job", "n"}});
  auto second = made_target({{"instance", "b:2"}, {"job", "n"}});
  auto block = made_block(*first, {{{"__name__", "up"}}});
  request_builder_options options;
  options.rules = rules({{"dc", "eu"}});
  request_builder builder(options);
  auto of = [&](const auto& target) {
    return delivered(builder, *made_batch(target, 1, 1, {made_part({block}, {one})}));
  };
  CHECK(of(first) == std::vector<pairs>{{{"__name__", "up"}, {"dc", "eu"}, {"instance", "a:1"}, {"job", "n"}}});
  CHECK(of(second) == std::vector<pairs>{{{"__name__", "up"}, {"dc", "eu"}, {"instance", "b:2"}, {"job", "n"}}});
}

TEST_CASE("write relabeling sees external labels, and what it drops is counted") {
  auto target = made_target({{"instance", "a:1"}, {"job", "n"}});
  auto batch = batch_of(target, {{{"__name__", "up"}}, {{"__name__", "go_threads"}}, {{"__name__", "go_info"}}});
  request_builder_options options;
  options.rules = rules({{"dc", "eu"}}, {rule(relabel::action::drop, {"dc", "__name__"}, "eu;go_.*")});
  request_builder builder(options);
  std::vector<pairs> expected = {{{"__name__", "up"}, {"dc", "eu"}, {"instance", "a:1"}, {"job", "n"}}};
  CHECK(delivered(builder, *batch) == expected);
  CHECK(builder.left_out() == left_out{0, 2});
  CHECK(delivered(builder, *batch) == expected);
  CHECK(builder.left_out() == left_out{0, 4});
}

TEST_CASE("write relabeling changes, adds and removes labels") {
  auto target = made_target({{"instance", "a:1"}, {"job", "n"}});
  auto batch = batch_of(target, {{{"__name__", "m"}, {"path", "/x"}}});
  struct row {
    std::vector<relabel::rule_config> configs;
    std::vector<pairs> expected;
  };
  auto [configs, expected] =
      GENERATE(row{{rule(relabel::action::replace, {"path"}, "/(.*)", "path")},
                   {{{"__name__", "m"}, {"instance", "a:1"}, {"job", "n"}, {"path", "x"}}}},
               row{{rule(relabel::action::replace, {"instance"}, "(.*):.*", "host")},
                   {{{"__name__", "m"}, {"host", "a"}, {"instance", "a:1"}, {"job", "n"}, {"path", "/x"}}}},
               row{{rule(relabel::action::labeldrop, {}, "instance|path")}, {{{"__name__", "m"}, {"job", "n"}}}},
               row{{rule(relabel::action::labelkeep, {}, "nothing")}, {}},
               row{{rule(relabel::action::replace, {"__name__"}, "(.*)", "job", "n")},
                   {{{"__name__", "m"}, {"instance", "a:1"}, {"job", "n"}, {"path", "/x"}}}},
               row{{rule(relabel::action::replace, {"path"}, "(.*)", "__name__", "all_$1")},
                   {{{"__name__", "all_/x"}, {"instance", "a:1"}, {"job", "n"}, {"path", "/x"}}}},
               row{{rule(relabel::action::keep, {"instance"}, "b.*")}, {}});
  request_builder_options options;
  options.rules = rules({}, configs);
  request_builder builder(options);
  CHECK(delivered(builder, *batch) == expected);
  CHECK(builder.left_out().by_relabeling == (expected.empty() ? 1u : 0u));
}

TEST_CASE("rules that read a target's label tell targets with the same block apart") {
  auto first = made_target({{"instance", "a:1"}, {"job", "n"}});
  auto second = made_target({{"instance", "b:2"}, {"job", "n"}});
  auto block = made_block(*first, {{{"__name__", "up"}}});
  request_builder_options options;
  options.rules = rules({}, {rule(relabel::action::keep, {"instance"}, "b:2")});
  request_builder builder(options);
  auto of = [&](const auto& target) {
    return delivered(builder, *made_batch(target, 1, 1, {made_part({block}, {one})}));
  };
  CHECK(of(first).empty());
  CHECK(of(second) == std::vector<pairs>{{{"__name__", "up"}, {"instance", "b:2"}, {"job", "n"}}});
  CHECK(of(first).empty());
}

TEST_CASE("one plan serves all targets as long as no rule touches a target's label") {
  auto first = made_target({{"instance", "a:1"}, {"job", "n"}});
  auto second = made_target({{"instance", "b:2"}, {"job", "n"}});
  auto block = made_block(*first, {{{"__name__", "up"}}, {{"__name__", "go_info"}}});
  SECTION("shared") {
    series_plan_cache cache(rules({{"dc", "eu"}}, {rule(relabel::action::drop, {"__name__"}, "go_.*")}), 1 << 20);
    const auto* plan = &cache.get(block, first, 1);
    CHECK(plan->pair_ids(0).size() == 4);
    CHECK(plan->pair_ids(1).empty());
    CHECK(&cache.get(block, second, 1) == plan);
    CHECK(cache.size() == 1);
  }
  SECTION("apart") {
    series_plan_cache cache(rules({}, {rule(relabel::action::lowercase, {"instance"}, "(.*)", "instance")}), 1 << 20);
    cache.get(block, first, 1);
    cache.get(block, second, 1);
    cache.get(block, first, 1);
    CHECK(cache.size() == 2);
  }
}

TEST_CASE("plans of blocks that do not come any more are dropped") {
  auto target = made_target({{"job", "n"}});
  series_plan_cache cache(rules({{"dc", "eu"}}), 1 << 20);
  auto lasting = made_block(*target, {{{"__name__", "a"}}});
  auto idle = made_block(*target, {{{"__name__", "b"}}});
  int64_t now = 1'000'000'000'000;
  cache.get(lasting, target, now);
  cache.get(idle, target, now);
  auto one_block_bytes = cache.bytes() / 2;
  for (int minute = 1; minute <= 11; ++minute) cache.get(lasting, target, now + minute * 60'000);
  CHECK(cache.size() == 1);
  CHECK(cache.bytes() == one_block_bytes);
  lasting.reset();
  auto other = made_block(*target, {{{"__name__", "c"}}, {{"__name__", "d"}}});
  CHECK(cache.get(other, target, now + 20 * 60'000).pair_ids(1).size() == 3);
  CHECK(cache.size() == 1);
}

TEST_CASE("a block at the address of one that is gone gets a plan of its own") {
  auto target = made_target({{"job", "n"}});
  series_plan_cache cache(rules({{"dc", "eu"}}), 1 << 20);
  for (size_t n = 1; n <= 64; ++n) {
    // The allocator gives the same place again and again.
    auto block = made_block(*target, std::vector<pairs>(n, {{"__name__", "m"}}));
    CHECK(cache.get(block, target, 1).pair_ids(n - 1).size() == 3);
  }
}

TEST_CASE("beyond its memory the plans are made anew and stay right") {
  auto target = made_target({{"instance", "a:1"}, {"job", "n"}});
  request_builder_options options;
  options.rules = rules({{"dc", "eu"}});
  options.plan_bytes_max = 1;
  request_builder builder(options);
  auto batch = batch_of(target, {{{"__name__", "up"}}});
  for (int i = 0; i < 3; ++i) {
    CHECK(delivered(builder, *batch) ==
          std::vector<pairs>{{{"__name__", "up"}, {"dc", "eu"}, {"instance", "a:1"}, {"job", "n"}}});
  }
  series_plan_cache cache(rules({{"dc", "eu"}}), 1);
  cache.get(batch->parts[0].series->front(), target, 1);
  CHECK(cache.size() == 0);
  CHECK(cache.bytes() == 0);
}

TEST_CASE("other rules take effect at once when a builder is reconfigured") {
  auto target = made_target({{"job", "n"}});
  auto batch = batch_of(target, {{{"__name__", "up"}}});
  request_builder builder({});
  CHECK(delivered(builder, *batch) == std::vector<pairs>{{{"__name__", "up"}, {"job", "n"}}});
  request_builder_options options;
  options.rules = rules({{"dc", "eu"}});
  builder.reconfigure(options);
  CHECK(delivered(builder, *batch) == std::vector<pairs>{{{"__name__", "up"}, {"dc", "eu"}, {"job", "n"}}});
  builder.append(*batch, 0, [](request) {});
  CHECK(builder.cut().sources == std::vector<source_span>{{1, 3, 3}});
}

}  // namespace rollcall::remote_write
