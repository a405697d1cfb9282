#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>

namespace rollcall::test {

/// A file system below RocksDB whose writes fail on demand, as on a disk that is full or has become read-only.
class faulty_file_system : public rocksdb::FileSystemWrapper {
 public:
  enum class fault { none, full, read_only };

  faulty_file_system() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "faulty_file_system"; }

  std::atomic<fault> now{fault::none};

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    if (auto status = check(); !status.ok()) return status;
    std::unique_ptr<rocksdb::FSWritableFile> real;
    auto status = target()->NewWritableFile(name, options, &real, context);
    if (status.ok()) *file = std::make_unique<writable_file>(std::move(real), *this);
    return status;
  }

 private:
  class writable_file : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    writable_file(std::unique_ptr<rocksdb::FSWritableFile> real, const faulty_file_system& owner)
        : FSWritableFileOwnerWrapper(std::move(real)), owner_(owner) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override {
      auto status = owner_.check();
      return status.ok() ? FSWritableFileOwnerWrapper::Append(data, options, context) : status;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* context) override {
      return Append(data, options, context);
    }

   private:
    const faulty_file_system& owner_;
  };

  rocksdb::IOStatus check() const {
    switch (now.load()) {
      case fault::full:
        return rocksdb::IOStatus::NoSpace("no space left on device");
      case fault::read_only:
        return rocksdb::IOStatus::IOError("read-only file system");
      case fault::none:
        break;
    }
    return rocksdb::IOStatus::OK();
  }
};

}  // namespace rollcall::test
