#include "lib/targets/group_table.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

target_group_ptr group(const std::string& source, const std::string& address) {
  auto made = std::make_shared<target_group>();
  made->source = source;
  made->targets.push_back(labels::of({{"__address__", address}}));
  return made;
}

}  // namespace

TEST_CASE("a table has one group of each source, the latest, in order of source") {
  group_table table;
  auto b = group("b", "1"), a = group("a", "1"), again = group("b", "2");
  CHECK(table.put(b) == nullptr);
  CHECK(table.put(a) == nullptr);
  CHECK(table.put(again) == b);
  CHECK(table.size() == 2);
  CHECK(std::vector<target_group_ptr>(table.begin(), table.end()) == std::vector{a, again});
  CHECK(table.find("b") == again);
  CHECK(table.find("c") == nullptr);
}

TEST_CASE("a source that is taken out of a table is not there any more, even when its group outlives nothing else") {
  group_table table;
  table.put(group("a", "1"));
  table.put(group("a", "2"));
  CHECK(table.take("b") == nullptr);
  auto taken = table.take("a");
  REQUIRE(taken);
  CHECK(taken->targets.at(0).get("__address__") == "2");
  CHECK(table.empty());
  CHECK(table.take("a") == nullptr);
}
