#include "lib/log/log.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <regex>
#include <string>

using namespace rollcall;

namespace {

std::string logfmt(const std::string& message, std::initializer_list<log::field> fields = {}) {
  return log::render(log::format::logfmt, "T", log::level::info, "c", message, fields);
}

std::string json(const std::string& message, std::initializer_list<log::field> fields = {}) {
  return log::render(log::format::json, "T", log::level::info, "c", message, fields);
}

/// What is written to standard error while it lives.
class captured_stderr {
 public:
  captured_stderr() : file_(std::tmpfile()), saved_(::dup(2)) { ::dup2(::fileno(file_), 2); }
  ~captured_stderr() {
    ::dup2(saved_, 2);
    ::close(saved_);
    std::fclose(file_);
  }
  std::string text() {
    std::fflush(stderr);
    std::string result(static_cast<size_t>(::lseek(::fileno(file_), 0, SEEK_END)), '\0');
    auto got = ::pread(::fileno(file_), result.data(), result.size(), 0);
    REQUIRE(got == static_cast<ssize_t>(result.size()));
    return result;
  }

 private:
  FILE* file_;
  int saved_;
};

}  // namespace

TEST_CASE("a logfmt line names time, level, component and message, then its fields in order") {
  CHECK(logfmt("hello") == "time=T level=INFO component=c msg=hello");
  CHECK(logfmt("two words", {{"b", "1"}, {"a", "2"}}) == "time=T level=INFO component=c msg=\"two words\" b=1 a=2");
}

TEST_CASE("a JSON line has the same parts, all of them strings") {
  CHECK(json("hello") == R"({"time":"T","level":"INFO","component":"c","msg":"hello"})");
  CHECK(json("hello", {{"n", "1"}}) == R"({"time":"T","level":"INFO","component":"c","msg":"hello","n":"1"})");
}

TEST_CASE("values are quoted in logfmt when a reader could mistake them, and escaped in both formats") {
  struct value {
    std::string raw, in_logfmt, in_json;
  };
  auto each = GENERATE(values<value>({
      {"plain", "plain", "\"plain\""},
      {"", "\"\"", "\"\""},
      {"a b", "\"a b\"", "\"a b\""},
      {"a=b", "\"a=b\"", "\"a=b\""},
      {"say \"x\"", R"("say \"x\"")", R"("say \"x\"")"},
      {"back\\slash", R"("back\\slash")", R"("back\\slash")"},
      {"two\nlines", R"("two\nlines")", R"("two\nlines")"},
      {"a\ttab", R"("a\ttab")", R"("a\ttab")"},
      {"a\rreturn", R"("a\u000dreturn")", R"("a\u000dreturn")"},
      {std::string("a\0zero", 6), R"("a\u0000zero")", R"("a\u0000zero")"},
      {"\x1b[31m", R"("\u001b[31m")", R"("\u001b[31m")"},
      {"\x7f", R"("\u007f")", R"("\u007f")"},
      {"grün", "grün", "\"grün\""},
  }));
  CHECK(logfmt("m", {{"v", each.raw}}) == "time=T level=INFO component=c msg=m v=" + each.in_logfmt);
  CHECK(json("m", {{"v", each.raw}}) ==
        R"({"time":"T","level":"INFO","component":"c","msg":"m","v":)" + each.in_json + "}");
}

TEST_CASE("every level has a name of its own") {
  auto line = [](log::level level) { return log::render(log::format::logfmt, "T", level, "c", "m", {}); };
  CHECK_THAT(line(log::level::debug), Catch::Contains("level=DEBUG"));
  CHECK_THAT(line(log::level::info), Catch::Contains("level=INFO"));
  CHECK_THAT(line(log::level::warn), Catch::Contains("level=WARN"));
  CHECK_THAT(line(log::level::error), Catch::Contains("level=ERROR"));
}

TEST_CASE("levels and formats are read by their names and by no others") {
  CHECK(log::parse_level("debug") == log::level::debug);
  CHECK(log::parse_level("info") == log::level::info);
  CHECK(log::parse_level("warn") == log::level::warn);
  CHECK(log::parse_level("error") == log::level::error);
  for (const char* bad : {"", "INFO", "warning", "info ", "trace"}) CHECK_FALSE(log::parse_level(bad));
  CHECK(log::parse_format("logfmt") == log::format::logfmt);
  CHECK(log::parse_format("json") == log::format::json);
  for (const char* bad : {"", "JSON", "text"}) CHECK_FALSE(log::parse_format(bad));
}

TEST_CASE("what is written goes to standard error, one line an event, from the configured level on") {
  std::string text;
  {
    captured_stderr captured;
    log::configure(log::level::warn, log::format::logfmt);
    log::debug("c", "one");
    log::info("c", "two");
    log::warn("c", "three", {{"n", "3"}});
    log::error("c", "four {}");
    text = captured.text();
  }
  log::configure(log::level::info, log::format::logfmt);
  INFO(text);
  const std::string time = R"(time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)";
  CHECK(std::regex_match(text, std::regex(time + " level=WARN component=c msg=three n=3\n" + time +
                                          R"( level=ERROR component=c msg="four \{\}")" + "\n")));
}

TEST_CASE("whether a level is written can be asked before a line is made") {
  log::configure(log::level::warn, log::format::json);
  CHECK_FALSE(log::enabled(log::level::debug));
  CHECK_FALSE(log::enabled(log::level::info));
  CHECK(log::enabled(log::level::warn));
  CHECK(log::enabled(log::level::error));
  log::configure(log::level::info, log::format::logfmt);
  CHECK(log::enabled(log::level::info));
}
