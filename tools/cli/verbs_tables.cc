// service table, tables, rescored: the log as plain columns.
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "output_file.h"
#include "service_options.h"
#include "stepwell/tables.h"

namespace stepwell::cli {
namespace {

struct TableArguments {
  LogTableRequest request;
  std::string as_known_at;
  std::string format = "text";
  std::string out = "-";
};

// A row for people: times in their zone.
std::vector<std::string> Cells(const stepwell::Table& table, size_t row,
                               const std::string& zone) {
  std::vector<std::string> cells;
  for (const Column& column : table.columns) {
    if (column.type() == Column::Type::kTime) {
      const int64_t us = static_cast<const int64_t*>(column.values())[row];
      cells.push_back(Clock(Instant{us}, zone));
    } else {
      cells.push_back(CellText(column, row));
      if (cells.back().empty()) cells.back() = "-";
    }
  }
  return cells;
}

void PrintTable(const stepwell::Table& table, const std::string& zone) {
  std::vector<std::string> header;
  for (const Column& column : table.columns) header.push_back(column.name());
  Table lines(header);
  for (size_t row = 0; row < table.rows(); ++row) {
    lines.Add(Cells(table, row, zone));
  }
  lines.Print();
}

absl::Status WriteRows(const stepwell::Table& table, bool json,
                       const std::string& path) {
  OutputFile out(path);
  absl::Status status = json ? absl::OkStatus() : out.Write(CsvHeader(table));
  for (size_t row = 0; status.ok() && row < table.rows(); ++row) {
    status = out.Write(json ? JsonRow(table, row) + "\n" : CsvRow(table, row));
  }
  return status.ok() ? out.Finish() : status;
}

// A table in one of the three formats; text goes to standard output only.
absl::Status Write(const stepwell::Table& table,
                   const TableArguments& arguments, const std::string& zone) {
  if (arguments.format != "text") {
    return WriteRows(table, arguments.format == "json", arguments.out);
  }
  if (arguments.out != "-") {
    return absl::InvalidArgumentError("--out goes with --format csv or json");
  }
  PrintTable(table, zone);
  return absl::OkStatus();
}

// What to ask for, with the time read: what was recorded later than `now` is
// not known yet.
absl::StatusOr<LogTableRequest> RequestOf(const TableArguments& arguments,
                                          Instant now) {
  LogTableRequest request = arguments.request;
  if (!request.complaint.empty() && request.table != "course") {
    return absl::InvalidArgumentError("--complaint goes with the table course");
  }
  request.as_known_at = now;
  if (arguments.as_known_at.empty()) return request;
  auto at = ReadNow(arguments.as_known_at);
  if (!at.ok()) return at.status();
  request.as_known_at = *at;
  return request;
}

// Standard output holds the rows alone: what became of them, and that there
// are none, is said beside it.
void Tell(const TableArguments& arguments, size_t rows) {
  if (arguments.out != "-") {
    Note(absl::StrCat(Count(rows, "row"), " in ", arguments.out));
  } else if (rows == 0) {
    Note(arguments.request.table == "rescored"
             ? "no rows: the document gives every score as it stands"
             : absl::StrCat("no rows: the table ", arguments.request.table,
                            " is empty at that time"));
  }
}

// With `code` when the table has rows.
int ShowTable(const Common& common, const ServiceArguments& service,
              const TableArguments& arguments, int code) {
  return WithService(common, service, [&](Service& opened, Instant now) {
    const auto request = RequestOf(arguments, now);
    if (!request.ok()) return Fail(common, request.status());
    const auto table = opened.QueryLogTable(*request, now);
    if (!table.ok()) return Fail(common, table.status());
    const absl::Status written = Write(*table, arguments, service.zone);
    if (!written.ok()) return Fail(common, written);
    Tell(arguments, table->rows());
    return table->rows() > 0 ? code : kFine;
  });
}

// One CSV a table. All are of the same moment, so that they fit together
// whatever another process writes meanwhile: of `now` when none is named.
int WriteTables(const Common& common, const TableArguments& arguments,
                Service& service, Instant now) {
  std::error_code error;
  std::filesystem::create_directories(arguments.out, error);
  if (error) {
    return Fail(common, absl::UnavailableError(absl::StrCat(
                            "cannot make the folder ", arguments.out, ": ",
                            error.message())));
  }
  std::string json;
  Table report({"TABLE", "ROWS", "FILE"});
  for (const std::string& name : LogTableNames()) {
    TableArguments one = arguments;
    one.request.table = name;
    if (name != "course") one.request.complaint.clear();
    const auto request = RequestOf(one, now);
    if (!request.ok()) return Fail(common, request.status());
    const auto table = service.QueryLogTable(*request, now);
    if (!table.ok()) return Fail(common, table.status());
    const std::string path = absl::StrCat(arguments.out, "/", name, ".csv");
    const absl::Status written = WriteRows(*table, /*json=*/false, path);
    if (!written.ok()) return Fail(common, written);
    report.Add({name, absl::StrCat(table->rows()), path});
    absl::StrAppend(&json, json.empty() ? "" : ",", "{\"file\":", Quote(path),
                    ",\"rows\":", table->rows(), ",\"table\":", Quote(name),
                    "}");
  }
  if (common.json) {
    PrintLine(absl::StrCat("{\"tables\":[", json, "]}"));
  } else {
    report.Print();
  }
  return kFine;
}

// The JSON of a document, of the catalogue or of a file.
absl::StatusOr<std::string> InstrumentDocument(const std::string& given) {
  auto text = ReadInstrument(given);
  if (!text.ok() || *text != given) return text;
  return CatalogueDocument(absl::StrCat("instruments/", given, ".json"));
}

void AddKnownAt(CLI::App* verb, TableArguments& arguments) {
  verb->add_option("--as-known-at", arguments.as_known_at,
                   "by what had been recorded by then; default: --now");
}

// Rows are also for programs: csv beside the formats that every verb has.
void AddRowOptions(CLI::App* verb, Common& common,
                   const std::shared_ptr<TableArguments>& given) {
  AddKnownAt(verb, *given);
  verb->add_option("--out", given->out, "a file, or -");
  verb->remove_option(verb->get_option("--format"));
  verb->add_option_function<std::string>(
          "--format",
          [&common, given](const std::string& format) {
            given->format = format;
            common.json = format == "json";
          },
          "text (for people), csv, or json: a row a line")
      ->check(CLI::IsMember({"text", "csv", "json"}))
      ->trigger_on_parse();
}

void AddTable(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "table", "Writes a table of the log", Takes::kNow);
  auto given = std::make_shared<TableArguments>();
  verb->add_option("NAME", given->request.table, "docs/formats/tables.md")
      ->required()
      ->check(CLI::IsMember(LogTableNames()));
  verb->add_option("--complaint", given->request.complaint,
                   "of course: the fact with the code of the complaint");
  AddRowOptions(verb, common, given);
  OnRun(verb, common, [&common, arguments = arguments, given] {
    return ShowTable(common, *arguments, *given, kFine);
  });
}

void AddTables(CLI::App& service, Common& common) {
  const auto [verb, arguments] =
      AddServiceVerb(service, common, "tables",
                     "Writes every table of the log as CSV", Takes::kNow);
  auto given = std::make_shared<TableArguments>();
  verb->add_option("--out", given->out,
                   "a folder, made where it is not there: NAME.csv each")
      ->required();
  verb->add_option("--complaint", given->request.complaint,
                   "of course: the fact with the code of the complaint");
  AddKnownAt(verb, *given);
  OnRun(verb, common, [&common, arguments = arguments, given] {
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      return WriteTables(common, *given, opened, now);
    });
  });
}

void AddRescored(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "rescored",
      "Lists the scores that another document of an instrument gives otherwise",
      Takes::kNow);
  auto given = std::make_shared<TableArguments>();
  auto instrument = std::make_shared<std::string>();
  verb->add_option("INSTRUMENT", *instrument,
                   "the file of a document, or an id of the catalogue")
      ->required();
  AddRowOptions(verb, common, given);
  OnRun(verb, common, [&common, arguments = arguments, given, instrument] {
    auto document = InstrumentDocument(*instrument);
    if (!document.ok()) return Fail(common, document.status());
    given->request.table = "rescored";
    given->request.instrument = *std::move(document);
    return ShowTable(common, *arguments, *given, kNo);
  });
}

}  // namespace

void AddTableVerbs(CLI::App& service, Common& common) {
  AddTable(service, common);
  AddTables(service, common);
  AddRescored(service, common);
}

}  // namespace stepwell::cli
