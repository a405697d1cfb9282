#include "bench/fleet/exposition.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace rollcall::bench {
namespace {

struct scraped {
  std::map<std::string, double> values;  // By name and labels.
  std::vector<std::string> families;     // In the order of their TYPE lines.
  std::map<std::string, std::string> types;
  size_t lines = 0;
};

scraped parse(const std::string& text) {
  scraped result;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      auto space = line.find(' ', 7);
      result.families.push_back(line.substr(7, space - 7));
      result.types[result.families.back()] = line.substr(space + 1);
      continue;
    }
    auto space = line.rfind(' ');
    REQUIRE(space != std::string::npos);
    REQUIRE(result.values.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second);
    ++result.lines;
    // Each series stands below the TYPE line of its family.
    REQUIRE(line.starts_with(result.families.back()));
  }
  return result;
}

bool is_counter(const scraped& of, const std::string& series) {
  auto name = series.substr(0, series.find('{'));
  for (const auto& [family, type] : of.types) {
    if (type == "counter" && name == family) return true;
    if (type == "histogram" && name.starts_with(family + '_')) return true;
  }
  return false;
}

std::set<std::string> names_of(const scraped& of) {
  std::set<std::string> names;
  for (const auto& [name, value] : of.values) names.insert(name);
  return names;
}

size_t renamed_between(const scraped& before, const scraped& after) {
  size_t gone = 0;
  for (const auto& [name, value] : before.values) gone += !after.values.contains(name);
  return gone;
}

TEST_CASE("exposes exactly as many distinct series as asked for") {
  for (size_t series : {1, 3, 5, 14, 50, 99, 500, 1000, 4321}) {
    INFO(series << " series");
    auto text = parse(exposition({series, 0, 1}).render());
    CHECK(text.lines == series);
    CHECK(text.values.size() == series);
    auto unique = text.families;
    std::sort(unique.begin(), unique.end());
    CHECK(std::adjacent_find(unique.begin(), unique.end()) == unique.end());
  }
}

TEST_CASE("never uses the names of the series that agents add themselves") {
  for (const auto& [name, value] : parse(exposition({1000, 0, 1}).render()).values) {
    CHECK_FALSE(name.starts_with("up{"));
    CHECK_FALSE(name.starts_with("scrape_"));
  }
}

TEST_CASE("changes many values at each scrape, keeps the names, and lets no counter decrease") {
  exposition target({1000, 0, 7});
  auto before = parse(target.render());
  for (int scrape = 0; scrape < 20; ++scrape) {
    target.advance();
    auto after = parse(target.render());
    REQUIRE(names_of(before) == names_of(after));
    size_t changed = 0;
    for (const auto& [name, value] : before.values) {
      changed += after.values[name] != value;
      if (is_counter(after, name)) CHECK(after.values[name] >= value);
    }
    CHECK(changed > 500);
    CHECK(changed < 900);
    before = std::move(after);
  }
}

TEST_CASE("keeps histograms consistent: buckets grow with le and +Inf is the count") {
  exposition target({2000, 0, 3});
  for (int scrape = 0; scrape < 5; ++scrape) target.advance();
  auto text = parse(target.render());
  size_t histograms = 0;
  for (const auto& [name, count] : text.values) {
    auto brace = name.find("_count{");
    if (brace == std::string::npos) continue;
    ++histograms;
    std::string family = name.substr(0, brace);
    std::string labels = name.substr(brace + 7, name.size() - brace - 8);
    double last = 0;
    for (auto bound : bucket_bounds()) {
      auto bucket = text.values.find(family + "_bucket{" + labels + ",le=\"" + std::string(bound) + "\"}");
      REQUIRE(bucket != text.values.end());
      CHECK(bucket->second >= last);
      last = bucket->second;
    }
    CHECK(last == count);
    CHECK(text.values.contains(family + "_sum{" + labels + "}"));
  }
  CHECK(histograms > 10);
}

TEST_CASE("gives the same text for the same seed and another for another") {
  exposition one({200, 5, 42});
  exposition same({200, 5, 42});
  exposition other({200, 5, 43});
  for (int scrape = 0; scrape < 3; ++scrape) {
    CHECK(one.render() == same.render());
    CHECK(one.render() != other.render());
    one.advance();
    same.advance();
    other.advance();
  }
}

TEST_CASE("renames the share of the series that was asked for, whole histograms at a time") {
  exposition target({1000, 2.5, 1});
  auto before = parse(target.render());
  size_t renamed = 0;
  for (int scrape = 0; scrape < 10; ++scrape) {
    target.advance();
    auto after = parse(target.render());
    CHECK(after.values.size() == 1000);
    renamed += renamed_between(before, after);
    before = std::move(after);
  }
  // A histogram waits until there is credit for all of its 14 series.
  CHECK(renamed <= 250);
  CHECK(renamed > 250 - 14);
}

TEST_CASE("renames nothing when no churn was asked for, and survives more churn than there are series") {
  exposition calm({300, 0, 1});
  auto before = parse(calm.render());
  calm.advance();
  CHECK(renamed_between(before, parse(calm.render())) == 0);
  exposition wild({300, 1000, 1});
  before = parse(wild.render());
  wild.advance();
  auto after = parse(wild.render());
  CHECK(after.values.size() == 300);
  CHECK(renamed_between(before, after) > 150);
}

TEST_CASE("looks like what exporters send: about 130 bytes per sample") {
  for (size_t series : {1000, 10'000}) {
    auto bytes = exposition({series, 0, 1}).render().size();
    CHECK(bytes / series > 110);
    CHECK(bytes / series < 150);
  }
}

TEST_CASE("prints values as Go programs do") {
  struct {
    double value;
    std::string text;
  } cases[] = {{0, "0"},
               {1, "1"},
               {-3, "-3"},
               {0.25, "0.25"},
               {999999, "999999"},
               {1e6, "1e+06"},
               {1234567, "1.234567e+06"},
               {0.0001, "0.0001"},
               {0.00001, "1e-05"},
               {17172.46, "17172.46"}};
  for (const auto& each : cases) {
    std::string text;
    append_value(text, each.value);
    CHECK(text == each.text);
  }
}

}  // namespace
}  // namespace rollcall::bench
