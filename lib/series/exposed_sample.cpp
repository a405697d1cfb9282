#include "lib/series/exposed_sample.hpp"

#include "lib/series/series_block.hpp"

#include <string>

namespace rollcall::series {

uint64_t exemplars_hash_of(std::span<const exposition::exemplar> all) {
  std::string text;
  for (const auto& each : all) {
    for (const auto& [name, value] : each.labels) text.append(name).append(1, '\xFF').append(value).append(1, '\xFF');
    text += std::to_string(each.value_bits);
    if (each.timestamp) text += '@' + std::to_string(*each.timestamp);
    text += '\n';
  }
  return series_text_hash(text);
}

}  // namespace rollcall::series
