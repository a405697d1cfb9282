#pragma once

#include "lib/base/result.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// Takes typed values out of a JSON document as Go's decoder does: keys are found whatever their case, what is absent
/// or null is the zero value, what nobody asks for is ignored, and what has another type than expected is the
/// document's fault, told with its path. The first fault counts; after it reading goes on with zero values. Does not
/// own what it reads, and must not outlive the reader it was got from.
class json_reader {
 public:
  using fault = std::optional<error>;

  json_reader(const nlohmann::json& value, fault& found) : value_(&value), fault_(&found) {}

  // Fields of an object.
  std::string text(std::string_view key) const;
  int64_t integer(std::string_view key) const;
  bool boolean(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;
  std::map<std::string, std::string> text_map(std::string_view key) const;
  /// A reader of a field's value; of null when there is none.
  json_reader field(std::string_view key) const;

  // This value itself.
  bool is_null() const { return value_->is_null(); }
  std::string text() const;
  int64_t integer() const;
  std::vector<std::string> texts() const;
  /// A list: visits each item.
  void each(const std::function<void(const json_reader&)>& visit) const;
  /// An object: visits each key with its value.
  void entries(const std::function<void(const std::string&, const json_reader&)>& visit) const;
  const nlohmann::json& value() const { return *value_; }
  /// Counts as the document's fault.
  void refuse(std::string why) const;

 private:
  json_reader(const nlohmann::json& value, const json_reader& parent, std::string_view key)
      : value_(&value), fault_(parent.fault_), parent_(&parent), key_(key) {}

  bool expect(bool is_right, std::string_view wanted) const;
  std::string path() const;

  const nlohmann::json* value_;
  fault* fault_;
  const json_reader* parent_ = nullptr;
  std::string_view key_;
};

/// Whether a document may be null, and has zero values then.
enum class null_document : unsigned char { refused, zero };

/// Parses a whole JSON document and has it read. Errors: errc::syntax, for what is no JSON and for the reader's fault.
result<void> read_json(std::string_view text, const std::function<void(const json_reader&)>& read,
                       null_document null = null_document::refused);

}  // namespace rollcall
