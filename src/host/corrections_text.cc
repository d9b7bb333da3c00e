#include "host/corrections_text.h"

#include "absl/strings/str_cat.h"
#include "json/json.h"

namespace stepwell::host {
namespace {

// A cell of a course: a text, a number, or nothing.
std::string CellText(json::Value cell) {
  if (cell.is_string()) return std::string(cell.string_value());
  return cell.is_number() ? std::string(cell.number_text()) : "none";
}

// "33.3 % (1 of 3)"; of a mean "210 (of 3)".
std::string FigureText(json::Value figure) {
  const std::string of =
      absl::StrCat("of ", CellText(figure.Find("denominator")), ")");
  const json::Value percent = figure.Find("percent");
  if (!percent) {
    return absl::StrCat(CellText(figure.Find("value")), " (", of);
  }
  return absl::StrCat(CellText(percent), percent.is_number() ? " %" : "", " (",
                      CellText(figure.Find("numerator")), " ", of);
}

std::string Change(const std::string& before, const std::string& after) {
  return absl::StrCat(before, " -> ", after);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> CorrectionRows(
    std::string_view as_corrected, const std::string& by) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto document = json::Parse(as_corrected);
  if (!document.ok()) return rows;
  const json::Value figures = document->root().Find("differences");
  const json::Value courses = document->root().Find("courses");
  rows.emplace_back("as corrected",
                    figures.size() + courses.size() == 0
                        ? "nothing is otherwise"
                        : absl::StrCat("figures otherwise: ", figures.size(),
                                       ", cells of courses: ", courses.size()));
  for (const json::Value figure : json::Children(figures)) {
    const json::Value group = figure.Find("group");
    rows.emplace_back(
        absl::StrCat("  ", CellText(figure.Find("id")),
                     group.is_string()
                         ? absl::StrCat(", ", by, " ", CellText(group))
                         : ""),
        Change(FigureText(figure.Find("as_known")),
               FigureText(figure.Find("as_corrected"))));
  }
  for (const json::Value course : json::Children(courses)) {
    rows.emplace_back(absl::StrCat("  case ", CellText(course.Find("case")),
                                   ", course ", CellText(course.Find("course")),
                                   ", ", CellText(course.Find("column"))),
                      Change(CellText(course.Find("as_known")),
                             CellText(course.Find("as_corrected"))));
  }
  return rows;
}

}  // namespace stepwell::host
