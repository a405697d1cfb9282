#pragma once

#include "lib/base/result.hpp"
#include "lib/http/request.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rollcall {

/// Header lines as libcurl takes them. Filled once, then linked; the lines must not move while a transfer uses them.
class header_lines {
 public:
  header_lines() = default;
  header_lines(const header_lines&) = delete;
  header_lines& operator=(const header_lines&) = delete;

  void add(const http::header_list& headers);
  void add(std::string_view name, std::string_view value);
  /// A header that libcurl would send of its own accord and shall not.
  void suppress(std::string_view name);
  /// A line that is no header but goes into a list of libcurl's all the same.
  void add_line(std::string line) { lines_.push_back(std::move(line)); }
  void clear();

  /// Links the lines into a list that goes on with `tail`, which may be null, as the result when there are no lines.
  curl_slist* link(curl_slist* tail);
  curl_slist* first() const { return first_; }

 private:
  std::vector<std::string> lines_;
  std::vector<curl_slist> nodes_;
  curl_slist* first_ = nullptr;
};

using header_lines_ptr = std::shared_ptr<const header_lines>;

/// The header lines that all requests of a job have in common, made once per (headers, client settings).
class header_cache {
 public:
  /// The request's own headers, followed by authentication and custom headers of its client settings. What comes from
  /// files is read now and not cached. Errors: those of http::authentication_headers.
  result<header_lines_ptr> with_credentials(const http::request& request);
  /// The request's own headers alone, for hosts that the credentials are not meant for.
  header_lines_ptr without_credentials(const http::request& request);

  std::size_t size() const { return entries_.size(); }

 private:
  using key = std::pair<const void*, const void*>;
  struct key_hash {
    std::size_t operator()(const key& key) const;
  };
  struct entry {
    std::shared_ptr<const http::header_list> headers;
    http::client_config_ptr client;
    header_lines_ptr lines;
  };

  header_lines_ptr remember(const http::request& request, http::client_config_ptr client, header_lines_ptr lines);
  const header_lines_ptr* find(const http::request& request, const http::client_config* client) const;
  void sweep();

  std::unordered_map<key, entry, key_hash> entries_;
  std::size_t sweep_at_ = 64;
};

}  // namespace rollcall
