#pragma once

#include "lib/base/result.hpp"
#include "lib/relabel/relabel.hpp"

namespace rollcall::relabel {

/// validate() without the check of the regular expression.
result<void> validate_fields(const rule_config& config, name_validation scheme);

}  // namespace rollcall::relabel
