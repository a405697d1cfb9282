#include "lib/base/assert.hpp"
#include "lib/relabel/expansion.hpp"
#include "lib/relabel/letter_case.hpp"
#include "lib/relabel/regex.hpp"
#include "lib/relabel/relabel.hpp"
#include "lib/relabel/validation.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace rollcall::relabel {

namespace {

// Fetched once: OpenSSL looks an algorithm up by name otherwise, for every digest. Null where a policy forbids MD5.
const EVP_MD* md5() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
  return algorithm;
}

// The last 8 bytes of the MD5 digest, big-endian.
uint64_t md5_tail(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  ROLLCALL_ASSERT(EVP_Digest(text.data(), text.size(), digest.data(), &size, md5(), nullptr) == 1 && size == 16);
  uint64_t value = 0;
  for (size_t i = 8; i < 16; ++i) value = value << 8 | digest[i];
  return value;
}

// Working memory of one thread, so that a rule allocates nothing once the buffers have grown.
struct scratch {
  std::string value;
  std::string name;
  std::string text;
  std::vector<std::string_view> captures;
};

scratch& thread_scratch() {
  thread_local scratch memory;
  return memory;
}

}  // namespace

class program::rule {
 public:
  rule(const rule_config& config, name_validation scheme, regex pattern)
      : config_(config),
        scheme_(scheme),
        target_varies_(has_variable(config.target_label)),
        pattern_(std::move(pattern)),
        target_(config.target_label, pattern_),
        replacement_(config.replacement, pattern_) {}

  /// False drops the subject.
  bool apply(label_builder& subject) const {
    auto& memory = thread_scratch();
    switch (config_.action) {
      case action::keep:
        return pattern_.matches(joined(subject, memory));
      case action::drop:
        return !pattern_.matches(joined(subject, memory));
      case action::keepequal:
        return subject.get(config_.target_label) == joined(subject, memory);
      case action::dropequal:
        return subject.get(config_.target_label) != joined(subject, memory);
      case action::replace:
        replace(subject, memory);
        break;
      case action::hashmod:
        hashmod(subject, memory);
        break;
      case action::labelmap:
        labelmap(subject, memory);
        break;
      case action::labeldrop:
        subject.erase_if([&](std::string_view name) { return pattern_.matches(name); });
        break;
      case action::labelkeep:
        subject.erase_if([&](std::string_view name) { return !pattern_.matches(name); });
        break;
      case action::lowercase:
        subject.set(config_.target_label, to_lower(joined(subject, memory)));
        break;
      case action::uppercase:
        subject.set(config_.target_label, to_upper(joined(subject, memory)));
        break;
    }
    return true;
  }

  const rule_config& config() const { return config_; }

  bool touches(std::string_view name) const {
    const auto& sources = config_.source_labels;
    bool reads = std::find(sources.begin(), sources.end(), name) != sources.end();
    switch (config_.action) {
      case action::replace:
        return reads || target_.may_give(name);
      case action::labelmap:
        return pattern_.matches(name) || replacement_.may_give(name);
      case action::labeldrop:
        return pattern_.matches(name);
      case action::labelkeep:
        return !pattern_.matches(name);
      case action::keep:
      case action::drop:
        return reads;
      default:
        return reads || config_.target_label == name;
    }
  }

 private:
  // The source value: valid until the subject changes or the memory is used again.
  std::string_view joined(const label_builder& subject, scratch& memory) const {
    const auto& sources = config_.source_labels;
    if (sources.empty()) return {};
    if (sources.size() == 1) return subject.get(sources.front());
    memory.value.clear();
    for (size_t i = 0; i < sources.size(); ++i) {
      if (i > 0) memory.value += config_.separator;
      memory.value += subject.get(sources[i]);
    }
    return memory.value;
  }

  void replace(label_builder& subject, scratch& memory) const {
    memory.captures.resize(std::max(target_.captures_needed(), replacement_.captures_needed()));
    if (!pattern_.match(joined(subject, memory), memory.captures)) return;
    memory.name.clear();
    target_.append_to(memory.name, memory.captures);
    if (target_varies_ && !is_valid_label_name(memory.name, scheme_)) return;
    memory.text.clear();
    replacement_.append_to(memory.text, memory.captures);
    subject.set(memory.name, memory.text);
  }

  void hashmod(label_builder& subject, scratch& memory) const {
    std::array<char, 20> digits;
    uint64_t bucket = md5_tail(joined(subject, memory)) % config_.modulus;
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bucket).ptr;
    subject.set(config_.target_label, std::string_view(digits.data(), static_cast<size_t>(end - digits.data())));
  }

  // Matches the names that were there before the rule, in order; of two that map to one name the last wins.
  void labelmap(label_builder& subject, scratch& memory) const {
    std::vector<std::pair<std::string, std::string>> mapped;
    memory.captures.resize(replacement_.captures_needed());
    for (const auto& [name, value] : subject.pairs()) {
      if (!pattern_.match(name, memory.captures)) continue;
      auto& [new_name, new_value] = mapped.emplace_back();
      replacement_.append_to(new_name, memory.captures);
      new_value = value;
    }
    for (const auto& [name, value] : mapped) subject.set(name, value);
  }

  rule_config config_;
  name_validation scheme_;
  bool target_varies_;  // otherwise it was checked when the rule was compiled
  regex pattern_;
  expansion target_;
  expansion replacement_;
};

result<program> program::compile(std::span<const rule_config> rules, name_validation scheme) {
  program out;
  for (const auto& config : rules) {
    std::string context = "relabel rule " + std::to_string(out.rules_.size());
    auto pattern = regex::compile(config.regex);
    if (!pattern) return fail(context, std::move(pattern.error()));
    if (auto valid = validate_fields(config, scheme); !valid) return fail(context, std::move(valid.error()));
    if (config.action == action::hashmod && md5() == nullptr) {
      return fail(errc::unsupported, context + ": hashmod needs MD5, which OpenSSL does not provide here");
    }
    out.rules_.push_back(std::make_shared<const rule>(config, scheme, std::move(*pattern)));
  }
  return out;
}

std::vector<rule_config> program::configs() const {
  std::vector<rule_config> written;
  for (const auto& each : rules_) written.push_back(each->config());
  return written;
}

verdict program::apply(label_builder& subject) const {
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (!rules_[i]->apply(subject)) return {false, i};
  }
  return {};
}

bool program::touches(std::string_view label_name) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const auto& rule) { return rule->touches(label_name); });
}

}  // namespace rollcall::relabel
