#include "actors/discovery/kubernetes_sd/reflector.hpp"

#include "actors/discovery/kubernetes_sd/line_splitter.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

using namespace rollcall;
using namespace rollcall::kubernetes;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

object_ptr made(const std::string& name, const std::string& version, const std::string& note = "") {
  auto out = std::make_shared<object>();
  out->metadata.name = name;
  out->metadata.name_space = "ns";
  if (!note.empty()) out->metadata.labels = {{"note", note}};
  out->version = version;
  return out;
}

list_page page(std::vector<object_ptr> items, const std::string& version, const std::string& next = "") {
  return {std::move(items), version, next};
}

watch_event event(event_kind kind, object_ptr of) { return {kind, std::move(of), 0, ""}; }

/// Changes as text, in order of key: "+ns/a" for what is there, "-ns/a" for what went.
texts shown(const std::vector<object_change>& changes) {
  texts out;
  for (const auto& each : changes) out.push_back((each.object ? "+" : "-") + each.key);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.substr(1) < b.substr(1); });
  return out;
}

texts apply(reflector& of, event_kind kind, object_ptr object) {
  std::vector<object_change> changes;
  of.take(event(kind, std::move(object)), changes);
  return shown(changes);
}

/// One that has a and b and watches from version 10.
reflector synced() {
  reflector out({});
  out.take(page({made("a", "1"), made("b", "2")}, "10"));
  return out;
}

}  // namespace

TEST_CASE("a list comes in pages, and what a page has is told with it") {
  reflector subject({});
  CHECK(subject.next_phase() == reflector::phase::list);
  CHECK(subject.next_query(0) == "limit=500&resourceVersion=0");
  CHECK(shown(subject.take(page({made("a", "1")}, "10", "more/="))) == texts{"+ns/a"});
  CHECK(subject.next_phase() == reflector::phase::list);
  CHECK(subject.next_query(0) == "limit=500&continue=more%2F%3D");
  CHECK(shown(subject.take(page({made("b", "2")}, "10"))) == texts{"+ns/b"});
  CHECK(subject.next_phase() == reflector::phase::watch);
  CHECK(subject.next_query(0) == "watch=1&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=10");
  CHECK(subject.next_query(0.5) == "watch=1&allowWatchBookmarks=true&timeoutSeconds=450&resourceVersion=10");
}

TEST_CASE("events change what is known, and move the version from which a watch goes on") {
  auto subject = synced();
  CHECK(apply(subject, event_kind::added, made("c", "11")) == texts{"+ns/c"});
  CHECK(apply(subject, event_kind::modified, made("a", "12", "new")) == texts{"+ns/a"});
  CHECK(apply(subject, event_kind::deleted, made("b", "13")) == texts{"-ns/b"});
  CHECK(subject.size() == 2);
  CHECK_THAT(subject.next_query(0), Catch::EndsWith("resourceVersion=13"));
  CHECK(apply(subject, event_kind::bookmark, made("", "20")).empty());
  CHECK_THAT(subject.next_query(0), Catch::EndsWith("resourceVersion=20"));
  CHECK(subject.size() == 2);
}

TEST_CASE("an event that changes nothing anybody sees is no change") {
  auto subject = synced();
  CHECK(apply(subject, event_kind::modified, made("a", "11")).empty());
  CHECK(apply(subject, event_kind::deleted, made("unknown", "12")).empty());
  CHECK_THAT(subject.next_query(0), Catch::EndsWith("resourceVersion=12"));
}

TEST_CASE("a watch that ended in good order goes on at once from where it was") {
  auto subject = synced();
  CHECK(subject.ended(5min, 0) == 0ms);
  CHECK(subject.next_phase() == reflector::phase::watch);
  CHECK_THAT(subject.next_query(0), Catch::EndsWith("resourceVersion=10"));
  SECTION("one that ends at once over and over is not hurried") {
    CHECK(subject.ended(1ms, 0) == 1s);
    CHECK(subject.ended(1ms, 0) == 2s);
    apply(subject, event_kind::added, made("c", "11"));
    CHECK(subject.ended(1ms, 0) == 0ms);
    CHECK(subject.ended(1ms, 0) == 1s);
  }
}

TEST_CASE("a broken connection changes nothing, and the watch goes on from the last version") {
  auto subject = synced();
  apply(subject, event_kind::added, made("c", "11"));
  CHECK(subject.failed(trouble::unreachable, 0) == 1s);
  CHECK(subject.failed(trouble::unreachable, 0) == 2s);
  CHECK(subject.failed(trouble::unreachable, 1) == 2s);
  CHECK(subject.next_phase() == reflector::phase::watch);
  CHECK_THAT(subject.next_query(0), Catch::EndsWith("resourceVersion=11"));
  CHECK(subject.size() == 3);
}

TEST_CASE("delays grow to a bound") {
  auto subject = synced();
  std::chrono::milliseconds last{0};
  for (int i = 0; i < 20; ++i) last = subject.failed(trouble::unreachable, 0);
  CHECK(last == 30s);
}

TEST_CASE("a version that is too old leads to a new list, during which nothing is withdrawn") {
  auto subject = synced();
  subject.failed(trouble::expired, 0);
  CHECK(subject.next_phase() == reflector::phase::list);
  CHECK(subject.next_query(0) == "limit=500");
  CHECK(subject.size() == 2);
  CHECK(subject.take(page({made("b", "2")}, "50", "next")).empty());
  CHECK(subject.size() == 2);
  // What went while nobody watched is found by comparing; what stayed is no change.
  CHECK(shown(subject.take(page({made("c", "40")}, "50"))) == texts{"-ns/a", "+ns/c"});
  CHECK_THAT(subject.next_query(0), Catch::EndsWith("resourceVersion=50"));
}

TEST_CASE("a list whose continuation expired begins anew") {
  reflector subject({});
  subject.take(page({made("a", "1"), made("b", "2")}, "10", "next"));
  subject.failed(trouble::expired, 0);
  CHECK(subject.next_query(0) == "limit=500");
  CHECK(subject.size() == 2);
  // What was told of it is known.
  CHECK(shown(subject.take(page({made("b", "2"), made("c", "1")}, "20"))) == texts{"-ns/a", "+ns/c"});
}

TEST_CASE("a page that did not come is asked for again") {
  reflector subject({});
  subject.take(page({made("a", "1")}, "10", "next"));
  subject.failed(trouble::unreachable, 0);
  CHECK(subject.next_query(0) == "limit=500&continue=next");
}

TEST_CASE("an answer that makes no sense leads to a list that is at least as new as what is known") {
  auto subject = synced();
  subject.failed(trouble::malformed, 0);
  CHECK(subject.next_query(0) == "limit=500&resourceVersionMatch=NotOlderThan&resourceVersion=10");
  // A server that was set back in time will never be.
  subject.failed(trouble::unreachable, 0);
  CHECK(subject.next_query(0) == "limit=500");
}

TEST_CASE("a list that is asked for once more tells every object, and what went meanwhile") {
  auto subject = synced();
  CHECK(subject.list_again());
  CHECK(subject.next_query(0) == "limit=500&resourceVersionMatch=NotOlderThan&resourceVersion=10");
  CHECK(subject.size() == 2);
  CHECK(shown(subject.take(page({made("b", "2"), made("c", "3")}, "50"))) == texts{"-ns/a", "+ns/b", "+ns/c"});
  CHECK(apply(subject, event_kind::modified, made("b", "51")).empty());
}

TEST_CASE("a list under way begins anew when somebody asks for it once more") {
  auto subject = synced();
  subject.failed(trouble::expired, 0);
  subject.take(page({made("a", "1")}, "50", "next"));
  CHECK(subject.list_again());
  CHECK(subject.next_query(0) == "limit=500");
  // Nothing of it has come yet, so that it serves one who asks now as well.
  CHECK_FALSE(subject.list_again());
  CHECK(subject.size() == 2);
  CHECK(shown(subject.take(page({made("a", "1"), made("b", "2")}, "50"))) == texts{"+ns/a", "+ns/b"});
}

TEST_CASE("a first list that has not begun serves everyone who asks meanwhile") {
  reflector subject({});
  CHECK_FALSE(subject.list_again());
  CHECK(subject.next_query(0) == "limit=500&resourceVersion=0");
}

TEST_CASE("an object that is listed twice counts once, as it came last") {
  reflector subject({});
  subject.take(page({made("a", "1", "old")}, "10", "next"));
  auto changes = subject.take(page({made("a", "9", "new"), made("a", "9", "new")}, "10"));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].object->version == "9");
  CHECK(subject.size() == 1);
}

TEST_CASE("lines come whole, however the bytes are cut") {
  const std::string bytes = "one\n\ntwo\nthree";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    line_splitter lines(100);
    texts seen;
    auto take = [&](std::string_view line) {
      seen.emplace_back(line);
      return true;
    };
    CHECK(lines.feed(std::string_view(bytes).substr(0, cut), take));
    CHECK(lines.feed(std::string_view(bytes).substr(cut), take));
    CHECK(seen == texts{"one", "two"});
    CHECK(lines.inside_line());
  }
}

TEST_CASE("a line that is too long is an error, and so is its beginning") {
  auto nobody = [](std::string_view) { return true; };
  line_splitter lines(5);
  CHECK(lines.feed("12345\n", nobody));
  CHECK_FALSE(lines.feed("123456\n", nobody));
  CHECK(lines.feed("123", nobody));
  auto second = lines.feed("456", nobody);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::limit_exceeded);
}

TEST_CASE("whoever takes lines can stop") {
  line_splitter lines(100);
  texts seen;
  lines.feed("one\ntwo\nthree\n", [&](std::string_view line) {
    seen.emplace_back(line);
    return line != "two";
  });
  CHECK(seen == texts{"one", "two"});
}

TEST_CASE("paths are those of the API") {
  CHECK(list_path(resource::pod, "") == "/api/v1/pods");
  CHECK(list_path(resource::pod, "a b") == "/api/v1/namespaces/a%20b/pods");
  CHECK(list_path(resource::node, "ns") == "/api/v1/nodes");
  CHECK(list_path(resource::endpoint_slice, "ns") == "/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices");
  CHECK(list_path(resource::ingress, "") == "/apis/networking.k8s.io/v1/ingresses");
}
