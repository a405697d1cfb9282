#include "app/cluster_command.hpp"

#include "lib/http/percent_encode.hpp"

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>

namespace rollcall {

namespace {

constexpr long timeout_seconds = 15;

size_t append(char* bytes, size_t size, size_t count, void* text) {
  static_cast<std::string*>(text)->append(bytes, size * count);
  return size * count;
}

// The body of the answer, or nothing after saying what is wrong.
std::string ask(const std::string& url, bool is_order, long& status) {
  std::unique_ptr<CURL, void (*)(CURL*)> request(curl_easy_init(), curl_easy_cleanup);
  std::string body;
  curl_easy_setopt(request.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(request.get(), CURLOPT_TIMEOUT, timeout_seconds);
  curl_easy_setopt(request.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(request.get(), CURLOPT_WRITEDATA, &body);
  if (is_order) curl_easy_setopt(request.get(), CURLOPT_POSTFIELDS, "");
  auto code = curl_easy_perform(request.get());
  curl_easy_getinfo(request.get(), CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK) return body;
  std::fprintf(stderr, "%s: %s\n", url.c_str(), curl_easy_strerror(code));
  status = 0;
  return {};
}

void print(const nlohmann::json& data) {
  auto text = [](const nlohmann::json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); };
  std::printf("epoch %s, %s targets, %s handovers under way, %s takeovers\n", text(data["epoch"]).c_str(),
              text(data["targets"]).c_str(), text(data["handovers"]).c_str(), text(data["takeovers"]).c_str());
  for (const auto& node : data["nodes"])
    std::printf("%s: %s targets, load %s, silent for %s ms%s\n", text(node["name"]).c_str(),
                text(node["targets"]).c_str(), text(node["load"]).c_str(), text(node["silentMilliseconds"]).c_str(),
                node["draining"] == true ? ", draining" : "");
}

}  // namespace

int run_cluster_command(const cluster_order& order) {
  bool is_drain = order.what == cluster_order::work::drain;
  auto url = order.url + "/api/v1/cluster" + (is_drain ? "/drain?node=" + http::encode_component(order.node) : "");
  long status = 0;
  auto body = ask(url, is_drain, status);
  if (status == 0) return 1;
  auto answer = nlohmann::json::parse(body, nullptr, false);
  if (status != 200 || answer.is_discarded() || answer.value("status", "") != "success") {
    std::fprintf(stderr, "%s: %s\n", url.c_str(), body.c_str());
    return 1;
  }
  if (!is_drain) print(answer["data"]);
  return 0;
}

}  // namespace rollcall
