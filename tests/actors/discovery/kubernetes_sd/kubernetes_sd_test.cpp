#include "actors/discovery/kubernetes_sd/kubernetes_sd.hpp"

#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using kubernetes::resource;

namespace {

using texts = std::vector<std::string>;

std::string pod(const std::string& name, const std::string& version, const std::string& ip = "10.0.0.1") {
  return R"({"metadata":{"namespace":"ns","name":")" + name + R"(","resourceVersion":")" + version +
         R"("},"spec":{"containers":[{"name":"c"}]},"status":{"podIP":")" + ip + R"("}})";
}

std::string list(const std::string& items, const std::string& version = "10", const std::string& next = "") {
  return R"({"metadata":{"resourceVersion":")" + version + R"(","continue":")" + next + R"("},"items":[)" + items +
         "]}";
}

std::string event(const std::string& type, const std::string& of) {
  return R"({"type":")" + type + R"(","object":)" + of + "}\n";
}

/// A discoverer whose HTTP client is the test.
struct kubernetes_fixture : test::services_fixture {
  kubernetes_fixture() {
    options->api_server = "http://k";
    random_unit = 0;
  }

  discoverer_actor start() {
    auto surroundings = kubernetes::pod_surroundings{[](const std::string&) { return ""; }, "/account"};
    auto started =
        adopt(spawn_kubernetes_sd(system(), options, {targets.handle(), announced, process(), "j"}, surroundings));
    settle();
    return started;
  }

  void say(const fetch& watch, const std::string& bytes) { tell(watch.stream->sink, fetched_part{watch.tag, bytes}); }
  static http::response refused(int status, const std::string& body = "") {
    auto response = ok(body);
    response.status = status;
    response.reason = "No";
    return response;
  }

  /// What was told since the last time: "+source" and "-source", "!" at the beginning of a complete update.
  texts told() {
    texts out;
    for (const auto& each : targets.take<update>()) {
      if (each.complete) out.emplace_back("!");
      for (const auto& group : each.groups) out.push_back((group->targets.empty() ? '-' : '+') + group->source);
    }
    return out;
  }
  discoverer_status status_of(const discoverer_actor& of) {
    return ask<discoverer_status>(of, get_discoverer_status{});
  }

  std::shared_ptr<kubernetes_sd_options> options = std::make_shared<kubernetes_sd_options>();
  test::probe<target_sink_actor> targets = spawn_probe<target_sink_actor>();
};

}  // namespace

TEST_CASE_METHOD(kubernetes_fixture, "the list comes first and whole, then what the watch says") {
  start();
  auto listing = asked();
  CHECK(listing.request->url == "http://k/api/v1/pods?limit=500&resourceVersion=0");
  CHECK(listing.stream == nullptr);
  answer(listing, ok(list(pod("a", "1") + "," + pod("b", "2"))));
  CHECK(told() == texts{"!", "+pod/ns/a", "+pod/ns/b"});

  auto watch = asked();
  CHECK_THAT(watch.request->url, Catch::StartsWith("http://k/api/v1/pods?watch=1&"));
  REQUIRE(watch.stream);
  auto added = event("ADDED", pod("c", "11"));
  say(watch, added.substr(0, 20));
  CHECK(told().empty());
  say(watch, added.substr(20) + event("DELETED", pod("a", "12")));
  CHECK(told() == texts{"-pod/ns/a", "+pod/ns/c"});
  auto taken = http.take<parts_taken>();
  REQUIRE(taken.size() == 2);
  CHECK(taken[0] == parts_taken{watch.tag, watch.sink, 20});
  CHECK(metrics().kubernetes()->events("pod", "add").Value() == 3);
  CHECK(metrics().kubernetes()->events("pod", "delete").Value() == 1);
}

TEST_CASE_METHOD(kubernetes_fixture, "a first list in pages is told when it is whole, a later one page by page") {
  start();
  answer(asked(), ok(list(pod("a", "1"), "10", "next")));
  CHECK(told().empty());
  answer(asked(), ok(list(pod("b", "2"))));
  CHECK(told() == texts{"!", "+pod/ns/a", "+pod/ns/b"});
  answer(asked(), refused(410));
  advance(1s);
  answer(asked(), ok(list(pod("a", "40", "10.0.0.2"), "50", "next")));
  CHECK(told() == texts{"+pod/ns/a"});
  answer(asked(), ok(list(pod("c", "30"), "50")));
  CHECK(told() == texts{"-pod/ns/b", "+pod/ns/c"});
  CHECK(metrics().kubernetes()->events("pod", "add").Value() == 3);
  CHECK(metrics().kubernetes()->events("pod", "update").Value() == 1);
  CHECK(metrics().kubernetes()->events("pod", "delete").Value() == 1);
}

TEST_CASE_METHOD(kubernetes_fixture, "one that comes amid a list has it begun anew, and misses nothing") {
  start();
  answer(asked(), ok(list(pod("a", "1"), "10", "next")));
  auto second_page = asked();
  start();
  CHECK(http.take<cancel_fetch>() == std::vector{cancel_fetch{second_page.tag, second_page.sink}});
  auto listing = asked();
  CHECK(listing.request->url == "http://k/api/v1/pods?limit=500&resourceVersion=0");
  answer(second_page, ok(list(pod("late", "2"))));
  CHECK(told().empty());
  answer(listing, ok(list(pod("a", "1"), "11", "next")));
  answer(asked(), ok(list(pod("b", "2"), "11")));
  CHECK(told() == texts{"!", "+pod/ns/a", "+pod/ns/b", "!", "+pod/ns/a", "+pod/ns/b"});
}

TEST_CASE_METHOD(kubernetes_fixture, "an empty cluster is told as such") {
  start();
  answer(asked(), ok(list("")));
  CHECK(told() == texts{"!"});
}

TEST_CASE_METHOD(kubernetes_fixture, "trouble changes nothing, is counted, and is told until it is over") {
  auto discoverer = start();
  answer(asked(), ok(list(pod("a", "1"))));
  told();
  auto watch = asked();
  SECTION("the connection broke") {
    answer(watch, broken(http::failure::transport));
    CHECK(status_of(discoverer).last_error == "http://k/api/v1/pods: broken");
    advance(1s);
    CHECK_THAT(asked().request->url, Catch::EndsWith("resourceVersion=10"));
  }
  SECTION("the server has too much to do") {
    answer(watch, refused(503));
    advance(1s);
    CHECK_THAT(asked().request->url, Catch::EndsWith("resourceVersion=10"));
  }
  SECTION("the server says no") {
    answer(watch, refused(403, R"({"message":"pods is forbidden"})"));
    CHECK(status_of(discoverer).last_error ==
          "http://k/api/v1/pods: server returned HTTP status 403 No: pods is forbidden");
    advance(1s);
    auto listing = asked();
    CHECK(listing.stream == nullptr);
    answer(listing, ok(list(pod("a", "1"))));
    CHECK(status_of(discoverer).last_error.empty());
  }
  SECTION("the watch makes no sense, and is given up") {
    say(watch, "nonsense\n" + event("ADDED", pod("lost", "11")));
    CHECK(http.take<cancel_fetch>() == std::vector{cancel_fetch{watch.tag, watch.sink}});
    say(watch, event("ADDED", pod("late", "12")));
    answer(watch, broken(http::failure::cancelled));
    advance(1s);
    CHECK(asked().stream == nullptr);
  }
  CHECK(told().empty());
  CHECK(metrics().kubernetes()->failures.Value() == 1);
}

TEST_CASE_METHOD(kubernetes_fixture, "a version that is gone leads to a new list, and only differences are told") {
  const bool by_status = GENERATE(true, false);
  start();
  answer(asked(), ok(list(pod("a", "1") + "," + pod("b", "2"))));
  told();
  auto watch = asked();
  if (by_status)
    answer(watch, refused(410));
  else
    say(watch, event("ERROR", R"({"code":410,"message":"too old"})"));
  advance(1s);
  auto listing = asked();
  CHECK(listing.request->url == "http://k/api/v1/pods?limit=500");
  CHECK(told().empty());
  answer(listing, ok(list(pod("b", "40", "10.0.0.2") + "," + pod("c", "30"), "50")));
  CHECK(told() == texts{"-pod/ns/a", "+pod/ns/b", "+pod/ns/c"});
  CHECK(metrics().kubernetes()->events("pod", "add").Value() == 3);
  CHECK(metrics().kubernetes()->events("pod", "update").Value() == 1);
  CHECK(metrics().kubernetes()->events("pod", "delete").Value() == 1);
}

TEST_CASE_METHOD(kubernetes_fixture, "a watch that ends in good order goes on at once") {
  start();
  answer(asked(), ok(list("")));
  auto watch = asked();
  advance(5min);
  answer(watch, ok(""));
  CHECK_THAT(asked().request->url, Catch::EndsWith("resourceVersion=10"));
}

TEST_CASE_METHOD(kubernetes_fixture, "targets wait for everything that their labels come from") {
  options->role = resource::endpoints;
  start();
  std::map<std::string, fetch> listings;
  for (auto& each : http.take<fetch>()) listings[each.request->url] = each;
  REQUIRE(listings.size() == 3);
  answer(listings.at("http://k/api/v1/endpoints?limit=500&resourceVersion=0"), ok(list(R"({"metadata":{
    "name":"e","namespace":"ns","resourceVersion":"1"},
    "subsets":[{"addresses":[{"ip":"1.1.1.1"}],"ports":[{"port":1}]}]})")));
  answer(listings.at("http://k/api/v1/services?limit=500&resourceVersion=0"), ok(list("")));
  CHECK(told().empty());
  answer(listings.at("http://k/api/v1/pods?limit=500&resourceVersion=0"), ok(list("")));
  CHECK(told() == texts{"!", "+endpoints/ns/e"});
}

TEST_CASE_METHOD(kubernetes_fixture,
                 "one namespace is told without waiting for another, and that all is told only once") {
  options->namespaces = {"ns", "other"};
  start();
  auto listings = http.take<fetch>();
  REQUIRE(listings.size() == 2);
  answer(listings[0], ok(list(pod("a", "1"))));
  CHECK(told() == texts{"+pod/ns/a"});
  answer(listings[1], ok(list("")));
  CHECK(told() == texts{"!", "+pod/ns/a"});
}

TEST_CASE_METHOD(kubernetes_fixture, "discoverers that want the same list share a watch, which ends with the last") {
  auto first = start();
  answer(asked(), ok(list(pod("a", "1"))));
  auto watch = asked();
  CHECK(told() == texts{"!", "+pod/ns/a"});
  // The watch keeps no objects: what it knows is listed once more for the second one.
  auto second = start();
  auto listing = asked();
  CHECK(listing.request->url == "http://k/api/v1/pods?limit=500&resourceVersionMatch=NotOlderThan&resourceVersion=10");
  CHECK(http.take<cancel_fetch>() == std::vector{cancel_fetch{watch.tag, watch.sink}});
  say(watch, event("ADDED", pod("late", "11")));
  CHECK(told().empty());
  answer(listing, ok(list(pod("a", "1"))));
  auto both = told();
  std::sort(both.begin(), both.end());
  CHECK(both == texts{"!", "+pod/ns/a", "+pod/ns/a"});

  watch = asked();
  say(watch, event("ADDED", pod("b", "11")));
  CHECK(told() == texts{"+pod/ns/b", "+pod/ns/b"});
  stop(first);
  say(watch, event("ADDED", pod("c", "12")));
  CHECK(told() == texts{"+pod/ns/c"});
  stop(second);
  start();
  CHECK_THAT(asked().request->url, Catch::Contains("limit="));
}

TEST_CASE_METHOD(kubernetes_fixture, "selectors go with the request, and make for another list") {
  options->selectors[resource::pod] = {"app in (a,b)", "spec.nodeName=n"};
  start();
  CHECK(asked().request->url ==
        "http://k/api/v1/pods?labelSelector=app%20in%20%28a%2Cb%29&fieldSelector=spec.nodeName%3Dn&limit=500&"
        "resourceVersion=0");
  options = std::make_shared<kubernetes_sd_options>(*options);
  options->selectors.clear();
  start();
  CHECK_THAT(asked().request->url, Catch::Contains("pods?limit="));
}

TEST_CASE_METHOD(kubernetes_fixture, "a request whose client was lost is put to its successor") {
  auto discoverer = start();
  auto lost = asked();
  answer(lost, broken(http::failure::shutdown));
  auto successor = spawn_probe<http_client_actor>();
  auto changed = std::make_shared<services>(*announced);
  changed->http = {successor.handle()};
  tell(discoverer, use_services{changed});
  auto again = successor.take<fetch>();
  REQUIRE(again.size() == 1);
  answer(again[0], ok(list(pod("a", "1"))));
  CHECK(told() == texts{"!", "+pod/ns/a"});
  CHECK(status_of(discoverer).failures == 0);
}

TEST_CASE_METHOD(kubernetes_fixture, "a kubeconfig file is waited for, read, and read again when it changes") {
  options->api_server.clear();
  options->kubeconfig_file = "/home/kubeconfig";
  auto discoverer = start();
  auto wanted = files.take<watch_files>();
  REQUIRE(wanted.size() == 1);
  CHECK(wanted[0].patterns == texts{"/home/kubeconfig"});
  CHECK(http.received<fetch>().empty());
  auto read = [&](const std::string& text, const std::string& error = "") {
    auto content = std::make_shared<file_content>();
    content->path = "/home/kubeconfig";
    content->text = text;
    content->error = error;
    tell(wanted[0].sink, files_read{{content}});
  };
  tell(wanted[0].sink, files_read{});
  CHECK(status_of(discoverer).last_error == "/home/kubeconfig: no such file");
  read("", "permission denied");
  CHECK(status_of(discoverer).last_error == "/home/kubeconfig: permission denied");
  auto config = [](const std::string& server) {
    return "{current-context: c, contexts: [{name: c, context: {cluster: k}}], clusters: [{name: k, cluster: {server: "
           "'http://" +
           server + "'}}]}";
  };
  read(config("one"));
  CHECK(status_of(discoverer).last_error.empty());
  auto listing = asked();
  CHECK_THAT(listing.request->url, Catch::StartsWith("http://one/"));
  answer(listing, ok(list(pod("a", "1"))));
  CHECK(told() == texts{"!", "+pod/ns/a"});
  asked();

  // What says the same changes nothing, what makes no sense neither.
  read(config("one") + "\n");
  read("nonsense");
  CHECK_FALSE(status_of(discoverer).last_error.empty());
  CHECK(http.received<fetch>().empty());

  read(config("two"));
  listing = asked();
  CHECK_THAT(listing.request->url, Catch::StartsWith("http://two/"));
  CHECK(told().empty());
  answer(listing, ok(list(pod("b", "1"))));
  CHECK(told() == texts{"!", "+pod/ns/b"});
}

TEST_CASE_METHOD(kubernetes_fixture, "outside of a cluster the error says what is missing") {
  options->api_server.clear();
  auto discoverer = start();
  CHECK(http.received<fetch>().empty());
  CHECK_THAT(status_of(discoverer).last_error, Catch::Contains("KUBERNETES_SERVICE_HOST"));
}

TEST_CASE_METHOD(kubernetes_fixture, "its own namespace is the one that its account is in") {
  options->api_server.clear();
  options->own_namespace = true;
  auto surroundings = kubernetes::pod_surroundings{[](const std::string&) { return "1"; }, "/account"};
  adopt(spawn_kubernetes_sd(system(), options, {targets.handle(), announced, process(), "j"}, surroundings));
  settle();
  auto wanted = files.take<watch_files>();
  REQUIRE(wanted.size() == 1);
  CHECK(wanted[0].patterns == texts{"/account/namespace"});
  auto content = std::make_shared<file_content>();
  content->text = "mine\n";
  tell(wanted[0].sink, files_read{{content}});
  CHECK_THAT(asked().request->url, Catch::StartsWith("https://1:1/api/v1/namespaces/mine/pods?"));
}
