#pragma once

#include "lib/remote_write/request.hpp"

#include <memory>
#include <string>
#include <string_view>

struct ZSTD_CCtx_s;

namespace rollcall::remote_write {

/// Compresses the messages of requests. Keeps its memory from one to the next. For one thread.
class compressor {
 public:
  /// Never null.
  std::shared_ptr<const std::string> compress(compression with, std::string_view message);

 private:
  struct context_deleter {
    void operator()(ZSTD_CCtx_s* context) const;
  };

  size_t write_snappy(std::string_view message);
  size_t write_zstd(std::string_view message);

  std::string room_;
  std::unique_ptr<ZSTD_CCtx_s, context_deleter> zstd_;  // made when it is first needed
};

/// The message of a request. @pre The body was made by a compressor.
std::string message_of(const request& from);

}  // namespace rollcall::remote_write
