#include "lib/cluster/arbiter.hpp"

#include "lib/cluster/etcd_arbiter.hpp"
#include "lib/cluster/kubernetes_arbiter.hpp"
#include "lib/http/base64.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace rollcall;
using namespace rollcall::cluster;
using nlohmann::json;

namespace {

const mandate example{7, "one-42", "one:9096", std::chrono::seconds(4), 3};

pod_surroundings pod() {
  pod_surroundings surroundings;
  surroundings.variable = [](const std::string& name) {
    return name == "KUBERNETES_SERVICE_HOST" ? std::string("fd00::1") : std::string("443");
  };
  return surroundings;
}

pod_surroundings no_pod() {
  pod_surroundings surroundings;
  surroundings.variable = [](const std::string&) { return std::string(); };
  return surroundings;
}

}  // namespace

TEST_CASE("etcd: what was written is what is read, at the revision that the key then has") {
  etcd_arbiter etcd("http://etcd:2379", "rollcall/leader");
  auto writing = etcd.write("12", example, 0);
  CHECK(writing.url == "http://etcd:2379/v3/kv/txn");
  auto body = json::parse(writing.body);
  CHECK(body["compare"][0]["mod_revision"] == "12");
  CHECK(http::decode_base64(body["compare"][0]["key"].get<std::string>()) == "rollcall/leader");
  auto value = body["success"][0]["requestPut"]["value"];

  CHECK(etcd.read().url == "http://etcd:2379/v3/kv/range");
  json answer{{"kvs", json::array({{{"mod_revision", "13"}, {"value", value}}})}};
  CHECK(etcd.content_of(200, answer.dump()) == register_content{"13", example});
}

TEST_CASE("etcd: a key that does not exist is expected as revision 0 and read as nothing") {
  etcd_arbiter etcd("http://etcd:2379", "key");
  CHECK(json::parse(etcd.write("", example, 0).body)["compare"][0]["mod_revision"] == "0");
  CHECK(etcd.content_of(200, R"({"header":{"revision":"5"}})") == register_content{});
}

TEST_CASE("etcd: a transaction succeeds, fails or is refused") {
  etcd_arbiter etcd("http://etcd:2379", "key");
  CHECK(etcd.outcome_of(200, R"({"header":{"revision":"6"},"succeeded":true})") == write_outcome{true, "6"});
  CHECK(etcd.outcome_of(200, R"({"header":{"revision":"6"}})") == write_outcome{});
  CHECK(etcd.outcome_of(503, "no leader").error().message.find("no leader") != std::string::npos);
  CHECK_FALSE(etcd.outcome_of(200, R"({"succeeded":true})"));
  CHECK_FALSE(etcd.outcome_of(200, "[]"));
}

TEST_CASE("etcd: a value that no coordinator wrote is an error, so that nobody replaces it") {
  etcd_arbiter etcd("http://etcd:2379", "key");
  for (const char* value : {"", "hello", "{}", R"({"epoch":1})", R"({"epoch":4294967295,"leaseMilliseconds":4000})"}) {
    CAPTURE(value);
    json answer{{"kvs", json::array({{{"mod_revision", "1"}, {"value", http::base64(value)}}})}};
    CHECK_FALSE(etcd.content_of(200, answer.dump()));
  }
  CHECK_FALSE(etcd.content_of(200, R"({"kvs":[{"mod_revision":"1","value":"?"}]})"));
}

TEST_CASE("Kubernetes: a Lease that was written is what is read, its lease rounded up to seconds") {
  kubernetes_arbiter kubernetes("https://api", "rollcall", "leader");
  auto wanted = example;
  wanted.lease = milliseconds(3200);
  auto creating = kubernetes.write("", wanted, 1'700'000'000'123);
  CHECK(creating.method == "POST");
  CHECK(creating.url == "https://api/apis/coordination.k8s.io/v1/namespaces/rollcall/leases");
  CHECK(json::parse(creating.body)["spec"]["renewTime"] == "2023-11-14T22:13:20.123000Z");
  auto updating = kubernetes.write("77", wanted, 0);
  CHECK(updating.method == "PUT");
  CHECK(updating.url == creating.url + "/leader");
  auto lease = json::parse(updating.body);
  CHECK(lease["metadata"]["resourceVersion"] == "77");
  CHECK(kubernetes.content_of(200, lease.dump()) == register_content{"77", example});
}

TEST_CASE("Kubernetes: no Lease and one that nobody has held are both free") {
  kubernetes_arbiter kubernetes("https://api", "rollcall", "leader");
  CHECK(kubernetes.content_of(404, "{}") == register_content{});
  CHECK(kubernetes.content_of(200, R"({"metadata":{"resourceVersion":"5"},"spec":{}})") == register_content{"5", {}});
  // Somebody else's.
  CHECK_FALSE(kubernetes.content_of(200, R"({"metadata":{"resourceVersion":"5"},"spec":{"holderIdentity":"x"}})"));
  CHECK_FALSE(kubernetes.content_of(403, R"({"message":"forbidden"})"));
}

TEST_CASE("Kubernetes: an update is taken, or comes too late") {
  kubernetes_arbiter kubernetes("https://api", "rollcall", "leader");
  CHECK(kubernetes.outcome_of(201, R"({"metadata":{"resourceVersion":"6"}})") == write_outcome{true, "6"});
  CHECK(kubernetes.outcome_of(409, "{}") == write_outcome{});
  CHECK_FALSE(kubernetes.outcome_of(200, "{}"));
}

TEST_CASE("arbiters are named by URL") {
  auto etcd = find_arbiter("etcd+https://etcd:2379/rollcall/leader", no_pod());
  REQUIRE(etcd);
  CHECK(etcd->dialect->read().url == "https://etcd:2379/v3/kv/range");
  CHECK(json::parse(etcd->dialect->read().body)["key"] == http::base64("rollcall/leader"));
  auto kubernetes = find_arbiter("kubernetes://monitoring/rollcall", pod());
  REQUIRE(kubernetes);
  CHECK(kubernetes->dialect->read().url ==
        "https://[fd00::1]:443/apis/coordination.k8s.io/v1/namespaces/monitoring/leases/rollcall");
  CHECK(kubernetes->client.authorization->credentials.file == "/var/run/secrets/kubernetes.io/serviceaccount/token");
}

TEST_CASE("workers that decide instead of an arbiter are named, each once") {
  auto workers = find_arbiter("workers://worker-0,worker-1,worker-2", no_pod());
  REQUIRE(workers);
  CHECK_FALSE(workers->dialect);
  CHECK(workers->voters == std::vector<std::string>{"worker-0", "worker-1", "worker-2"});
  CHECK(find_arbiter("workers://worker-0", no_pod())->voters.size() == 1);
  std::string all = "workers://0";
  for (size_t i = 1; i < voters_max; ++i) all += ',' + std::to_string(i);
  CHECK(find_arbiter(all, no_pod())->voters.size() == voters_max);
  CHECK_FALSE(find_arbiter(all + ",one-more", no_pod()));
  CHECK_FALSE(find_arbiter("workers://" + std::string(voter_name_bytes_max + 1, 'a'), no_pod()));
}

TEST_CASE("what names no arbiter is refused") {
  for (const char* text : {"", "etcd://a/b", "etcd+http://a:1", "etcd+http://a:1/", "etcd+http://u:p@a:1/key",
                           "kubernetes://a", "kubernetes:///b", "kubernetes://a/b/c", "kubernetes://A/b", "workers://",
                           "workers://a,,b", "workers://a,b,", "workers://a,b,a"}) {
    CAPTURE(text);
    CHECK_FALSE(find_arbiter(text, pod()));
  }
  CHECK(find_arbiter("kubernetes://a/b", no_pod()).error().code == errc::not_found);
}
