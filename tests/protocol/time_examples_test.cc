// The worked examples of docs/formats/protocol.md are what the library says.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/catalogue.h"
#include "base/span.h"
#include "base/time_text.h"
#include "protocol/protocol.h"
#include "support/matchers.h"

namespace stepwell::protocol {
namespace {

std::vector<std::vector<std::string>> Examples() {
  std::ifstream file(STEPWELL_SOURCE_DIR "/docs/formats/protocol.md");
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  const size_t begin = page.find("<!-- time examples begin -->");
  const size_t end = page.find("<!-- time examples end -->");
  std::vector<std::vector<std::string>> rows;
  for (absl::string_view line :
       absl::StrSplit(page.substr(begin, end - begin), '\n')) {
    if (!absl::StartsWith(line, "| `")) continue;
    std::vector<std::string> cells;
    for (absl::string_view cell : absl::StrSplit(line, '|')) {
      cells.emplace_back(absl::StripAsciiWhitespace(cell));
    }
    rows.push_back(
        {cells[1].substr(1, cells[1].size() - 2), cells[2], cells[3]});
  }
  return rows;
}

TEST(TimeExamples, AreWhatTheLibrarySays) {
  ASSERT_OK_AND_ASSIGN(
      const LoadResult loaded,
      LoadProtocol(FindCatalogueFile("protocols/icbt_sweden.json"),
                   BuiltInCatalogue()));
  const Protocol& protocol = *loaded.protocol;
  const CalendarRef clinic =
      protocol.at(protocol.FindPool("therapists")).calendar;
  const WorkCalendar& calendar = protocol.calendars[clinic.value].calendar;
  const Zone& zone = *FindZone("Europe/Stockholm");
  std::set<SpanUnit> units;
  for (const auto& row : Examples()) {
    ASSERT_OK_AND_ASSIGN(const Span span, ParseSpan(row[0]));
    const auto from = ParseInstant(row[1], zone);
    const auto ends = ParseInstant(row[2], zone);
    ASSERT_TRUE(from.has_value() && ends.has_value()) << row[0] << row[1];
    EXPECT_EQ(AddSpan(*from, span, zone, &calendar), ends)
        << row[0] << " from " << row[1];
    units.insert(span.unit);
  }
  EXPECT_EQ(units.size(), 7u) << "an example for each unit";
}

}  // namespace
}  // namespace stepwell::protocol
