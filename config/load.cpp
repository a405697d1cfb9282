#include "config/load.hpp"

#include "config/global_section.hpp"
#include "config/marshal.hpp"
#include "config/remote_write_section.hpp"
#include "config/scrape_section.hpp"
#include "config/server_section.hpp"
#include "config/yaml_reader.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <cerrno>
#include <fstream>
#include <unordered_set>

namespace rollcall {
namespace {

namespace fs = std::filesystem;

// Bounds on what patterns may pull in.
constexpr size_t files_max = 10'000;
constexpr size_t jobs_max = 100'000;
constexpr size_t remote_writes_max = 1'000;

result<std::string> read_file(const fs::path& file) {
  std::error_code failure;
  if (fs::is_directory(file, failure)) return fail(errc::io, fmt::format("open {}: is a directory", file.string()));
  // A pipe may stand here (a shell's process substitution), so the size comes from reading.
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    auto reason = errno;
    return fail(reason == ENOENT ? errc::not_found : errc::io,
                fmt::format("open {}: {}", file.string(), std::generic_category().message(reason)));
  }
  const auto bytes_max = yaml_limits{}.text_bytes_max;
  std::string text;
  char block[64 << 10];
  while (in.read(block, sizeof block) || in.gcount() > 0) {
    text.append(block, static_cast<size_t>(in.gcount()));
    if (text.size() > bytes_max)
      return fail(errc::limit_exceeded, fmt::format("{} is longer than {} bytes", file.string(), bytes_max));
  }
  if (in.bad()) return fail(errc::io, fmt::format("read {}: input error", file.string()));
  return text;
}

/// Prometheus allows one star, in the last part of the path.
bool is_file_pattern(std::string_view pattern) {
  auto star = pattern.find('*');
  return star == std::string_view::npos || pattern.find_first_of("*/", star + 1) == std::string_view::npos;
}

/// The regular files that match, sorted; none is fine.
std::vector<std::string> expand_pattern(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> out;
  if (::glob(pattern.c_str(), GLOB_PERIOD, nullptr, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      std::error_code failure;
      if (fs::is_regular_file(found.gl_pathv[i], failure)) out.emplace_back(found.gl_pathv[i]);
    }
  ::globfree(&found);
  return out;
}

/// Builds one config from the main text and the files it names.
class loader {
 public:
  explicit loader(const load_options& options) : options_(options) {}

  result<config_ptr> run(std::string_view text, const fs::path& file) {
    out_->files.push_back(file);
    if (auto done = read_document(text, file, "config", [this](yaml_reader& root) { read_main(root); }); !done)
      return tl::unexpected(done.error());
    const auto own_jobs = out_->scrape_configs.size();
    if (auto done = read_scrape_config_files(); !done) return tl::unexpected(done.error());
    out_->yaml = marshal(*out_, std::span(out_->scrape_configs).first(own_jobs), options_.mechanisms);
    return config_ptr(std::move(out_));
  }

 private:
  static result<void> read_document(std::string_view text, const fs::path& file, std::string_view type,
                                    const yaml_reader::visitor& visit) {
    auto root = parse_yaml(text);
    if (!root) {
      auto failure = root.error();
      if (!file.empty()) failure.message.insert(0, file.string() + ':');
      return tl::unexpected(std::move(failure));
    }
    // An empty document is one with defaults only.
    if (root->kind == yaml_kind::null) root->kind = yaml_kind::map;
    yaml_source source{file.string(), file.parent_path(), std::nullopt};
    yaml_reader(source, *root, type).fields(visit);
    if (source.fault) return tl::unexpected(std::move(*source.fault));
    return {};
  }

  void read_main(yaml_reader& root) {
    auto& global = out_->global;
    root.read_map("global", "global",
                  [&](yaml_reader& fields) { read_global_section(fields, options_, global, out_->warnings); });
    read_server_sections(root, out_->server);
    root.read("scrape_config_files", out_->scrape_config_files);
    for (size_t i = 0; i < out_->scrape_config_files.size(); ++i) {
      auto& pattern = out_->scrape_config_files[i];
      if (!is_file_pattern(pattern))
        root.report_at("scrape_config_files", i,
                       fmt::format("invalid scrape config file path {}", rollcall::quoted(pattern)));
      pattern = root.resolve(pattern);
    }
    read_jobs(root);
    read_remote_writes(root);
  }

  void read_jobs(yaml_reader& root) {
    root.read_list("scrape_configs", "scrape_config", "empty or null scrape config section", [&](yaml_reader& fields) {
      if (out_->scrape_configs.size() >= jobs_max) return fields.report(fmt::format("more than {} jobs", jobs_max));
      auto job = std::make_shared<scrape_config>();
      read_scrape_section(fields, out_->global, options_.mechanisms, *job);
      if (!job_names_.insert(job->job_name).second)
        fields.report_at(
            "job_name", fmt::format("found multiple scrape configs with job name {}", rollcall::quoted(job->job_name)));
      out_->scrape_configs.push_back(std::move(job));
    });
  }

  void read_remote_writes(yaml_reader& root) {
    std::unordered_set<std::string> names;
    std::unordered_set<std::string> hashes;
    auto read_one = [&](yaml_reader& fields) {
      if (out_->remote_writes.size() >= remote_writes_max)
        return fields.report(fmt::format("more than {} remote_write entries", remote_writes_max));
      auto& endpoint = out_->remote_writes.emplace_back();
      read_remote_write_section(fields, out_->global.metric_name_validation_scheme, endpoint);
      if (!hashes.insert(endpoint.hash).second && !fields.has("name"))
        fields.report("duplicate remote write configs are not allowed");
      if (!names.insert(endpoint.name).second)
        fields.report_at("name", fmt::format("found multiple remote write configs with job name {}",
                                             rollcall::quoted(endpoint.name)));
    };
    root.read_list("remote_write", "remote_write", "empty or null remote write config section", read_one);
  }

  result<void> read_scrape_config_files() {
    for (const auto& pattern : out_->scrape_config_files)
      for (const auto& file : expand_pattern(pattern)) {
        if (out_->files.size() > files_max)
          return fail(errc::limit_exceeded, fmt::format("scrape_config_files match more than {} files", files_max));
        out_->files.emplace_back(file);
        auto text = read_file(file);
        if (!text) return tl::unexpected(text.error());
        auto done = read_document(*text, file, "scrape_configs file", [this](yaml_reader& root) { read_jobs(root); });
        if (!done) return done;
      }
    return {};
  }

  const load_options& options_;
  std::shared_ptr<config> out_ = std::make_shared<config>();
  std::unordered_set<std::string> job_names_;
};

}  // namespace

result<config_ptr> load_text(std::string_view text, const fs::path& file_name, const load_options& options) {
  return loader(options).run(text, file_name);
}

result<config_ptr> load(const fs::path& file, const load_options& options) {
  auto text = read_file(file);
  if (!text) return tl::unexpected(text.error());
  return load_text(*text, file, options);
}

}  // namespace rollcall
