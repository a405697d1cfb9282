#include "lib/remote_write/compression.hpp"

#include "tests/lib/remote_write/wire_format.hpp"

#include <catch2/catch.hpp>

namespace rollcall::remote_write {

namespace {

std::vector<std::string> messages() {
  std::string numbers;
  for (uint64_t i = 0; i < 50'000; ++i) numbers += std::to_string(i * i);
  return {"", "a", std::string(300'000, 'x'), numbers, "shorter than the last"};
}

request request_of(compression with, std::shared_ptr<const std::string> body) {
  request made;
  made.compression = with;
  made.body = std::move(body);
  return made;
}

}  // namespace

TEST_CASE("what was compressed is read back, one message after the other") {
  auto with = GENERATE(compression::snappy, compression::zstd);
  compressor compressor;
  for (const auto& message : messages())
    CHECK(message_of(request_of(with, compressor.compress(with, message))) == message);
}

TEST_CASE("others can read what was compressed") {
  compressor compressor;
  for (const auto& message : messages()) {
    CHECK(test::uncompressed(*compressor.compress(compression::snappy, message)) == message);
    CHECK(test::zstd_uncompressed(*compressor.compress(compression::zstd, message)) == message);
  }
}

TEST_CASE("a body in zstd is one frame that tells its size") {
  auto body = compressor().compress(compression::zstd, std::string(300'000, 'x'));
  CHECK(ZSTD_getFrameContentSize(body->data(), body->size()) == 300'000);
  CHECK(ZSTD_findFrameCompressedSize(body->data(), body->size()) == body->size());
}

}  // namespace rollcall::remote_write
