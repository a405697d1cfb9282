#include "actors/discovery/eureka_sd/eureka_sd.hpp"

#include "actors/discovery/eureka_sd/eureka_sd_options.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

result<std::vector<target_group>> read(const std::string& body) {
  return read_eureka_apps(test::services_fixture::ok(body));
}

std::string document(const std::string& instance) {
  const std::string begin =
      R"(<?xml version="1.0"?><applications><versions__delta>1</versions__delta><application><name>APP</name>)";
  return begin + "<instance>" + instance + "</instance></application></applications>";
}

labels instance(const std::string& fields) {
  auto groups = read(document(fields));
  REQUIRE(groups);
  REQUIRE(groups->front().targets.size() == 1);
  return groups->front().targets.front().unpacked();
}

}  // namespace

TEST_CASE("an instance becomes a target with everything that Eureka says of it") {
  auto found = instance(R"(
    <instanceId>h1:app:8080</instanceId><hostName>h1.example</hostName><app>APP</app><ipAddr>10.0.0.1</ipAddr>
    <status>UP</status><overriddenstatus>UNKNOWN</overriddenstatus>
    <port enabled="true">8080</port><securePort enabled="false">443</securePort><countryId>1</countryId>
    <dataCenterInfo class="c"><name>MyOwn</name><metadata><zone.id>z1</zone.id></metadata></dataCenterInfo>
    <metadata class="m"><management.port>8090</management.port><empty/></metadata>
    <homePageUrl>http://h1:8080/?a=1&amp;b=2</homePageUrl><statusPageUrl>http://h1/info</statusPageUrl>
    <healthCheckUrl>http://h1/health</healthCheckUrl><vipAddress>app</vipAddress>
    <secureVipAddress>sapp</secureVipAddress><isCoordinatingDiscoveryServer>false</isCoordinatingDiscoveryServer>)");
  CHECK(found == labels::of({{"__address__", "h1.example:8080"},
                             {"instance", "h1:app:8080"},
                             {"__meta_eureka_app_name", "APP"},
                             {"__meta_eureka_app_instance_country_id", "1"},
                             {"__meta_eureka_app_instance_datacenterinfo_metadata_zone_id", "z1"},
                             {"__meta_eureka_app_instance_datacenterinfo_name", "MyOwn"},
                             {"__meta_eureka_app_instance_healthcheck_url", "http://h1/health"},
                             {"__meta_eureka_app_instance_homepage_url", "http://h1:8080/?a=1&b=2"},
                             {"__meta_eureka_app_instance_hostname", "h1.example"},
                             {"__meta_eureka_app_instance_id", "h1:app:8080"},
                             {"__meta_eureka_app_instance_ip_addr", "10.0.0.1"},
                             {"__meta_eureka_app_instance_metadata_management_port", "8090"},
                             {"__meta_eureka_app_instance_port", "8080"},
                             {"__meta_eureka_app_instance_port_enabled", "true"},
                             {"__meta_eureka_app_instance_secure_port", "443"},
                             {"__meta_eureka_app_instance_secure_port_enabled", "false"},
                             {"__meta_eureka_app_instance_secure_vip_address", "sapp"},
                             {"__meta_eureka_app_instance_status", "UP"},
                             {"__meta_eureka_app_instance_statuspage_url", "http://h1/info"},
                             {"__meta_eureka_app_instance_vip_address", "app"}}));
}

TEST_CASE("without a port it is port 80, without a country it is country 0") {
  auto found = instance("<hostName>h</hostName>");
  CHECK(found == labels::of({{"__address__", "h:80"},
                             {"__meta_eureka_app_name", "APP"},
                             {"__meta_eureka_app_instance_country_id", "0"},
                             {"__meta_eureka_app_instance_hostname", "h"}}));
}

TEST_CASE("text is what XML says it is, and metadata is what is written") {
  auto found = instance(
      "<hostName>a&lt;b&#65;&#x42;&unknown;<![CDATA[<c>&amp;]]></hostName>"
      "<metadata><m>x&amp;y<b>1</b></m></metadata>");
  CHECK(found.get("__meta_eureka_app_instance_hostname") == "a<bAB&unknown;<c>&amp;");
  CHECK(found.get("__meta_eureka_app_instance_metadata_m") == "x&amp;y<b>1</b>");
}

TEST_CASE("what is not a whole list of applications is an error") {
  CHECK(read("<applications/>")->front().targets.empty());
  auto whole = document("<hostName>h</hostName>");
  for (size_t length = 0; length < whole.size(); length += 5) CHECK_FALSE(read(whole.substr(0, length)));
  for (const std::string bad : {"<html><body/></html>", "{}", "<applications>\xFF</applications>"}) {
    INFO(bad);
    CHECK_FALSE(read(bad));
  }
  for (const std::string bad : {"<port>x</port>", "<port enabled=\"maybe\">1</port>", "<countryId>one</countryId>"}) {
    INFO(bad);
    CHECK_FALSE(read(document(bad)));
  }
  auto refused = test::services_fixture::ok(whole);
  refused.status = 500;
  CHECK_FALSE(read_eureka_apps(refused));
}

TEST_CASE("entities that are defined in a document are not expanded") {
  auto bomb = R"(<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>)" +
              document("<hostName>&b;</hostName>").substr(21);
  auto groups = read(bomb);
  REQUIRE(groups);
  CHECK(groups->front().targets.at(0).get("__meta_eureka_app_instance_hostname") == "&b;");
}

TEST_CASE_METHOD(test::services_fixture, "the list of apps is asked for below the server's URL") {
  auto options = std::make_shared<eureka_sd_options>();
  options->server = "http://eureka:8761/eureka";
  auto targets = spawn_probe<target_sink_actor>();
  adopt(eureka_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
  settle();
  auto asked = http.take<fetch>();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].request->url == "http://eureka:8761/eureka/apps");
  CHECK(asked[0].timeout == 30s);
  answer(asked[0], ok(document("<hostName>h</hostName>")));
  auto updates = targets.take<update>();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].groups.at(0)->source == "eureka");
}
