// A table as an Arrow C stream. Everything that leaves shares ownership of the
// table, so that arrays may outlive their stream and each other.
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "base/status.h"
#include "exporter/arrow_abi.h"
#include "stepwell/table.h"

namespace stepwell {
namespace {

constexpr size_t kTextBytesMax = 0x7FFF'FFFF;

const char* FormatOf(Column::Type type) {
  switch (type) {
    case Column::Type::kInteger:
      return "l";
    case Column::Type::kNumber:
      return "g";
    case Column::Type::kText:
      return "u";
    case Column::Type::kBool:
      return "b";
    case Column::Type::kTime:
      return "tsu:UTC";
  }
  return "n";
}

using SharedTable = std::shared_ptr<const Table>;

// What a schema or an array points at besides the table's buffers.
struct SchemaParts {
  SharedTable table;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};
struct ArrayParts {
  SharedTable table;
  const void* buffers[3] = {};
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
};

// Releases what the consumer has not taken, then itself.
template <class Struct, class Parts>
void Release(Struct* released) {
  auto* parts = static_cast<Parts*>(released->private_data);
  for (Struct& child : parts->children) {
    if (child.release != nullptr) child.release(&child);
  }
  delete parts;
  released->release = nullptr;
}

template <class Struct, class Parts>
void PointAtChildren(Parts& parts, Struct* out) {
  for (Struct& child : parts.children) parts.pointers.push_back(&child);
  out->n_children = static_cast<int64_t>(parts.children.size());
  out->children = parts.pointers.empty() ? nullptr : parts.pointers.data();
}

ArrowSchema SchemaOf(const SharedTable& table, const char* format,
                     const char* name, std::unique_ptr<SchemaParts> parts) {
  ArrowSchema schema = {};
  schema.format = format;
  schema.name = name;
  parts->table = table;
  PointAtChildren(*parts, &schema);
  schema.release = Release<ArrowSchema, SchemaParts>;
  schema.private_data = parts.release();
  return schema;
}

ArrowSchema TableSchema(const SharedTable& table) {
  auto parts = std::make_unique<SchemaParts>();
  parts->children.reserve(table->columns.size());
  for (const Column& column : table->columns) {
    ArrowSchema child =
        SchemaOf(table, FormatOf(column.type()), column.name().c_str(),
                 std::make_unique<SchemaParts>());
    child.flags = ARROW_FLAG_NULLABLE;
    parts->children.push_back(child);
  }
  return SchemaOf(table, "+s", table->name.c_str(), std::move(parts));
}

ArrowArray ColumnArray(const SharedTable& table, const Column& column) {
  auto parts = std::make_unique<ArrayParts>();
  ArrowArray array = {};
  array.length = static_cast<int64_t>(column.size());
  array.null_count = static_cast<int64_t>(column.nulls());
  parts->buffers[0] = column.validity();
  if (column.type() == Column::Type::kText) {
    parts->buffers[1] = column.offsets();
    parts->buffers[2] = column.values();
    array.n_buffers = 3;
  } else {
    parts->buffers[1] = column.values();
    array.n_buffers = 2;
  }
  array.buffers = parts->buffers;
  parts->table = table;
  array.release = Release<ArrowArray, ArrayParts>;
  array.private_data = parts.release();
  return array;
}

ArrowArray TableArray(const SharedTable& table) {
  auto parts = std::make_unique<ArrayParts>();
  parts->children.reserve(table->columns.size());
  for (const Column& column : table->columns) {
    parts->children.push_back(ColumnArray(table, column));
  }
  ArrowArray array = {};
  array.length = static_cast<int64_t>(table->rows());
  array.n_buffers = 1;
  array.buffers = parts->buffers;  // a struct without nulls: no bitmap
  PointAtChildren(*parts, &array);
  parts->table = table;
  array.release = Release<ArrowArray, ArrayParts>;
  array.private_data = parts.release();
  return array;
}

struct StreamParts {
  SharedTable table;
  bool given = false;  // the one batch
};

// Runs what may run out of memory; Arrow speaks errno.
template <class Body>
int Guarded(const Body& body) noexcept {
  try {
    body();
    return 0;
  } catch (...) {
    return ENOMEM;
  }
}

int GetSchema(ArrowArrayStream* stream, ArrowSchema* out) {
  const auto* parts = static_cast<const StreamParts*>(stream->private_data);
  return Guarded([&] { *out = TableSchema(parts->table); });
}

int GetNext(ArrowArrayStream* stream, ArrowArray* out) {
  auto* parts = static_cast<StreamParts*>(stream->private_data);
  if (parts->given) {
    *out = {};  // released: the end
    return 0;
  }
  return Guarded([&] {
    *out = TableArray(parts->table);
    parts->given = true;
  });
}

const char* GetLastError(ArrowArrayStream*) { return "memory has run out"; }

void ReleaseStream(ArrowArrayStream* stream) {
  delete static_cast<StreamParts*>(stream->private_data);
  stream->release = nullptr;
}

}  // namespace

absl::Status ToArrowStream(Table table, ArrowArrayStream* out) {
  std::memset(static_cast<void*>(out), 0, sizeof *out);
  for (const Column& column : table.columns) {
    if (column.type() == Column::Type::kText && column.size() > 0 &&
        static_cast<size_t>(static_cast<const int32_t*>(
            column.offsets())[column.size()]) >= kTextBytesMax) {
      return TooLarge("column " + column.name() +
                      " has more text than Arrow's utf8 can hold");
    }
  }
  auto parts = std::make_unique<StreamParts>();
  parts->table = std::make_shared<const Table>(std::move(table));
  out->get_schema = GetSchema;
  out->get_next = GetNext;
  out->get_last_error = GetLastError;
  out->release = ReleaseStream;
  out->private_data = parts.release();
  return absl::OkStatus();
}

}  // namespace stepwell
