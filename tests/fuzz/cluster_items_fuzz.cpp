#include "lib/cluster/candidacy.hpp"
#include "lib/cluster/protocol.hpp"
#include "lib/cluster/series_estate.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace rollcall;

// What is understood of a peer's bytes is understood the same once it is written again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (auto items = cluster::decode_directives(bytes)) {
    std::string again;
    for (const auto& each : *items) cluster::append(again, each);
    if (cluster::decode_directives(again) != items) std::abort();
  }
  if (auto items = cluster::decode_notices(bytes)) {
    std::string again;
    for (const auto& each : *items) cluster::append(again, each);
    if (cluster::decode_notices(again) != items) std::abort();
  }
  if (auto words = cluster::decode_introduction(bytes); words && cluster::decode_introduction(encode(*words)) != words)
    std::abort();
  if (auto answer = cluster::decode_acceptance(bytes); answer && cluster::decode_acceptance(encode(*answer)) != answer)
    std::abort();
  if (auto asked = cluster::decode_candidacy(bytes); asked && cluster::decode_candidacy(encode(*asked)) != asked)
    std::abort();
  if (auto said = cluster::decode_vote(bytes); said && cluster::decode_vote(encode(*said)) != said) std::abort();
  (void)cluster::decode_estate(bytes);
  return 0;
}
