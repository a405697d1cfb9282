#include "config/yaml_tree.hpp"

#include "lib/base/utf8.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <unordered_map>

namespace rollcall {
namespace {

constexpr std::string_view core_tag_prefix = "tag:yaml.org,2002:";
constexpr std::string_view merge_key = "<<";

/// What ends the walk: a fault at a place.
struct fault {
  yaml_position position;
  std::string message;
};

yaml_position position_of(const YAML::Mark& mark) {
  return mark.is_null() ? yaml_position{} : yaml_position{mark.line + 1, mark.column + 1};
}

/// Turns yaml-cpp's graph into a tree. Everything a hostile text could multiply passes count().
class walker {
 public:
  walker(std::string_view text, const yaml_limits& limits) : text_(text), limits_(limits) {}

  yaml_node walk(const YAML::Node& from) {
    yaml_node out;
    out.position = position_of(from.Mark());
    count(out.position);
    switch (from.Type()) {
      case YAML::NodeType::Scalar:
        take_scalar(from, out);
        break;
      case YAML::NodeType::Sequence:
        out.kind = yaml_kind::list;
        check_collection_tag(from, "seq", out.position);
        enter(from, out.position);
        out.items.reserve(from.size());
        for (const auto& item : from) {
          out.items.push_back(walk(item));
          if (item.IsNull()) out.items.back().position = position_of_null_item(item.Mark());
        }
        path_.pop_back();
        break;
      case YAML::NodeType::Map:
        out.kind = yaml_kind::map;
        check_collection_tag(from, "map", out.position);
        enter(from, out.position);
        take_map(from, out);
        path_.pop_back();
        break;
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        break;
    }
    return out;
  }

 private:
  using known_keys = std::unordered_map<std::string, yaml_position>;

  /// yaml-cpp puts an item without text where the next token stands; its own dash is the better place.
  yaml_position position_of_null_item(const YAML::Mark& mark) const {
    auto at = position_of(mark);
    auto before = static_cast<size_t>(std::max(mark.pos, 0));
    if (before > text_.size() ||
        (before < text_.size() && std::string_view("~nN").find(text_[before]) != std::string_view::npos))
      return at;
    while (before > 0 && std::string_view(" \t\r\n").find(text_[before - 1]) != std::string_view::npos)
      if (text_[--before] == '\n') --at.line;
    if (before == 0 || text_[before - 1] != '-') return position_of(mark);
    auto line_start = text_.rfind('\n', before - 1);
    at.column = static_cast<int>(line_start == std::string_view::npos ? before : before - line_start - 1);
    return at;
  }

  void count(yaml_position position) {
    if (++nodes_ > limits_.nodes_max)
      throw fault{position,
                  fmt::format("the document has more than {} values once aliases are resolved", limits_.nodes_max)};
  }

  void enter(const YAML::Node& node, yaml_position position) {
    for (const auto& outer : path_)
      if (outer.is(node)) throw fault{position, "an anchor contains an alias of itself"};
    if (path_.size() >= limits_.depth_max)
      throw fault{position, fmt::format("values are nested more than {} levels deep", limits_.depth_max)};
    path_.push_back(node);
  }

  static void check_collection_tag(const YAML::Node& node, std::string_view wanted, yaml_position position) {
    const auto& tag = node.Tag();
    if (tag.empty() || tag == "?" || tag == "!" || tag == fmt::format("{}{}", core_tag_prefix, wanted)) return;
    throw fault{position, fmt::format("tag {} is not supported here", tag)};
  }

  static void take_scalar(const YAML::Node& from, yaml_node& out) {
    const std::string& tag = from.Tag();
    out.text = from.Scalar();
    if (!is_valid_utf8(out.text)) throw fault{out.position, "invalid UTF-8"};
    bool plain = tag == "?" || tag.empty();
    if (!plain && tag != "!") {
      std::string_view rest = tag;
      if (!rest.starts_with(core_tag_prefix)) throw fault{out.position, fmt::format("tag {} is not supported", tag)};
      rest.remove_prefix(core_tag_prefix.size());
      plain = rest == "int" || rest == "float" || rest == "bool" || rest == "null";
      if (!plain && rest != "str") throw fault{out.position, fmt::format("tag !!{} is not supported", rest)};
    }
    if (plain &&
        (out.text.empty() || out.text == "~" || out.text == "null" || out.text == "Null" || out.text == "NULL")) {
      out.text.clear();
      return;
    }
    out.kind = yaml_kind::scalar;
    out.quoted = !plain;
  }

  static std::string take_key(const YAML::Node& key, yaml_position position) {
    if (key.IsNull()) return "null";
    if (!key.IsScalar()) throw fault{position, "a key must be a single value, not a list or a map"};
    if (!is_valid_utf8(key.Scalar())) throw fault{position, "invalid UTF-8"};
    return key.Scalar();
  }

  void take_map(const YAML::Node& from, yaml_node& out) {
    out.map.reserve(from.size());
    known_keys known;
    std::vector<std::pair<YAML::Node, yaml_position>> merged;
    for (const auto& entry : from) {
      auto position = position_of(entry.first.Mark());
      auto key = take_key(entry.first, position);
      count(position);
      if (auto [at, is_new] = known.emplace(key, position); !is_new)
        throw fault{position, fmt::format("key \"{}\" already set in map at line {}", key, at->second.line)};
      if (key == merge_key && entry.first.Tag() != "!") {
        merged.emplace_back(entry.second, position);
        continue;
      }
      out.map.push_back({std::move(key), position, walk(entry.second)});
      if (entry.second.IsNull()) out.map.back().value.position = position;
    }
    for (const auto& [source, position] : merged) merge(source, position, out, known);
  }

  /// Adds what the map does not have yet: explicit keys win, and of several sources the first.
  void merge(const YAML::Node& source, yaml_position position, yaml_node& out, known_keys& known) {
    constexpr std::string_view wrong = "map merge requires a map or a list of maps as the value";
    if (source.IsMap()) return merge_one(source, out, known);
    if (!source.IsSequence()) throw fault{position, std::string(wrong)};
    enter(source, position);
    for (const auto& item : source) {
      if (!item.IsMap()) throw fault{position_of(item.Mark()), std::string(wrong)};
      merge_one(item, out, known);
    }
    path_.pop_back();
  }

  void merge_one(const YAML::Node& source, yaml_node& out, known_keys& known) {
    auto expanded = walk(source);
    for (auto& entry : expanded.map)
      if (known.emplace(entry.key, entry.position).second) out.map.push_back(std::move(entry));
  }

  std::string_view text_;
  const yaml_limits& limits_;
  size_t nodes_ = 0;
  std::vector<YAML::Node> path_;  // Collections around the current one, outermost first.
};

}  // namespace

result<yaml_node> parse_yaml(std::string_view text, const yaml_limits& limits) {
  if (text.size() > limits.text_bytes_max)
    return fail(errc::limit_exceeded, fmt::format("1:1: the text is longer than {} bytes", limits.text_bytes_max));
  try {
    auto root = walker(text, limits).walk(YAML::Load(std::string(text)));
    if (root.kind == yaml_kind::null) root.position = {1, 1};
    return root;
  } catch (const fault& found) {
    return fail(errc::syntax, fmt::format("{}:{}: {}", found.position.line, found.position.column, found.message));
  } catch (const YAML::Exception& found) {
    auto at = position_of(found.mark);
    return fail(errc::syntax, fmt::format("{}:{}: {}", at.line, at.column, found.msg));
  }
}

}  // namespace rollcall
