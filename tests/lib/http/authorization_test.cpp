#include "lib/http/authorization.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace rollcall;
using namespace rollcall::http;

namespace {

struct directory {
  directory() {
    char name[] = "/tmp/rollcall-authorization-XXXXXX";
    path = mkdtemp(name);
  }
  ~directory() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path + '/' + name, std::ios::binary) << content;
    return path + '/' + name;
  }
  std::string path;
};

client_config basic(secret username, secret password) {
  client_config client;
  client.basic_auth = basic_auth{std::move(username), std::move(password)};
  return client;
}

client_config bearer(secret credentials, const std::string& type = "Bearer") {
  client_config client;
  client.authorization = authorization{type, std::move(credentials)};
  return client;
}

}  // namespace

TEST_CASE("basic authentication is encoded as RFC 7617 has it") {
  const std::pair<std::pair<const char*, const char*>, const char*> rows[] = {
      {{"Aladdin", "open sesame"}, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
      {{"", ""}, "Basic Og=="},
      {{"a", ""}, "Basic YTo="},
      {{"a", "b"}, "Basic YTpi"},
      {{"test", "123\xC2\xA3"}, "Basic dGVzdDoxMjPCow=="},
  };
  for (const auto& [credentials, expected] : rows) {
    auto headers = authentication_headers(basic({credentials.first, ""}, {credentials.second, ""}));
    REQUIRE(headers);
    CHECK(*headers == header_list{{"Authorization", expected}});
  }
}

TEST_CASE("an authorization whose type ends in an equals sign has no space before its credentials") {
  CHECK(authentication_headers(bearer({"sesame", ""}, "token=")) == header_list{{"Authorization", "token=sesame"}});
}

TEST_CASE("authorization takes any type") {
  CHECK(authentication_headers(bearer({"token", ""})) == header_list{{"Authorization", "Bearer token"}});
  CHECK(authentication_headers(bearer({"k=1", ""}, "Custom")) == header_list{{"Authorization", "Custom k=1"}});
}

TEST_CASE("without settings there are no headers") {
  CHECK(authentication_headers(client_config{}) == header_list{});
  CHECK_FALSE(reads_files(client_config{}));
}

TEST_CASE("credentials files are read anew for every request and trimmed") {
  directory files;
  const auto path = files.write("token", "first\n");
  const auto client = bearer({"", path});
  CHECK(reads_files(client));
  CHECK(authentication_headers(client) == header_list{{"Authorization", "Bearer first"}});
  files.write("token", "  second\r\n\n");
  CHECK(authentication_headers(client) == header_list{{"Authorization", "Bearer second"}});
}

TEST_CASE("user name and password may each come from a file") {
  directory files;
  const auto client = basic({"", files.write("name", "Aladdin\n")}, {"", files.write("password", "open sesame")});
  CHECK(reads_files(client));
  CHECK(authentication_headers(client) == header_list{{"Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}});
}

TEST_CASE("a file that cannot be read is an error that names it") {
  directory files;
  auto missing = authentication_headers(bearer({"", files.path + "/missing"}));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == errc::io);
  CHECK(missing.error().message ==
        "unable to read authorization credentials: open " + files.path + "/missing: No such file or directory");
  CHECK_FALSE(authentication_headers(basic({"a", ""}, {"", files.path})));
}

TEST_CASE("a file without end is refused") {
  auto headers = authentication_headers(bearer({"", "/dev/zero"}));
  REQUIRE_FALSE(headers);
  CHECK(headers.error().code == errc::limit_exceeded);
}

TEST_CASE("a pipe that nobody writes to does not block") {
  directory files;
  const auto path = files.path + "/pipe";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK(read_secret({"", path}) == "");
}

TEST_CASE("custom headers send every value on a line of its own") {
  directory files;
  client_config client;
  client.headers["X-Team"] = {{"a", "b"}, {"hidden"}, {files.write("value", "from file\n")}};
  CHECK(reads_files(client));
  CHECK(authentication_headers(client) ==
        header_list{{"X-Team", "a"}, {"X-Team", "b"}, {"X-Team", "hidden"}, {"X-Team", "from file"}});
}

TEST_CASE("a secret cannot smuggle a header line") {
  for (const auto& bad : {std::string("a\r\nX-Evil: 1"), std::string("a\nb"), std::string("a\0b", 3)}) {
    auto headers = authentication_headers(bearer({bad, ""}));
    REQUIRE_FALSE(headers);
    CHECK(headers.error().code == errc::invalid_argument);
    CHECK(headers.error().message.find("Evil") == std::string::npos);
  }
}
