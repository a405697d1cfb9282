#include "config/marshal.hpp"

#include "config/global_section.hpp"
#include "config/remote_write_section.hpp"
#include "config/scrape_section.hpp"
#include "config/server_section.hpp"
#include "config/yaml_writer.hpp"

namespace rollcall {

std::string marshal(const config& from, std::span<const scrape_config_ptr> own_jobs,
                    std::span<const mechanism> mechanisms) {
  yaml_writer writer;
  write_global_section(writer, from.global);
  write_server_sections(writer, from.server);
  writer.optional("scrape_config_files", from.scrape_config_files);
  if (!own_jobs.empty())
    writer.list("scrape_configs", [&] {
      for (const auto& job : own_jobs) writer.item([&] { write_scrape_section(writer, *job, mechanisms); });
    });
  if (!from.remote_writes.empty())
    writer.list("remote_write", [&] {
      for (const auto& endpoint : from.remote_writes)
        writer.item([&] { write_remote_write_section(writer, endpoint); });
    });
  return writer.text();
}

}  // namespace rollcall
