#pragma once

#include "actors/act.hpp"
#include "messages/io.hpp"
#include "tests/lib/remote_write/wire_format_2.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A remote_write receiver behind an HTTP client's interface: no network, scripted answers.
namespace rollcall::test {

/// A request as the receiver saw it.
struct posted {
  fetch request;
  std::vector<wire_sample> samples;

  std::string header(std::string_view name) const {
    for (const auto* list : {request.request->headers.get(), &request.extra_headers}) {
      for (const auto& each : *list) {
        if (each.name == name) return each.value;
      }
    }
    return {};
  }
};

/// The samples of a request in any form.
inline std::vector<wire_sample> samples_of(const posted& post) {
  if (post.header("Content-Encoding") == "zstd") return wire_decode(zstd_uncompressed(*post.request.body));
  auto plain = uncompressed(*post.request.body);
  if (post.header("X-Prometheus-Remote-Write-Version") != "2.0.0") return wire_decode(plain);
  std::vector<wire_sample> samples;
  for (auto& series : wire_decode_2(plain)) {
    if (series.sample) samples.push_back({std::move(series.labels), series.sample->value, series.sample->timestamp});
  }
  return samples;
}

inline http::response response_of(int status, std::string body = "", std::string retry_after = "") {
  http::response response;
  response.status = status;
  response.body = std::move(body);
  response.retry_after = std::move(retry_after);
  response.elapsed = std::chrono::milliseconds(20);
  return response;
}

/// What the receiver got, and how it answers. Shared by the actor and the test.
struct receiver_book {
  std::vector<posted> posts;
  bool keeps_bodies_only = false;  ///< Nothing is read: the bodies are not of samples alone.
  /// The answer to a request; nothing leaves it open, to be answered with answer() or never. Success by default.
  std::function<std::optional<http::response>(const posted&)> script = [](const posted&) { return response_of(204); };

  std::vector<wire_sample> samples() const {
    std::vector<wire_sample> all;
    for (const auto& post : posts) all.insert(all.end(), post.samples.begin(), post.samples.end());
    return all;
  }
  void answer(size_t post, http::response response) const {
    const auto& asked = posts.at(post).request;
    act::tell(asked.sink, fetched{asked.tag, std::move(response)});
  }
};

using receiver_book_ptr = std::shared_ptr<receiver_book>;

inline http_client_actor::behavior_type write_receiver(http_client_actor::pointer, receiver_book_ptr book) {
  return {
      [book](const fetch& asked) {
        auto& post = book->posts.emplace_back(posted{asked, {}});
        if (!book->keeps_bodies_only) post.samples = samples_of(post);
        if (auto response = book->script(book->posts.back())) book->answer(book->posts.size() - 1, *response);
      },
      // Nothing is streamed, and nobody gives up.
      [](const parts_taken&) {},
      [](const cancel_fetch&) {},
      [book](const get_http_client_status&) { return http_client_status{book->posts.size(), 0, 0, 0}; },
  };
}

}  // namespace rollcall::test
