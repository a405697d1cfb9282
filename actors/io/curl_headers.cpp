#include "actors/io/curl_headers.hpp"

#include "lib/http/authorization.hpp"

#include <algorithm>
#include <functional>

namespace rollcall {

void header_lines::add(const http::header_list& headers) {
  for (const auto& header : headers) add(header.name, header.value);
}

void header_lines::add(std::string_view name, std::string_view value) {
  // To libcurl "Name:" means to leave the header out, and "Name;" to send it empty.
  auto& line = lines_.emplace_back(name);
  if (value.empty()) {
    line += ';';
  } else {
    line.append(": ").append(value);
  }
}

void header_lines::suppress(std::string_view name) { lines_.emplace_back(name) += ':'; }

void header_lines::clear() {
  lines_.clear();
  nodes_.clear();
  first_ = nullptr;
}

curl_slist* header_lines::link(curl_slist* tail) {
  nodes_.resize(lines_.size());
  for (std::size_t i = lines_.size(); i-- > 0;) {
    nodes_[i] = {lines_[i].data(), tail};
    tail = &nodes_[i];
  }
  return first_ = tail;
}

std::size_t header_cache::key_hash::operator()(const key& key) const {
  return std::hash<const void*>()(key.first) * 31 + std::hash<const void*>()(key.second);
}

const header_lines_ptr* header_cache::find(const http::request& request, const http::client_config* client) const {
  auto found = entries_.find({request.headers.get(), client});
  return found == entries_.end() ? nullptr : &found->second.lines;
}

header_lines_ptr header_cache::remember(const http::request& request, http::client_config_ptr client,
                                        header_lines_ptr lines) {
  if (entries_.size() >= sweep_at_) sweep();
  const key at{request.headers.get(), client.get()};
  entries_[at] = {request.headers, std::move(client), lines};
  return lines;
}

void header_cache::sweep() {
  // After a reload the settings of before are held by nobody else any more.
  auto held_here_alone = [](const auto& pointer) { return pointer != nullptr && pointer.use_count() == 1; };
  std::erase_if(entries_, [&](const auto& item) {
    return held_here_alone(item.second.headers) || held_here_alone(item.second.client);
  });
  sweep_at_ = std::max<std::size_t>(64, entries_.size() * 2);
}

result<header_lines_ptr> header_cache::with_credentials(const http::request& request) {
  if (!request.client) return without_credentials(request);
  if (const auto* known = find(request, request.client.get())) return *known;
  auto authentication = http::authentication_headers(*request.client);
  if (!authentication) return tl::unexpected<error>(authentication.error());
  auto lines = std::make_shared<header_lines>();
  if (request.headers) lines->add(*request.headers);
  lines->add(*authentication);
  lines->link(nullptr);
  if (http::reads_files(*request.client)) return lines;
  return remember(request, request.client, std::move(lines));
}

header_lines_ptr header_cache::without_credentials(const http::request& request) {
  if (const auto* known = find(request, nullptr)) return *known;
  auto lines = std::make_shared<header_lines>();
  if (request.headers) lines->add(*request.headers);
  lines->link(nullptr);
  return remember(request, nullptr, std::move(lines));
}

}  // namespace rollcall
