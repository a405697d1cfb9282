#include "actors/discovery/snapshot_identity.hpp"

#include "config/yaml_writer.hpp"

#include <fmt/format.h>

namespace rollcall {

snapshot_identity identify_snapshot(const sd_config& discovery, size_t further) {
  if (discovery.mechanism == "static" || discovery.mechanism == "file") return {};
  yaml_writer writer;
  writer.list(discovery.mechanism, [&] { discovery.options->write(writer); });
  snapshot_identity identity;
  identity.configuration = writer.text();
  auto hash = labels::of({{"configuration", identity.configuration}}).hash();
  identity.name = fmt::format("{}-{:016x}", discovery.mechanism, hash);
  if (further > 0) identity.name += fmt::format("-{}", further);
  return identity;
}

}  // namespace rollcall
