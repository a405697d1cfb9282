#include "lib/dns/resolv_conf.hpp"

#include <algorithm>
#include <charconv>

namespace rollcall::dns {

namespace {

constexpr std::string_view blanks = " \t\r\v\f";

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    auto begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    auto end = std::min(line.find_first_of(blanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::string rooted(std::string_view name) {
  std::string text(name);
  if (!text.ends_with('.')) text += '.';
  return text;
}

void read_option(resolv_conf& out, std::string_view option) {
  constexpr std::string_view key = "ndots:";
  if (!option.starts_with(key)) return;
  option.remove_prefix(key.size());
  size_t value = 0;
  auto [end, error] = std::from_chars(option.data(), option.data() + option.size(), value);
  if (error == std::errc::result_out_of_range) value = resolv_conf::ndots_max;
  out.ndots = std::min(value, resolv_conf::ndots_max);
}

void read_line(resolv_conf& out, std::string_view line) {
  auto words = words_of(line);
  if (words.empty()) return;
  auto key = words.front();
  words.erase(words.begin());
  if (key == "nameserver" && !words.empty() && out.servers.size() < resolv_conf::servers_max) {
    out.servers.emplace_back(words.front());
  } else if (key == "domain") {
    out.search.assign(words.begin(), words.begin() + (words.empty() ? 0 : 1));
  } else if (key == "search") {
    out.search.assign(words.begin(),
                      words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), resolv_conf::search_max)));
  } else if (key == "options") {
    for (auto option : words) read_option(out, option);
  }
}

}  // namespace

resolv_conf parse_resolv_conf(std::string_view text) {
  resolv_conf out;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    read_line(out, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::vector<std::string> names_to_try(const resolv_conf& conf, std::string_view name) {
  if (name.ends_with('.')) return {std::string(name)};
  auto as_it_is = rooted(name);
  bool is_dotted = static_cast<size_t>(std::count(name.begin(), name.end(), '.')) >= conf.ndots;
  std::vector<std::string> names;
  if (is_dotted) names.push_back(as_it_is);
  for (const auto& domain : conf.search) names.push_back(domain == "." ? as_it_is : as_it_is + rooted(domain));
  if (!is_dotted) names.push_back(as_it_is);
  return names;
}

}  // namespace rollcall::dns
