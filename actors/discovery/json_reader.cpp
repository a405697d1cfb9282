#include "actors/discovery/json_reader.hpp"

#include "lib/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rollcall {

namespace {

const nlohmann::json& null_value() {
  static const nlohmann::json null;
  return null;
}

bool equal_in_any_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

/// The value of a key, of the one that is written like it if there are several; null when there is none.
const nlohmann::json& find(const nlohmann::json::object_t& object, std::string_view key) {
  if (auto exact = object.find(key); exact != object.end()) return exact->second;
  auto found = std::find_if(object.begin(), object.end(),
                            [&](const auto& entry) { return equal_in_any_case(entry.first, key); });
  return found == object.end() ? null_value() : found->second;
}

}  // namespace

bool json_reader::expect(bool is_right, std::string_view wanted) const {
  if (is_right) return true;
  if (!value_->is_null() && !*fault_)
    *fault_ = error{errc::syntax, fmt::format("expected {} for {}, found {}", wanted, path(), value_->type_name())};
  return false;
}

std::string json_reader::path() const {
  if (parent_ == nullptr) return "the document";
  std::string own = key_.empty() ? "[]" : '.' + std::string(key_);
  return parent_->parent_ == nullptr ? own : parent_->path() + own;
}

json_reader json_reader::field(std::string_view key) const {
  if (!expect(value_->is_object(), "object")) return {null_value(), *this, key};
  return {find(value_->get_ref<const nlohmann::json::object_t&>(), key), *this, key};
}

std::string json_reader::text() const {
  return expect(value_->is_string(), "string") ? value_->get_ref<const std::string&>() : std::string();
}

std::string json_reader::text(std::string_view key) const { return field(key).text(); }

int64_t json_reader::integer() const {
  bool fits =
      value_->is_number_integer() && !(value_->is_number_unsigned() && value_->get<uint64_t>() > uint64_t{INT64_MAX});
  return expect(fits, "integer") ? value_->get<int64_t>() : 0;
}

int64_t json_reader::integer(std::string_view key) const { return field(key).integer(); }

bool json_reader::boolean(std::string_view key) const {
  auto value = field(key);
  return value.expect(value.value_->is_boolean(), "boolean") && value.value_->get<bool>();
}

std::vector<std::string> json_reader::texts() const {
  std::vector<std::string> all;
  each([&](const json_reader& item) { all.push_back(item.text()); });
  return all;
}

std::vector<std::string> json_reader::texts(std::string_view key) const { return field(key).texts(); }

std::map<std::string, std::string> json_reader::text_map(std::string_view key) const {
  std::map<std::string, std::string> all;
  field(key).entries([&](const std::string& name, const json_reader& value) { all[name] = value.text(); });
  return all;
}

void json_reader::each(const std::function<void(const json_reader&)>& visit) const {
  if (!expect(value_->is_array(), "array")) return;
  for (const auto& item : *value_) visit({item, *this, {}});
}

void json_reader::entries(const std::function<void(const std::string&, const json_reader&)>& visit) const {
  if (!expect(value_->is_object(), "object")) return;
  for (const auto& [key, value] : value_->items()) visit(key, {value, *this, key});
}

void json_reader::refuse(std::string why) const {
  if (!*fault_) *fault_ = error{errc::syntax, std::move(why)};
}

result<void> read_json(std::string_view text, const std::function<void(const json_reader&)>& read, null_document null) {
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& fault) {
    return fail(errc::syntax, fmt::format("invalid JSON at byte {} of {}", fault.byte, text.size()));
  } catch (const nlohmann::json::out_of_range&) {
    return fail(errc::syntax, "the JSON document has a number that no double holds");
  }
  if (document.is_null() && null == null_document::refused) return fail(errc::syntax, "the JSON document is null");
  json_reader::fault found;
  read(json_reader(document, found));
  if (found) return tl::unexpected(std::move(*found));
  return {};
}

}  // namespace rollcall
