#include "lib/http/inflate.hpp"

#include <catch2/catch.hpp>
#include <libdeflate.h>

#include <random>
#include <string>

using namespace rollcall;
using namespace rollcall::http;

namespace {

std::string gzip(const std::string& text, int level = 6) {
  auto* compressor = libdeflate_alloc_compressor(level);
  std::string out(libdeflate_gzip_compress_bound(compressor, text.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

std::string sample_text() {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "metric_total{label=\"" + std::to_string(i) + "\"} " + std::to_string(i * 7) + "\n";
  return text;
}

constexpr std::size_t plenty = 1 << 30;

}  // namespace

TEST_CASE("what was compressed comes back") {
  inflater inflate;
  byte_buffer buffer;
  for (const auto& text : {std::string(), std::string("x"), sample_text(), std::string(100'000, '\0')})
    for (std::size_t expected : {std::size_t{0}, text.size(), std::size_t{3'000'000}}) {
      auto out = inflate.gunzip(gzip(text), buffer, expected, plenty);
      REQUIRE(out);
      CHECK(*out == text);
    }
}

TEST_CASE("all members of a file come out one after the other") {
  inflater inflate;
  byte_buffer buffer;
  const auto text = sample_text();
  auto out = inflate.gunzip(gzip("first ") + gzip(text) + gzip("") + gzip(" last"), buffer, 0, plenty);
  REQUIRE(out);
  CHECK(*out == "first " + text + " last");
}

TEST_CASE("the buffer is used again without growing") {
  inflater inflate;
  byte_buffer buffer;
  const auto text = sample_text();
  REQUIRE(inflate.gunzip(gzip(text), buffer, text.size(), plenty));
  const auto* memory = buffer.data();
  REQUIRE(inflate.gunzip(gzip(text), buffer, text.size(), plenty));
  REQUIRE(inflate.gunzip(gzip("small"), buffer, 0, plenty));
  CHECK(buffer.data() == memory);
  CHECK(buffer.capacity() == text.size());
}

TEST_CASE("exactly the limit passes and one byte more does not") {
  inflater inflate;
  const auto text = sample_text();
  const auto compressed = gzip(text);
  for (std::size_t expected : {std::size_t{0}, text.size() * 2}) {
    byte_buffer buffer;
    CHECK(inflate.gunzip(compressed, buffer, expected, text.size()));
    auto cut = inflate.gunzip(compressed, buffer, expected, text.size() - 1);
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == errc::limit_exceeded);
  }
}

TEST_CASE("a limit holds although the buffer is larger from earlier use") {
  inflater inflate;
  byte_buffer buffer;
  const auto text = sample_text();
  REQUIRE(inflate.gunzip(gzip(text), buffer, 0, plenty));
  auto cut = inflate.gunzip(gzip(text), buffer, 0, 1000);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code == errc::limit_exceeded);
  CHECK(inflate.gunzip(gzip(std::string(1000, 'x')), buffer, 0, 1000));
}

TEST_CASE("a limit counts all members") {
  inflater inflate;
  byte_buffer buffer;
  const std::string half(600, 'x');
  auto cut = inflate.gunzip(gzip(half) + gzip(half), buffer, 0, 1199);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code == errc::limit_exceeded);
  CHECK(inflate.gunzip(gzip(half) + gzip(half), buffer, 0, 1200));
}

TEST_CASE("a bomb does not make the buffer larger than the limit") {
  inflater inflate;
  byte_buffer buffer;
  auto out = inflate.gunzip(gzip(std::string(50'000'000, '0')), buffer, 0, 1'000'000);
  REQUIRE_FALSE(out);
  CHECK(out.error().code == errc::limit_exceeded);
  CHECK(buffer.capacity() <= 1'000'000);
}

TEST_CASE("a trailer that lies about the size neither hurts nor costs") {
  inflater inflate;
  byte_buffer buffer;
  auto compressed = gzip("short");
  compressed.replace(compressed.size() - 4, 4, "\xff\xff\xff\xff");
  CHECK_FALSE(inflate.gunzip(compressed, buffer, 0, plenty));
  CHECK(buffer.capacity() < 1'000'000);
}

TEST_CASE("truncated input is an error wherever it is cut") {
  inflater inflate;
  byte_buffer buffer;
  const auto compressed = gzip("some text, some text, some more text");
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    auto out = inflate.gunzip(std::string_view(compressed).substr(0, size), buffer, 0, plenty);
    REQUIRE_FALSE(out);
    CHECK(out.error().code == errc::syntax);
  }
}

TEST_CASE("garbage is an error before, within and after a member") {
  inflater inflate;
  byte_buffer buffer;
  CHECK(inflate.gunzip("metric 1\nmetric 2\nmetric 3\n", buffer, 0, plenty).error().message == "gzip: invalid header");
  CHECK(inflate.gunzip(gzip("text") + "trailing garbage of some length", buffer, 0, plenty).error().message ==
        "gzip: invalid header");
  auto damaged = gzip(sample_text());
  damaged[damaged.size() / 2] ^= 0x55;
  CHECK(inflate.gunzip(damaged, buffer, 0, plenty).error().code == errc::syntax);
}

TEST_CASE("random bytes after a good header never yield more than the limit") {
  inflater inflate;
  byte_buffer buffer;
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    auto bytes = gzip(std::string(200, static_cast<char>(round)), 1);
    for (int i = 0; i < 3; ++i) bytes[10 + random() % (bytes.size() - 10)] = static_cast<char>(random());
    auto out = inflate.gunzip(bytes, buffer, 0, 4096);
    if (out) CHECK(out->size() <= 4096);
  }
  CHECK(buffer.capacity() <= 4096);
}

TEST_CASE("trimming gives large buffers back and keeps small ones") {
  byte_buffer buffer;
  buffer.grow(5000, 0);
  buffer.trim(5000);
  CHECK(buffer.capacity() == 5000);
  buffer.trim(4999);
  CHECK(buffer.capacity() == 0);
}
