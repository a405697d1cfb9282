#include "actors/discovery/kubernetes_sd/watch_plan.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using kubernetes::resource;

namespace {

using texts = std::vector<std::string>;

texts planned(const kubernetes_sd_options& options, const std::string& own = "") {
  texts out;
  for (const auto& each : plan_watches(options, own))
    out.push_back(kubernetes::list_path(each.resource, each.name_space).substr(each.resource == resource::job ? 5 : 4) +
                  (each.essential ? "" : "?"));
  return out;
}

kubernetes_sd_options with_role(resource role) {
  kubernetes_sd_options out;
  out.role = role;
  return out;
}

}  // namespace

TEST_CASE("a role needs its own objects and those that its labels come from") {
  CHECK(planned(with_role(resource::node)) == texts{"/v1/nodes"});
  CHECK(planned(with_role(resource::pod)) == texts{"/v1/pods"});
  CHECK(planned(with_role(resource::endpoints)) == texts{"/v1/endpoints", "/v1/services", "/v1/pods"});
}

TEST_CASE("every namespace has watches of its own, and what has no namespace one") {
  auto options = with_role(resource::pod);
  options.namespaces = {"a", "b"};
  options.own_namespace = true;
  options.attach = {.node = true, .name_space = true, .deployment = true, .job = true, .cron_job = false};
  CHECK(planned(options, "mine") == texts{"/v1/namespaces/a/pods", "/v1/namespaces/b/pods", "/v1/namespaces/mine/pods",
                                          "/v1/nodes", "/v1/namespaces", "s/apps/v1/namespaces/a/replicasets?",
                                          "s/apps/v1/namespaces/b/replicasets?",
                                          "s/apps/v1/namespaces/mine/replicasets?"});
  options.namespaces = {"a"};
  options.attach = {};
  CHECK(planned(options, "a") == texts{"/v1/namespaces/a/pods"});
}

TEST_CASE("a namespace is settled when everything is known that its targets are made of") {
  auto options = with_role(resource::endpoints);
  options.namespaces = {"a", "b"};
  options.attach.node = true;
  watch_progress progress(plan_watches(options, ""));
  REQUIRE(progress.plan().size() == 7);
  for (size_t i = 0; i < 6; i += 2) progress.set_known(i);
  CHECK_FALSE(progress.is_settled("a"));
  progress.set_known(6);
  CHECK(progress.is_settled("a"));
  CHECK_FALSE(progress.is_settled("b"));
  CHECK_FALSE(progress.all_settled());
  for (size_t i = 1; i < 6; i += 2) progress.set_known(i);
  CHECK(progress.is_settled("b"));
  CHECK(progress.all_settled());
}

TEST_CASE("targets do not wait for owners of owners that may not be read") {
  auto options = with_role(resource::pod);
  options.attach.deployment = true;
  watch_progress progress(plan_watches(options, ""));
  progress.set_known(0);
  CHECK_FALSE(progress.all_settled());
  progress.set_error(1, "forbidden");
  CHECK(progress.all_settled());
  CHECK(progress.error() == "forbidden");
  progress.set_error(1, "");
  CHECK(progress.all_settled());
  CHECK(progress.error().empty());
}
