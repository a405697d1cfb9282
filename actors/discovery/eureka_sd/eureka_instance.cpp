#include "actors/discovery/eureka_sd/eureka_instance.hpp"

#include "actors/discovery/discovery_text.hpp"
#include "lib/labels/code_point.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <sstream>
#include <vector>

namespace rollcall {

namespace {

using label_pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view instance_prefix = "__meta_eureka_app_instance_";
constexpr std::array<std::pair<std::string_view, char>, 5> named_entities = {
    {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};

// Where an instance's own words go; the rest takes more than copying.
constexpr std::array<std::pair<const char*, std::string_view>, 9> text_labels = {{
    {"hostName", "hostname"},
    {"homePageUrl", "homepage_url"},
    {"statusPageUrl", "statuspage_url"},
    {"healthCheckUrl", "healthcheck_url"},
    {"ipAddr", "ip_addr"},
    {"vipAddress", "vip_address"},
    {"secureVipAddress", "secure_vip_address"},
    {"status", "status"},
    {"instanceId", "id"},
}};

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::optional<std::string> character_by_number(std::string_view digits) {
  int base = 10;
  if (digits.starts_with('x')) {
    base = 16;
    digits.remove_prefix(1);
  }
  uint32_t number = 0;
  auto [end, trouble] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (trouble != std::errc() || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  bool is_surrogate = number >= 0xD800 && number <= 0xDFFF;
  if (number == 0 || number > 0x10FFFF || is_surrogate) return std::nullopt;
  std::string character;
  append_utf8(character, number);
  return character;
}

std::optional<std::string> character_of(std::string_view entity) {
  if (entity.starts_with('#')) return character_by_number(entity.substr(1));
  for (const auto& [name, character] : named_entities)
    if (name == entity) return std::string(1, character);
  return std::nullopt;
}

std::string expand_entities(std::string_view text) {
  std::string expanded;
  while (true) {
    auto begin = text.find('&');
    expanded += text.substr(0, begin);
    if (begin == std::string_view::npos) return expanded;
    auto end = text.find(';', begin);
    auto character =
        end == std::string_view::npos ? std::nullopt : character_of(text.substr(begin + 1, end - begin - 1));
    expanded += character.value_or("&");
    text.remove_prefix(character ? end + 1 : begin + 1);
  }
}

result<int64_t> read_number(const pugi::xml_node& element) {
  auto text = eureka_text(element);
  auto digits = trim(text);
  int64_t number = 0;
  if (digits.empty()) return number;
  auto [end, trouble] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (trouble != std::errc() || end != digits.data() + digits.size())
    return fail(errc::syntax, std::string(element.name()) + " is not a number: " + rollcall::quoted(text));
  return number;
}

/// As Go reads a switch.
result<bool> read_switch(const pugi::xml_attribute& attribute) {
  auto text = trim(attribute.value());
  for (std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (std::string_view no : {"", "0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  return fail(errc::syntax, std::string(attribute.name()) + " is neither true nor false: " + rollcall::quoted(text));
}

/// Adds `<prefix><name>` for each element below `metadata`: its content as it is written.
void add_metadata(const pugi::xml_node& metadata, const std::string& prefix, label_pairs& out) {
  for (auto item : metadata.children()) {
    if (item.type() != pugi::node_element) continue;
    std::ostringstream content;
    for (auto part : item.children()) part.print(content, "", pugi::format_raw | pugi::format_no_escapes);
    std::string_view name = item.name();
    if (auto colon = name.find(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
    out.emplace_back(prefix + sanitize_label_name(name), content.str());
  }
}

result<void> add_port(const pugi::xml_node& port, const std::string& name, label_pairs& out) {
  if (!port) return {};
  auto number = read_number(port);
  if (!number) return tl::unexpected(std::move(number.error()));
  auto enabled = read_switch(port.attribute("enabled"));
  if (!enabled) return tl::unexpected(std::move(enabled.error()));
  out.emplace_back(std::string(instance_prefix) + name, std::to_string(*number));
  out.emplace_back(std::string(instance_prefix) + name + "_enabled", *enabled ? "true" : "false");
  return {};
}

}  // namespace

std::string eureka_text(const pugi::xml_node& element) {
  std::string text;
  for (auto part : element.children()) {
    if (part.type() == pugi::node_pcdata) text += expand_entities(part.value());
    if (part.type() == pugi::node_cdata) text += part.value();
  }
  return text;
}

result<labels> read_eureka_instance(const std::string& application, const pugi::xml_node& instance) {
  const std::string prefix(instance_prefix);
  label_pairs pairs = {{"__meta_eureka_app_name", application}};
  for (const auto& [element, label] : text_labels)
    pairs.emplace_back(prefix + std::string(label), eureka_text(instance.child(element)));
  auto country = read_number(instance.child("countryId"));
  if (!country) return tl::unexpected(std::move(country.error()));
  pairs.emplace_back(prefix + "country_id", std::to_string(*country));
  auto port = instance.child("port");
  auto number = read_number(port);
  if (!number) return tl::unexpected(std::move(number.error()));
  pairs.emplace_back(std::string(address_label),
                     join_host_port(eureka_text(instance.child("hostName")), port ? std::to_string(*number) : "80"));
  pairs.emplace_back(std::string(instance_label), eureka_text(instance.child("instanceId")));
  if (auto added = add_port(port, "port", pairs); !added) return tl::unexpected(std::move(added.error()));
  if (auto added = add_port(instance.child("securePort"), "secure_port", pairs); !added)
    return tl::unexpected(std::move(added.error()));
  auto center = instance.child("dataCenterInfo");
  pairs.emplace_back(prefix + "datacenterinfo_name", eureka_text(center.child("name")));
  add_metadata(center.child("metadata"), prefix + "datacenterinfo_metadata_", pairs);
  add_metadata(instance.child("metadata"), prefix + "metadata_", pairs);
  return labels::of(std::move(pairs));
}

}  // namespace rollcall
