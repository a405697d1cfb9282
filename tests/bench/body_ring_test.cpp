#include "bench/fleet/body_ring.hpp"

#include <catch2/catch.hpp>
#include <libdeflate.h>

namespace rollcall::bench {
namespace {

constexpr exposition_options options{100, 1, 5};
constexpr size_t plenty = 64 << 20;

std::string inflated(const std::string& compressed, size_t size) {
  auto* decompressor = libdeflate_alloc_decompressor();
  std::string plain(size, '\0');
  auto outcome = libdeflate_gzip_decompress(decompressor, compressed.data(), compressed.size(), plain.data(),
                                            plain.size(), nullptr);
  libdeflate_free_decompressor(decompressor);
  REQUIRE(outcome == LIBDEFLATE_SUCCESS);
  return plain;
}

TEST_CASE("hands out the states of the exposition in order, whatever order they are asked for") {
  exposition expected(options);
  std::vector<std::string> states;
  for (int i = 0; i < 10; ++i) {
    states.push_back(expected.render());
    expected.advance();
  }
  body_ring ring(options, plenty);
  for (uint64_t tick : {7, 0, 3, 9, 9, 1}) CHECK(*ring.at(tick).plain == states[tick]);
}

TEST_CASE("compresses the very text that it hands out plain") {
  body_ring ring(options, plenty);
  auto body = ring.at(3);
  CHECK(body.gzip->size() < body.plain->size() / 3);
  CHECK(inflated(*body.gzip, body.plain->size()) == *body.plain);
}

TEST_CASE("keeps one copy of a state for all who ask") {
  body_ring ring(options, plenty);
  CHECK(ring.at(2).gzip == ring.at(2).gzip);
}

TEST_CASE("fits its window to the memory it may use") {
  CHECK(body_ring(options, 0).capacity() == 4);
  CHECK(body_ring(options, plenty).capacity() == 64);
  auto body = body_ring(options, plenty).at(0);
  CHECK(body_ring(options, 10 * (body.plain->size() + body.gzip->size())).capacity() == 10);
}

TEST_CASE("gives the oldest state it has for one that has left the window") {
  body_ring ring(options, 0);
  auto first = ring.at(0);
  auto fourth = ring.at(3);
  CHECK(ring.at(0).plain == first.plain);
  ring.at(6);
  CHECK(ring.at(0).plain == fourth.plain);
  CHECK(ring.at(3).plain == fourth.plain);
}

TEST_CASE("prepares states ahead without moving past what is still asked for") {
  body_ring ring(options, 0);
  auto first = ring.at(0);
  ring.prepare(2);
  ring.prepare(2);
  CHECK(ring.at(0).plain == first.plain);
  ring.prepare(5);
  CHECK(ring.at(0).plain != first.plain);
}

}  // namespace
}  // namespace rollcall::bench
