#include "lib/series/metadata.hpp"

#include "lib/exposition/open_metrics_parser.hpp"
#include "lib/exposition/protobuf_parser.hpp"
#include "lib/exposition/text_parser.hpp"
#include "lib/series/series_block.hpp"
#include "lib/series/text_hash.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>

namespace rollcall::series {

namespace {

// A table larger than this is not kept: the target makes up families rather than describing them.
constexpr size_t table_bytes_max = size_t{16} << 20;

using family_map = std::map<std::string, family_metadata, std::less<>>;

template <class Parser>
family_map collect(Parser parser) {
  family_map families;
  size_t bytes = 0;
  for (;;) {
    auto read = parser.next();
    if (!read || *read == exposition::entry::end) return families;
    bool says_something =
        *read == exposition::entry::help || *read == exposition::entry::type || *read == exposition::entry::unit;
    if (!says_something) continue;
    std::string name(parser.family());
    auto& family = families[name];
    family.family = std::move(name);
    if (*read == exposition::entry::help) family.help = parser.help();
    if (*read == exposition::entry::type) family.type = parser.type();
    if constexpr (requires { parser.unit(); }) {
      if (*read == exposition::entry::unit) family.unit = parser.unit();
    }
    bytes += family.family.size() + family.help.size();
    if (bytes > table_bytes_max) return families;
  }
}

uint64_t hash_of(const metadata_table& table) {
  std::string text;
  for (const auto& each : table) {
    text.append(each.family).append(1, '\0').append(each.help).append(1, '\0').append(each.unit).append(1, '\0');
    text += static_cast<char>(each.type);
  }
  return series_text_hash(text);
}

// The tables alive, by the hash of their content.
class table_store {
 public:
  metadata_ptr intern(metadata_table table) {
    uint64_t hash = hash_of(table);
    std::lock_guard lock(mutex_);
    auto [first, last] = tables_.equal_range(hash);
    for (auto at = first; at != last; ++at) {
      if (auto known = at->second.lock(); known && *known == table) return known;
    }
    if (tables_.size() >= sweep_at_) sweep();
    auto made = std::make_shared<const metadata_table>(std::move(table));
    tables_.emplace(hash, made);
    return made;
  }

 private:
  void sweep() {
    std::erase_if(tables_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max<size_t>(64, 2 * tables_.size());
  }

  std::mutex mutex_;
  std::unordered_multimap<uint64_t, std::weak_ptr<const metadata_table>> tables_;
  size_t sweep_at_ = 64;
};

const family_metadata* find_exactly(const metadata_table& table, std::string_view name) {
  auto by_name = [](const family_metadata& each, std::string_view wanted) { return each.family < wanted; };
  auto found = std::lower_bound(table.begin(), table.end(), name, by_name);
  return found != table.end() && found->family == name ? &*found : nullptr;
}

// Whether the formats expose series of this suffix for families of the type.
bool has_suffix(exposition::metric_type type, std::string_view suffix) {
  using exposition::metric_type;
  switch (type) {
    case metric_type::counter:
      return suffix == "_total" || suffix == "_created";
    case metric_type::histogram:
      return suffix == "_bucket" || suffix == "_count" || suffix == "_sum" || suffix == "_created";
    case metric_type::gauge_histogram:
      return suffix == "_bucket" || suffix == "_gcount" || suffix == "_gsum";
    case metric_type::summary:
      return suffix == "_count" || suffix == "_sum" || suffix == "_created";
    case metric_type::info:
      return suffix == "_info";
    case metric_type::unknown:
    case metric_type::gauge:
    case metric_type::stateset:
      break;
  }
  return false;
}

}  // namespace

const family_metadata* find_family(const metadata_table& table, std::string_view series_name) {
  if (const auto* found = find_exactly(table, series_name)) return found;
  auto at = series_name.rfind('_');
  if (at == std::string_view::npos || at == 0) return nullptr;
  const auto* found = find_exactly(table, series_name.substr(0, at));
  return found != nullptr && has_suffix(found->type, series_name.substr(at)) ? found : nullptr;
}

metadata_ptr read_metadata(std::string_view body, exposition::format format) {
  family_map families;
  switch (format) {
    case exposition::format::text:
      families = collect(exposition::text_parser(body));
      break;
    case exposition::format::open_metrics:
      families = collect(exposition::open_metrics_parser(body));
      break;
    case exposition::format::protobuf:
      families = collect(exposition::protobuf_parser(body, {}, process_hash_secret()));
      break;
  }
  metadata_table table;
  table.reserve(families.size());
  for (auto& [name, family] : families) table.push_back(std::move(family));
  static auto& store = *new table_store;
  return store.intern(std::move(table));
}

}  // namespace rollcall::series
