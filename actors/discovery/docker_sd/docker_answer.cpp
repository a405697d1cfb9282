#include "actors/discovery/docker_sd/docker_answer.hpp"

#include "lib/labels/names.hpp"

#include <fmt/format.h>

namespace rollcall::docker {

namespace {

constexpr size_t message_bytes_max = 200;

/// The daemon's explanation of a failure: {"message": "..."}.
std::string explanation(const std::string& body) {
  std::string message;
  auto read = read_json(body, [&](const json_reader& document) { message = document.text("message"); });
  return read && !message.empty() ? ": " + message.substr(0, message_bytes_max) : "";
}

}  // namespace

void add_labels(label_pairs& out, std::string_view prefix, const json_reader& object) {
  for (auto& [name, value] : object.text_map("Labels"))
    out.emplace_back(std::string(prefix) + sanitize_label_name(name), value);
}

std::string to_text(bool value) { return value ? "true" : "false"; }

result<void> read_answer(const http::response& answer, const std::function<void(const json_reader&)>& read) {
  if (answer.status != 200)
    return fail(errc::io, fmt::format("server returned HTTP status {} {}{}", answer.status, answer.reason,
                                      explanation(answer.body)));
  return read_json(answer.body, read, null_document::zero);
}

std::map<std::string, label_pairs> network_labels(const json_reader& networks, std::string_view prefix) {
  std::map<std::string, label_pairs> out;
  auto named = [&](std::string_view name) { return std::string(prefix) + std::string(name); };
  networks.each([&](const json_reader& network) {
    auto id = network.text("Id");
    auto& labels = out[id];
    labels = {{named("network_id"), id},
              {named("network_name"), network.text("Name")},
              {named("network_scope"), network.text("Scope")},
              {named("network_internal"), to_text(network.boolean("Internal"))},
              {named("network_ingress"), to_text(network.boolean("Ingress"))}};
    add_labels(labels, named("network_label_"), network);
  });
  return out;
}

}  // namespace rollcall::docker
