#include "actors/discovery/dns_sd/dns_sd.hpp"

#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using dns::record_type;

namespace {

using addresses = std::vector<std::string>;

struct dns_sd_fixture : test::services_fixture {
  dns_sd_fixture() {
    options->names = {"one", "two"};
    options->type = record_type::a;
    options->port = 80;
    discoverer = adopt(dns_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
    settle();
  }

  /// The lookups that are out, by name.
  std::map<std::string, look_up> asked() {
    std::map<std::string, look_up> result;
    for (const auto& each : dns.take<look_up>()) result[each.name] = each;
    return result;
  }
  void answer(const look_up& question, const addresses& found) {
    looked_up answer{question.tag, "", {}};
    for (const auto& each : found) answer.records.push_back({record_type::a, each, 0});
    tell(question.sink, answer);
  }
  void fail(const look_up& question, const std::string& error = "no server") {
    tell(question.sink, looked_up{question.tag, error, {}});
  }
  /// Addresses by source, as the updates since the last call have it.
  std::map<std::string, addresses> found() {
    std::map<std::string, addresses> result;
    for (const auto& each : targets.take<update>())
      for (const auto& group : each.groups) {
        auto& list = result[group->source] = {};
        for (const auto& target : group->targets) list.push_back(std::string(target.get("__address__")));
      }
    return result;
  }
  discoverer_status status() { return ask<discoverer_status>(discoverer, get_discoverer_status{}); }

  std::shared_ptr<dns_sd_options> options = std::make_shared<dns_sd_options>();
  test::probe<target_sink_actor> targets = spawn_probe<target_sink_actor>();
  discoverer_actor discoverer;
};

}  // namespace

TEST_CASE("every record becomes a target with what its type tells") {
  auto group = make_dns_group("n",
                              {{record_type::a, "10.0.0.1", 0},
                               {record_type::aaaa, "::1", 0},
                               {record_type::srv, "host.example.", 9100},
                               {record_type::mx, "mail.", 0},
                               {record_type::ns, "ns.example.", 0}},
                              80);
  CHECK(group.source == "n");
  CHECK(group.common.empty());
  const std::pair<std::string, std::string> named{"__meta_dns_name", "n"};
  CHECK(group.targets ==
        std::vector<packed_labels>{
            labels::of({named, {"__address__", "10.0.0.1:80"}}), labels::of({named, {"__address__", "[::1]:80"}}),
            labels::of({named,
                        {"__address__", "host.example:9100"},
                        {"__meta_dns_srv_record_target", "host.example."},
                        {"__meta_dns_srv_record_port", "9100"}}),
            labels::of({named, {"__address__", "mail:80"}, {"__meta_dns_mx_record_target", "mail."}}),
            labels::of({named, {"__address__", "ns.example:80"}, {"__meta_dns_ns_record_target", "ns.example."}})});
}

TEST_CASE("the root as a target leaves an address of a port alone") {
  auto group = make_dns_group("n", {{record_type::srv, ".", 0}}, 0);
  CHECK(group.targets.at(0).get("__address__") == ":0");
  CHECK(group.targets.at(0).get("__meta_dns_srv_record_target") == ".");
}

TEST_CASE_METHOD(dns_sd_fixture, "its status tells when the names are looked up next") {
  const auto begun = wall_clock();
  CHECK(status().next_attempt == begun + 30'000);
  advance(20s);
  CHECK(status().next_attempt == begun + 30'000);
  advance(10s);
  CHECK(status().next_attempt == begun + 60'000);
}

TEST_CASE_METHOD(dns_sd_fixture, "each name is looked up once per refresh, and the first update tells of all at once") {
  auto first = asked();
  REQUIRE(first.size() == 2);
  CHECK(first.at("one").type == record_type::a);
  answer(first.at("two"), {"10.0.0.2"});
  CHECK(targets.received<update>().empty());
  answer(first.at("one"), {"10.0.0.1"});
  REQUIRE(targets.received<update>().size() == 1);
  CHECK(targets.received<update>()[0].complete);
  CHECK(found() == std::map<std::string, addresses>{{"one", {"10.0.0.1:80"}}, {"two", {"10.0.0.2:80"}}});
  advance(29s);
  CHECK(asked().empty());
  advance(1s);
  CHECK(asked().size() == 2);
  CHECK(status().refreshes == 2);
  CHECK(status().last_success > 0);
  CHECK(metrics().discovery.dns_lookups.Value() == 2);
}

TEST_CASE_METHOD(dns_sd_fixture, "later each name is told of as soon as it is known, an empty answer too") {
  for (const auto& [name, question] : asked()) answer(question, {"10.0.0.1"});
  found();
  advance(30s);
  auto second = asked();
  answer(second.at("two"), {});
  CHECK(found() == std::map<std::string, addresses>{{"two", {}}});
  answer(second.at("one"), {"10.0.0.3"});
  CHECK(found() == std::map<std::string, addresses>{{"one", {"10.0.0.3:80"}}});
}

TEST_CASE_METHOD(dns_sd_fixture,
                 "a lookup that fails says nothing of its name, is counted, and does not hold up others") {
  auto first = asked();
  fail(first.at("one"), "refused");
  answer(first.at("two"), {"10.0.0.2"});
  REQUIRE(targets.received<update>().size() == 1);
  CHECK_FALSE(targets.received<update>()[0].complete);
  CHECK(found() == std::map<std::string, addresses>{{"two", {"10.0.0.2:80"}}});
  CHECK(status().failures == 1);
  CHECK(status().last_error == "one: refused");
  CHECK(status().last_success == 0);
  CHECK(metrics().discovery.dns_lookups.Value() == 2);
  CHECK(metrics().discovery.dns_lookup_failures.Value() == 1);
  CHECK(metrics().refresh("dns", "j")->failures.Value() == 0);
  advance(30s);
  for (const auto& [name, question] : asked()) answer(question, {});
  CHECK(status().last_error.empty());
}

TEST_CASE_METHOD(dns_sd_fixture, "when every lookup fails nothing is told, and the first update is still to come") {
  for (const auto& [name, question] : asked()) fail(question);
  CHECK(targets.received<update>().empty());
  advance(30s);
  auto second = asked();
  answer(second.at("one"), {});
  CHECK(targets.received<update>().empty());
  answer(second.at("two"), {});
  REQUIRE(targets.received<update>().size() == 1);
  CHECK(targets.received<update>()[0].complete);
}

TEST_CASE_METHOD(dns_sd_fixture, "a refresh that takes longer than the interval is waited for, then the next follows") {
  auto first = asked();
  answer(first.at("one"), {});
  advance(60s);
  CHECK(asked().empty());
  answer(first.at("two"), {});
  CHECK(asked().size() == 2);
  advance(29s);
  CHECK(asked().empty());
}

TEST_CASE_METHOD(dns_sd_fixture,
                 "what a lost resolver was asked, its successor is asked, and late answers mean nothing") {
  auto first = asked();
  answer(first.at("one"), {"10.0.0.1"});
  auto successor = spawn_probe<dns_resolver_actor>();
  auto replaced = std::make_shared<services>(*announced);
  replaced->dns = successor.handle();
  tell(discoverer, use_services{replaced});
  auto again = successor.take<look_up>();
  REQUIRE(again.size() == 1);
  CHECK(again[0].name == "two");
  fail(first.at("two"), "late");
  CHECK(status().failures == 0);
  answer(again[0], {"10.0.0.2"});
  CHECK(found() == std::map<std::string, addresses>{{"one", {"10.0.0.1:80"}}, {"two", {"10.0.0.2:80"}}});
}

TEST_CASE_METHOD(dns_sd_fixture, "services that change beside the resolver are no reason to ask again") {
  asked();
  auto changed = std::make_shared<services>(*announced);
  changed->sinks.clear();
  tell(discoverer, use_services{changed});
  CHECK(asked().empty());
}
