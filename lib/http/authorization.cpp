#include "lib/http/authorization.hpp"

#include "lib/base/file_descriptor.hpp"
#include "lib/http/base64.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace rollcall::http {

namespace {

constexpr std::size_t file_size_max = 1 << 20;

std::string trimmed(const std::string& text) {
  constexpr const char* space = " \t\r\n\v\f";
  auto begin = text.find_first_not_of(space);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

result<void> add(header_list& headers, const std::string& name, std::string value) {
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    return fail(errc::invalid_argument, "header " + name + " has a line break in its value");
  headers.push_back({name, std::move(value)});
  return {};
}

result<void> add_authorization(const client_config& client, header_list& headers) {
  if (client.basic_auth) {
    auto username = read_secret(client.basic_auth->username);
    if (!username) return fail("unable to read basic auth username", username.error());
    auto password = read_secret(client.basic_auth->password);
    if (!password) return fail("unable to read basic auth password", password.error());
    return add(headers, "Authorization", "Basic " + base64(*username + ':' + *password));
  }
  if (client.authorization) {
    auto credentials = read_secret(client.authorization->credentials);
    if (!credentials) return fail("unable to read authorization credentials", credentials.error());
    return add(headers, "Authorization",
               client.authorization->type + (client.authorization->type.ends_with('=') ? "" : " ") + *credentials);
  }
  return {};
}

result<void> add_custom(const std::string& name, const custom_header& custom, header_list& headers) {
  for (const auto* values : {&custom.values, &custom.secrets})
    for (const auto& value : *values)
      if (auto added = add(headers, name, value); !added) return added;
  for (const auto& file : custom.files) {
    auto content = read_small_file(file);
    if (!content) return fail("unable to read header " + name, content.error());
    if (auto added = add(headers, name, trimmed(*content)); !added) return added;
  }
  return {};
}

}  // namespace

result<std::string> read_small_file(const std::string& path) {
  auto failed = [&] { return fail(errc::io, "open " + path + ": " + std::strerror(errno)); };
  // A pipe nobody writes to must not hold up the thread.
  const file_descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file) return failed();
  std::string content;
  char chunk[4096];
  for (;;) {
    auto count = read(file.get(), chunk, sizeof chunk);
    if (count < 0) return failed();
    if (count == 0) return content;
    content.append(chunk, static_cast<std::size_t>(count));
    if (content.size() > file_size_max) return fail(errc::limit_exceeded, path + " has more than 1 MiB");
  }
}

result<std::string> read_secret(const secret& source) {
  if (source.file.empty()) return source.value;
  return read_small_file(source.file).map([](const std::string& content) { return trimmed(content); });
}

result<header_list> authentication_headers(const client_config& client) {
  header_list headers;
  if (auto added = add_authorization(client, headers); !added) return tl::unexpected<error>(added.error());
  for (const auto& [name, custom] : client.headers)
    if (auto added = add_custom(name, custom, headers); !added) return tl::unexpected<error>(added.error());
  return headers;
}

bool reads_files(const client_config& client) {
  if (client.basic_auth && !(client.basic_auth->username.file.empty() && client.basic_auth->password.file.empty()))
    return true;
  if (client.authorization && !client.authorization->credentials.file.empty()) return true;
  return std::any_of(client.headers.begin(), client.headers.end(),
                     [](const auto& entry) { return !entry.second.files.empty(); });
}

}  // namespace rollcall::http
