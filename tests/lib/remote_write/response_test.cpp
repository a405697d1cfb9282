#include "lib/remote_write/response.hpp"

#include "lib/base/utf8.hpp"

#include <catch2/catch.hpp>

namespace rollcall::remote_write {

namespace {

using namespace std::chrono_literals;

const std::chrono::sys_seconds now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 12h;

http::response status(int code, std::string reason = "", std::string body = "", std::string retry_after = "") {
  http::response response;
  response.status = code;
  response.reason = std::move(reason);
  response.body = std::move(body);
  response.retry_after = std::move(retry_after);
  return response;
}

http::response trouble(http::failure failure, std::string error, int code = 0) {
  http::response response;
  response.failure = failure;
  response.error = std::move(error);
  response.status = code;
  return response;
}

std::string says(std::string status) { return "server returned HTTP status " + status; }

struct row {
  http::response response;
  too_many_requests on_429;
  outcome expected;
  std::optional<milliseconds> hold_off;
  std::string error;
};

request request_of(message_kind message, item_counts counts) {
  request made;
  static_cast<item_counts&>(made) = counts;
  made.message = message;
  return made;
}

const request plain_request = request_of(message_kind::v1, {3, 0, 0});

http::response wrote(int code, http::header_list headers) {
  auto response = status(code);
  response.headers = std::move(headers);
  return response;
}

const std::string samples_written(samples_written_header);
const std::string histograms_written(histograms_written_header);
const std::string exemplars_written(exemplars_written_header);

constexpr auto refuse = too_many_requests::refuse;
constexpr auto retry = too_many_requests::retry;

}  // namespace

TEST_CASE("a receiver's answer is delivered, retry or refused as Prometheus has it") {
  auto row = GENERATE(values<remote_write::row>({
      {status(200, "OK", "fine"), refuse, outcome::delivered, {}, ""},
      {status(204, "No Content"), refuse, outcome::delivered, {}, ""},
      {status(299), retry, outcome::delivered, {}, ""},
      {trouble(http::failure::body_too_large, "body too large", 200), refuse, outcome::delivered, {}, ""},
      {status(100), refuse, outcome::refused, {}, says("100: ")},
      {status(301, "Moved Permanently"), refuse, outcome::refused, {}, says("301 Moved Permanently: ")},
      {status(400, "Bad Request", "out of order sample\n"),
       retry,
       outcome::refused,
       {},
       says("400 Bad Request: out of order sample")},
      {status(415, "Unsupported Media Type"), retry, outcome::refused, {}, says("415 Unsupported Media Type: ")},
      {status(404, "Not Found", "", "5"), retry, outcome::refused, {}, says("404 Not Found: ")},
      {trouble(http::failure::body_too_large, "body too large", 400), refuse, outcome::refused, {}, says("400: ")},
      {status(429, "Too Many Requests"), refuse, outcome::refused, {}, says("429 Too Many Requests: ")},
      {status(429, "Too Many Requests"), retry, outcome::retry, {}, says("429 Too Many Requests: ")},
      {status(429, "", "", "7"), retry, outcome::retry, 7s, says("429: ")},
      {status(500, "", "broken"), refuse, outcome::retry, {}, says("500: broken")},
      {status(503, "", "", "120"), refuse, outcome::retry, 120s, says("503: ")},
      {status(503, "", "", "Mon, 23 Nov 2026 12:00:30 GMT"), refuse, outcome::retry, 30s, says("503: ")},
      {status(503, "", "", "Mon, 23 Nov 2026 11:59:30 GMT"), refuse, outcome::retry, {}, says("503: ")},
      {status(503, "", "", "0"), refuse, outcome::retry, {}, says("503: ")},
      {status(503, "", "", "-3"), refuse, outcome::retry, {}, says("503: ")},
      {status(503, "", "", "soon"), refuse, outcome::retry, {}, says("503: ")},
      {status(599), refuse, outcome::retry, {}, says("599: ")},
      {status(600), refuse, outcome::refused, {}, says("600: ")},
      {status(0), refuse, outcome::retry, {}, "no response"},
      {trouble(http::failure::transport, "connection refused"), refuse, outcome::retry, {}, "connection refused"},
      {trouble(http::failure::timeout, "deadline exceeded", 200), refuse, outcome::retry, {}, "deadline exceeded"},
      {trouble(http::failure::credentials, "no such file"), refuse, outcome::retry, {}, "no such file"},
      {trouble(http::failure::shutdown, "stopped"), refuse, outcome::retry, {}, "stopped"},
      {trouble(http::failure::body_too_large, "body too large"), refuse, outcome::retry, {}, "body too large"},
  }));
  CAPTURE(row.response.status, row.response.retry_after, row.response.error);
  auto got = classify_response(row.response, plain_request, {row.on_429}, now);
  CHECK(got.outcome == row.expected);
  CHECK(got.hold_off == row.hold_off);
  CHECK(got.error == row.error);
}

TEST_CASE("of a refusal's body the first 1024 bytes are kept, as whole characters") {
  const std::string head = "server returned HTTP status 400: ";
  auto error_of = [](const std::string& body) {
    return classify_response(status(400, "", body), plain_request, {refuse}, now).error;
  };
  CHECK(error_of(std::string(1024, 'x')) == head + std::string(1024, 'x'));
  CHECK(error_of(std::string(5000, 'x')) == head + std::string(1024, 'x'));
  for (size_t before : {1021, 1022, 1023}) {
    std::string kept(before, 'x');
    std::string body = kept;
    body += "\u20ac";  // three bytes
    if (body.size() <= 1024) kept = body;
    body += "tail";
    CHECK(error_of(body) == head + kept);
  }
}

TEST_CASE("a body that is no UTF-8 becomes an error that is") {
  for (const std::string& body :
       {std::string("caf\xE9"), std::string("\x1F\x8B\x08\xFF\x00", 5), std::string(3000, '\xBF')}) {
    auto error = classify_response(status(400, "", body), plain_request, {refuse}, now).error;
    CHECK(is_valid_utf8(error));
    CHECK(error.size() > 10);
  }
}

TEST_CASE("a receiver that does not understand version 2 says so with 415, or by saying nothing of what it wrote") {
  auto sent = request_of(message_kind::v2, {3, 1, 0});
  auto said = classify_response(status(415, "Unsupported Media Type", "what?"), sent, {refuse}, now);
  CHECK(said.outcome == outcome::unsupported);
  CHECK(said.error == says("415 Unsupported Media Type: what?"));
  auto silent = classify_response(status(204), sent, {refuse}, now);
  CHECK(silent.outcome == outcome::unsupported);
  CHECK_FALSE(silent.error.empty());
  CHECK(classify_response(status(400), sent, {refuse}, now).outcome == outcome::refused);
  CHECK(classify_response(status(503), sent, {refuse}, now).outcome == outcome::retry);
}

TEST_CASE("what a receiver says it has written is held against what it was sent") {
  auto sent = request_of(message_kind::v2, {6, 2, 1});
  auto all = classify_response(
      wrote(200, {{samples_written, "3"}, {histograms_written, "2"}, {exemplars_written, "1"}}), sent, {refuse}, now);
  CHECK(all.outcome == outcome::delivered);
  CHECK(all.error.empty());
  CHECK_FALSE(all.written);

  // What is not said was not written.
  auto part = classify_response(wrote(200, {{samples_written, "3"}, {exemplars_written, "1"}}), sent, {refuse}, now);
  CHECK(part.outcome == outcome::delivered);
  CHECK(part.written == item_counts{4, 0, 1});
  CHECK(part.error ==
        "the receiver was sent 3 samples, 2 histograms and 1 exemplars and has written 3 samples, 0 histograms and 1 "
        "exemplars");

  auto nothing = classify_response(wrote(200, {{samples_written, "0"}}), sent, {refuse}, now);
  CHECK(nothing.outcome == outcome::refused);
  CHECK(nothing.written == item_counts{});

  auto refusal = classify_response(wrote(400, {{samples_written, "2"}}), sent, {refuse}, now);
  CHECK(refusal.outcome == outcome::refused);
  CHECK(refusal.written == item_counts{2, 0, 0});
}

TEST_CASE("counts that are no numbers, or absurd ones, are as good as none") {
  auto sent = request_of(message_kind::v2, {3, 0, 0});
  for (const char* value : {"", "many", "-3", "3.0", "99999999999999999999"}) {
    CAPTURE(value);
    CHECK(classify_response(wrote(200, {{samples_written, value}}), sent, {refuse}, now).outcome ==
          outcome::unsupported);
  }
  auto absurd = wrote(200, {{samples_written, "18446744073709551615"}, {histograms_written, "18446744073709551615"}});
  CHECK(classify_response(absurd, sent, {refuse}, now).outcome == outcome::delivered);
}

TEST_CASE("a receiver of version 1 need not say what it has written, but is believed when it does") {
  CHECK(classify_response(status(204), plain_request, {refuse}, now).outcome == outcome::delivered);
  auto part = classify_response(wrote(200, {{samples_written, "0"}}), plain_request, {refuse}, now);
  CHECK(part.outcome == outcome::delivered);
  CHECK(part.written == item_counts{});
}

TEST_CASE("a receiver that cannot read zstd says so by 415, or by 400 if it has never read any") {
  request sent;
  sent.samples = 3;
  sent.compression = compression::zstd;
  answer_rules fresh, proven;
  proven.zstd = zstd_support::proven;
  for (int code : {400, 415}) CHECK(classify_response(status(code), sent, fresh, now).outcome == outcome::unsupported);
  CHECK(classify_response(status(415), sent, proven, now).outcome == outcome::unsupported);
  CHECK(classify_response(status(400), sent, proven, now).outcome == outcome::refused);
  for (const auto& rules : {fresh, proven}) {
    CHECK(classify_response(status(204), sent, rules, now).outcome == outcome::delivered);
    CHECK(classify_response(status(404), sent, rules, now).outcome == outcome::refused);
    CHECK(classify_response(status(500), sent, rules, now).outcome == outcome::retry);
    CHECK(classify_response(status(400), plain_request, rules, now).outcome == outcome::refused);
  }
}

TEST_CASE("a refusal may be about some series where its status says so, unless the receiver has chosen itself") {
  auto blame_of = [](const http::response& response, message_kind message) {
    return classify_response(response, request_of(message, {3, 0, 0}), {}, now).blame;
  };
  for (int code : {400, 409, 413, 422}) CHECK(blame_of(status(code), message_kind::v1) == blame::series);
  for (int code : {301, 401, 403, 404, 405, 429}) CHECK(blame_of(status(code), message_kind::v1) == blame::request);
  CHECK(blame_of(wrote(400, {{samples_written, "0"}}), message_kind::v2) == blame::series);
  CHECK(blame_of(wrote(400, {{samples_written, "2"}}), message_kind::v2) == blame::request);
}

}  // namespace rollcall::remote_write
