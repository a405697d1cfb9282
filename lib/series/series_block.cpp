#include "lib/series/series_block.hpp"

#include "lib/series/text_hash.hpp"

#include <cstring>
#include <random>

namespace rollcall::series {

const hash_secret& process_hash_secret() {
  static const hash_secret secret = [] {
    hash_secret drawn;
    std::random_device random;
    for (auto& byte : drawn) byte = static_cast<unsigned char>(random());
    return drawn;
  }();
  return secret;
}

uint64_t series_text_hash(std::string_view text) { return hash_text(text, process_hash_secret()); }

labels series_block::labels_of(size_t i, const target_labels& target) const {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (uint16_t id : pair_ids(i)) {
    auto [name, value] = decode_pair(resolve(id, target));
    pairs.emplace_back(name, value);
  }
  return labels::of(std::move(pairs));
}

bool series_block::operator==(const series_block& other) const {
  return record_count_ == other.record_count_ && pair_count_ == other.pair_count_ && id_count_ == other.id_count_ &&
         bytes_ == other.bytes_ && std::memcmp(storage_.get(), other.storage_.get(), bytes_) == 0;
}

uint64_t series_block::content_hash() const {
  return hash_text({reinterpret_cast<const char*>(storage_.get()), bytes_}, process_hash_secret());
}

}  // namespace rollcall::series
