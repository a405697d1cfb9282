#include "lib/web/targets_page.hpp"

#include "lib/web/html.hpp"

#include <catch2/catch.hpp>

namespace rollcall::web {

namespace {

constexpr int64_t now = 1'795'450'000'000;
const labels hostile = labels::of({{"__address__", "<script>alert('x')</script>"}, {"a\"b", "\"><img src=x>&"}});

active_target_view view(std::string_view job, std::string_view url, std::string_view health) {
  return {.discovered = hostile,
          .visible = hostile,
          .job = job,
          .url = url,
          .health = health,
          .last_error = health == "down" ? "connect: <refused>" : "",
          .last_scrape = health == "unknown" ? 0 : now - 4200,
          .last_duration = std::chrono::microseconds(12'345),
          .interval = std::chrono::seconds(15),
          .timeout = std::chrono::seconds(10),
          .restarts = 0};
}

std::vector<job_view> two_jobs() {
  job_view node{"node", {view("node", "http://n1/", "up"), view("node", "http://n2/", "down")}, {}, 7, 0, {}};
  node.dropped.push_back({hostile, "node", "relabel_configs[0]: <drop>"});
  job_view other{"<other>", {view("<other>", "http://o1/", "unknown")}, {}, 0, 3, {}};
  return {node, other};
}

std::string page_of(const std::string& query, const std::vector<job_view>& jobs) {
  return targets_page(targets_filter::from(query_string(query)), "/base", now).render(jobs);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("shows what there is to note of a job") {
  auto jobs = two_jobs();
  jobs[0].note = "http: from <snapshot>";
  auto page = page_of("", jobs);
  CHECK(count(page, "<p class=\"note\">") == 1);
  CHECK(contains(page, "</h2>\n<p class=\"note\">http: from &lt;snapshot&gt;</p>"));
}

TEST_CASE("shows every target with its state and the counts") {
  auto page = page_of("", two_jobs());
  CHECK(contains(page, "1 of 3 up, 7 dropped, 2 jobs"));
  CHECK(contains(page, "<h2>node <span class=\"count\">1 of 2 up, 7 dropped, 3 match</span></h2>"));
  CHECK(contains(page, "3 restarts"));
  CHECK(contains(page, "<tr><td>http://n1/</td><td class=\"up\">up</td>"));
  CHECK(contains(page, "4.2s ago</td><td>12.345ms</td>"));
  CHECK(contains(page, "connect: &lt;refused&gt;"));
  CHECK(contains(page, "<td>never</td><td></td>"));
  CHECK(contains(page, "relabel_configs[0]: &lt;drop&gt;"));
  CHECK(contains(page, "href=\"/base/static/page.css\""));
}

TEST_CASE("lets nothing from targets or the query through as HTML") {
  auto page = page_of("job=%22%3E%3Cscript%3E&health=down", two_jobs());
  CHECK_FALSE(contains(page, "<script"));
  CHECK_FALSE(contains(page, "<img"));
  page = page_of("", two_jobs());
  CHECK_FALSE(contains(page, "<script"));
  CHECK_FALSE(contains(page, "<img"));
  CHECK_FALSE(contains(page, "<other>"));
  CHECK(contains(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
}

TEST_CASE("shows only what the filter lets through") {
  auto down = page_of("health=down", two_jobs());
  CHECK(contains(down, "http://n2/"));
  CHECK_FALSE(contains(down, "http://n1/"));
  CHECK_FALSE(contains(down, "http://o1/"));
  CHECK_FALSE(contains(down, "<td>dropped</td>"));
  auto dropped = page_of("health=dropped", two_jobs());
  CHECK(count(dropped, "<td>dropped</td>") == 1);
  CHECK_FALSE(contains(dropped, "http://n"));
  auto job = page_of("job=%3Cother%3E", two_jobs());
  CHECK(contains(job, "http://o1/"));
  CHECK_FALSE(contains(job, "http://n1/"));
  CHECK(contains(page_of("job=none", two_jobs()), "No target to show."));
}

TEST_CASE("bounds the rows of a page and links the others") {
  job_view big{"big", {}, {}, 0, 0, {}};
  for (size_t i = 0; i < targets_page::rows_max * 2 + 1; ++i) big.active.push_back(view("big", "http://b/", "up"));
  auto first = page_of("job=big&health=up", {big});
  CHECK(count(first, "<tr><td>") == targets_page::rows_max);
  CHECK(contains(first, "page 1 of 3"));
  CHECK(contains(first, "?job=big&amp;health=up&amp;page=2"));
  CHECK_FALSE(contains(first, "previous"));
  auto last = page_of("job=big&page=3", {big});
  CHECK(count(last, "<tr><td>") == 1);
  CHECK_FALSE(contains(last, "next"));
  auto beyond = page_of("page=999999999999", {big});
  CHECK(count(beyond, "<tr><td>") == 0);
  CHECK(contains(beyond, "page=3\">previous"));
}

TEST_CASE("takes a filter that makes no sense for none") {
  auto filter = targets_filter::from(query_string("health=sideways&page=-1&job=x"));
  CHECK(filter == targets_filter{"", "x", 1});
  CHECK(targets_filter::from(query_string("page=0x2")).page == 1);
  CHECK(targets_filter::from(query_string("page=99999999999999999999")).page == 1);
}

TEST_CASE("gives pages a policy that runs no script") {
  auto response = html_response("x");
  CHECK(response.headers.front().second.starts_with("default-src 'none'; style-src 'self'"));
}

}  // namespace rollcall::web
