#include "lib/labels/labels.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using rollcall::label_builder;
using rollcall::labels;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

pairs pairs_of(const labels& set) {
  pairs out;
  for (auto [name, value] : set) out.emplace_back(name, value);
  return out;
}

}  // namespace

TEST_CASE("a label set is sorted bytewise, whatever the order it was given in") {
  auto set = labels::of({{"zone", "eu"}, {"Zone", "EU"}, {"__address__", "a:1"}, {"é", "utf8"}, {"job", "node"}});
  CHECK(pairs_of(set) == pairs{{"Zone", "EU"}, {"__address__", "a:1"}, {"job", "node"}, {"zone", "eu"}, {"é", "utf8"}});
  CHECK(set.size() == 5);
}

TEST_CASE("of equal names the last wins, and an empty value removes the label") {
  CHECK(pairs_of(labels::of({{"a", "1"}, {"b", "2"}, {"a", "3"}})) == pairs{{"a", "3"}, {"b", "2"}});
  CHECK(pairs_of(labels::of({{"a", "1"}, {"a", ""}, {"b", "2"}})) == pairs{{"b", "2"}});
  CHECK(pairs_of(labels::of({{"a", ""}, {"a", "1"}})) == pairs{{"a", "1"}});
  CHECK(labels::of({{"a", ""}}).empty());
  CHECK(labels::of({}) == labels());
}

TEST_CASE("a label is found by its exact name") {
  auto set = labels::of({{"job", "node"}, {"jo", "x"}, {"jobs", "y"}});
  CHECK(set.get("job") == "node");
  CHECK(set.get("jo") == "x");
  CHECK(set.get("jobs") == "y");
  CHECK(set.get("j").empty());
  CHECK(set.get("").empty());
  CHECK(set.get("zzz").empty());
  CHECK(set.contains("job"));
  CHECK_FALSE(set.contains("instance"));
  CHECK(labels().get("job").empty());
}

TEST_CASE("names and values of any length survive the encoding") {
  for (size_t length : {1u, 127u, 128u, 300u, 16383u, 16384u, 70000u}) {
    std::string name(length, 'n');
    std::string value(length, '\xFF');
    auto set = labels::of({{name, value}, {"a", std::string("nul\0inside", 10)}});
    CHECK(set.get(name) == value);
    CHECK(set.get("a") == std::string_view("nul\0inside", 10));
    CHECK(set.size() == 2);
  }
}

TEST_CASE("sets are equal and hash alike exactly when their labels are the same") {
  auto one = labels::of({{"a", "1"}, {"b", "2"}});
  CHECK(one == labels::of({{"b", "2"}, {"a", "1"}}));
  CHECK(one.hash() == labels::of({{"b", "2"}, {"a", "1"}}).hash());
  CHECK(one != labels::of({{"a", "1"}, {"b", "3"}}));
  CHECK(labels::of({{"a", "bc"}}) != labels::of({{"ab", "c"}}));
  CHECK(labels::of({{"a", "bc"}}).hash() != labels::of({{"ab", "c"}}).hash());
  CHECK(labels::of({{"a", "1"}}) < labels::of({{"a", "2"}}));
}

TEST_CASE("the hash is XXH64 and so the same everywhere") {
  CHECK(labels().hash() == 0xef46db3751d8e999);  // The published XXH64 of no bytes.
}

TEST_CASE("a label set prints as in the exposition format") {
  CHECK(labels().to_string() == "{}");
  CHECK(labels::of({{"b", "x\"y\\z\n"}, {"a", "1"}}).to_string() == R"({a="1", b="x\"y\\z\n"})");
  CHECK(labels::of({{"dotted.name", "1"}}).to_string() == R"({"dotted.name"="1"})");
  CHECK(labels::of({{"a", "täglich"}}).to_string() == "{a=\"täglich\"}");
}

TEST_CASE("the memory of a set is its text and two bytes a label") {
  CHECK(labels().heap_bytes() == 0);
  auto set = labels::of({{"name", std::string(50, 'v')}, {"other", std::string(50, 'w')}});
  CHECK(set.heap_bytes() == 4 + 50 + 5 + 50 + 4 + 1);
}

TEST_CASE("an iterator can be copied and compared") {
  auto set = labels::of({{"a", "1"}, {"b", "2"}});
  auto at = set.begin();
  auto before = at++;
  CHECK((*before).name == "a");
  CHECK((*at).name == "b");
  CHECK(++at == set.end());
}

TEST_CASE("a builder sets, overwrites and deletes") {
  label_builder builder(labels::of({{"a", "1"}, {"c", "3"}}));
  builder.set("b", "2");
  builder.set("c", "4");
  CHECK(builder.build() == labels::of({{"a", "1"}, {"b", "2"}, {"c", "4"}}));
  builder.set("a", "");
  builder.erase("c");
  builder.erase("never there");
  CHECK(builder.build() == labels::of({{"b", "2"}}));
  CHECK(builder.size() == 1);
  CHECK(builder.get("b") == "2");
  CHECK(builder.get("a").empty());
  builder.clear();
  CHECK(builder.empty());
  CHECK(builder.build().empty());
}

TEST_CASE("a builder can copy one of its own values under another name") {
  label_builder builder;
  builder.set("m", std::string(100, 'x'));
  for (const char* name : {"a", "b", "n", "z", "c", "y", "d", "e"}) builder.set(name, builder.get("m"));
  for (auto [name, value] : builder.build()) CHECK(value == std::string(100, 'x'));
  CHECK(builder.size() == 9);
}

TEST_CASE("a builder removes by predicate") {
  label_builder builder(labels::of({{"__meta_x", "1"}, {"__meta_y", "2"}, {"job", "3"}}));
  builder.erase_if([](std::string_view name) { return name.starts_with("__meta_"); });
  CHECK(builder.build() == labels::of({{"job", "3"}}));
}

TEST_CASE("defaults fill what is missing and leave what is there") {
  label_builder builder(labels::of({{"b", "own"}, {"d", "own"}}));
  builder.add_missing(labels::of({{"a", "x"}, {"b", "x"}, {"c", "x"}, {"e", "x"}}));
  CHECK(builder.build() == labels::of({{"a", "x"}, {"b", "own"}, {"c", "x"}, {"d", "own"}, {"e", "x"}}));
  builder.add_missing(labels());
  CHECK(builder.size() == 5);
  label_builder fresh;
  fresh.add_missing(labels::of({{"a", "1"}}));
  CHECK(fresh.build() == labels::of({{"a", "1"}}));
}

TEST_CASE("a builder that is assigned again forgets what it held") {
  label_builder builder(labels::of({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  builder.assign(labels::of({{"x", "9"}}));
  CHECK(builder.build() == labels::of({{"x", "9"}}));
}

TEST_CASE("a builder does what a map does, for any sequence of operations") {
  std::mt19937 random(7);
  auto pick = [&](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random); };
  auto name = [&] { return std::string(1 + pick(3), static_cast<char>('a' + pick(5))); };
  for (int round = 0; round < 300; ++round) {
    label_builder builder;
    std::map<std::string, std::string> model;
    for (int step = 0; step < 40; ++step) {
      std::string key = name();
      if (pick(5) == 0) {
        auto defaults = labels::of({{key, "default"}, {name(), "default"}});
        builder.add_missing(defaults);
        for (auto [n, v] : defaults) model.emplace(n, v);
        continue;
      }
      std::string value(pick(30), 'v');
      builder.set(key, value);
      if (value.empty()) {
        model.erase(key);
      } else {
        model[key] = value;
      }
    }
    CHECK(builder.pairs() == pairs(model.begin(), model.end()));
    CHECK(pairs_of(builder.build()) == pairs(model.begin(), model.end()));
    CHECK(builder.build() == labels::of(pairs(model.begin(), model.end())));
  }
}
