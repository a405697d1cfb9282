#pragma once

namespace rollcall::kubernetes {

/// Which other objects' metadata the targets are to carry.
struct attached_metadata {
  bool node = false;
  bool name_space = false;
  bool deployment = false;
  bool job = false;
  bool cron_job = false;

  bool operator==(const attached_metadata&) const = default;
};

}  // namespace rollcall::kubernetes
