#pragma once

#include "config/yaml_tree.hpp"
#include "lib/base/duration.hpp"
#include "lib/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// Where a document comes from, and the first fault found in it. Shared by all readers of the document.
struct yaml_source {
  std::string file;                 ///< Begins every message; "" leaves it out.
  std::filesystem::path directory;  ///< What relative paths in the document refer to.
  std::optional<error> fault;

  void report(yaml_position position, errc code, std::string_view message);
};

/// Takes typed values out of one YAML value, strictly: what has the wrong type and, at finish(), what nobody asked for
/// is reported to the source, with its position. A null counts as absent. After a report reading goes on with defaults,
/// so that decoders need not check; whoever owns the source looks at its fault at the end. Does not own what it reads.
class yaml_reader {
 public:
  /// `type` names the value in messages: "field x not found in type <type>".
  yaml_reader(yaml_source& source, const yaml_node& node, std::string_view type)
      : source_(&source), node_(&node), type_(type), used_(node.map.size()) {}

  yaml_kind kind() const { return node_->kind; }
  /// Null, or a list, map or text without content.
  bool is_empty() const { return node_->items.empty() && node_->map.empty() && node_->text.empty(); }
  bool failed() const { return source_->fault.has_value(); }

  // Fields of a map. Each returns whether the field is there, and leaves `out` alone when it is not.
  bool has(std::string_view key) const;
  bool read(std::string_view key, std::string& out);
  bool read(std::string_view key, bool& out);
  bool read(std::string_view key, uint64_t& out);
  bool read(std::string_view key, double& out);
  bool read(std::string_view key, milliseconds& out);
  bool read(std::string_view key, std::vector<std::string>& out);
  bool read(std::string_view key, std::map<std::string, std::string>& out);
  bool read(std::string_view key, std::map<std::string, std::vector<std::string>>& out);
  /// As read(); reports "<key> must be greater than 0" of one that is not.
  bool read_positive(std::string_view key, milliseconds& out);
  /// A size such as "15MB", in bytes.
  bool read_size(std::string_view key, uint64_t& out);
  /// A path, resolved against the directory of the document.
  bool read_path(std::string_view key, std::string& out);

  using visitor = std::function<void(yaml_reader&)>;
  /// A map, each field of which the visitor reads; others are reported.
  bool read_map(std::string_view key, std::string_view type, const visitor& visit);
  /// A list of maps, visited in order. A null item is reported as `null_message`.
  bool read_list(std::string_view key, std::string_view type, std::string_view null_message, const visitor& visit);
  /// A map with free keys: visits each key and its value. The value is read with read_self(), each() or fields().
  bool read_entries(std::string_view key, std::string_view type,
                    const std::function<void(std::string_view, yaml_reader&)>& visit);
  /// Any value: the visitor looks at its kind.
  bool read_any(std::string_view key, std::string_view type, const visitor& visit);

  /// This value itself, as text. A null is left alone.
  bool read_self(std::string& out);
  /// This value itself as JSON, whatever it is; see to_json().
  std::string self_as_json() const;
  /// This value itself, as a list of maps.
  void each(std::string_view type, std::string_view null_message, const visitor& visit);
  /// As above; the message for a null item tells its index.
  void each(std::string_view type, const std::function<std::string(size_t)>& null_message, const visitor& visit);
  /// This value itself, as a map: visits it and reports what the visitor did not read.
  void fields(const visitor& visit);

  /// If the field is there, reports "<key> is not supported by this version of rollcall" where its key stands.
  void refuse_unsupported(std::string_view key);
  /// Reports "<what> is not supported by this version of rollcall" at the value of a field.
  void report_unsupported(std::string_view key, std::string_view what);
  /// Reports at this value.
  void report(std::string_view message, errc code = errc::invalid_argument);
  /// Reports where the key of a field stands.
  void report_key(std::string_view key, std::string_view message, errc code = errc::invalid_argument);
  /// Reports at the value of a field, or at this value if there is none.
  void report_at(std::string_view key, std::string_view message, errc code = errc::invalid_argument);
  /// Reports at an item of a list field, counted from 0.
  void report_at(std::string_view key, size_t item, std::string_view message, errc code = errc::invalid_argument);

  std::string resolve(std::string_view path) const;

 private:
  const yaml_entry* find(std::string_view key) const;
  const yaml_node* take(std::string_view key);
  void report_type(const yaml_node& node, std::string_view wanted);
  bool take_text(const yaml_node& node, std::string& out);
  bool take_texts(const yaml_node& node, std::vector<std::string>& out);
  void finish();

  yaml_source* source_;
  const yaml_node* node_;
  std::string_view type_;
  std::vector<bool> used_;
};

/// "x is not supported by this version of rollcall"
std::string unsupported_message(std::string_view what);

}  // namespace rollcall
