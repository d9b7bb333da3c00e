// docs/reference/measures.md, from the definitions that the figures are made
// of. A test compares the page.
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "instruments/change_rule.h"
#include "metrics/course_table.h"
#include "metrics/letter.h"
#include "metrics/log_courses.h"
#include "metrics/measures.h"

namespace stepwell::metrics {
namespace {

constexpr char kHead[] =
    R"(# Measures

This page is made from the definitions in the code; a test compares the two.
`verified` says that the rule was read in the source, `unverified` that it was
not: it is from memory, or our own.

A share comes with its numerator, its denominator and what is missing of it,
and is rounded half up to one decimal, in whole numbers: 321,061 of 635,185 is
50.5 %. A missing score is never a zero and never a no: who has none stays in
the denominator where the definition keeps them, and is counted as missing.

## NHS Talking Therapies, England: `nhs-tt`

)";

constexpr char kLogHead[] =
    R"(## From the log of a service

`stepwell outcomes --store URL --definition nhs-tt` counts what a service has on
file. A course is an episode of a case: from the first referral to the end of
the care that it led to. Treatment contacts are the finished items with
`counts_as_contact`; first and last scores are those from the referral to the
end of the course, by when they were answered: an amendment is of the time of
what it replaces, and a score that a safety amendment has corrected counts as
corrected. What was taken back leaves no trace. A prorated score is left out, as
a table of courses takes none: the column `prorated` of the table `course` says
how many. Days are those of the service's
zone. The anxiety measure is GAD-7, unless `--complaint FACT` names the fact that
holds the code of the presenting complaint; its scores are then those of the
questionnaire with the id of the measure, or the one named beside it in the
table above (OCI, HAI and the Mobility Inventory do not ship: a service brings
them under these ids). By `program` a course counts for the
first program that was begun, by `therapist` for who was responsible last in
person.

What was counted is in the `stamp`: the time as of which things were known, a
hash over every record up to then, the versions of the protocol, a hash of the
definitions. `--as-known-at` that time gives the same bytes again, whatever has
been recorded later. Something may still be recorded at that very instant: a
report that must be had again is asked for as of an instant before `now`, or
again with `--log-head` of its stamp, which makes anything else an error.
`--as-corrected` adds what is otherwise by what is known
now, figure by figure, and the courses that it comes from.

Minutes are known by the piece of work, so that the log has these in place of
`therapist_minutes` above:

)";

constexpr char kColumnsHead[] = R"(
### Columns of a table of courses

One row a course, for `stepwell outcomes FILE.csv --definition nhs-tt`. An
empty field, or `NA`, is a missing value; a whole number may be written `15.0`;
dates are `YYYY-MM-DD`, and in the order of the columns below: another one is an
error. A wait is measured where the table has both its dates as columns. Contacts
and dates are taken as they stand: neither is made up from the other. Whoever had
a contact and has no date of the first treatment began on a day that nobody
knows: in no period, and without one among those whose wait by start is missing.
Of the `counts` of a report `courses` are those that ended in the period, without
one all, and `started` is null without the column `first_treatment`. Other
columns are not read, but any may be named by `--by`. Arrow columns (a data frame
in Python, a stream in C) have the same names: null is missing, days are dates,
timestamps at midnight UTC, or text.

| column | needed | holds |
|---|---|---|
)";

constexpr char kMeasuresHead[] = R"(
### Caseness and reliable change

A person is at caseness when the first PHQ-9 score is 10 or more, or the first
score of the anxiety measure reaches its threshold. A change counts from its
threshold on (`>=`, whole numbers). The anxiety measure follows from the
presenting complaint; when its scores are no pair, or the complaint is not in
the table, GAD-7 takes its place: `complaints` of a report counts the courses
with a complaint (`given`), and those whose complaint the table has (`known`).
Codes are read with or without their dot, in any case; `F42.1` belongs to `F42`.

| measure | caseness | reliable change | complaints (ICD-10) | questionnaire | numbers |
|---|---|---|---|---|---|
| `phq-9` PHQ-9 | 10 | 6 | all | `phq-9` | verified |
)";

constexpr char kComplaints[] = R"(
Of several complaints one counts (M204): a populated before an empty one,
primary before secondary, then the latest date, then the highest id.

)";

constexpr char kLetterHead[] =
    R"(## In a letter to whoever referred: `stepwell-letter`

What the outbox gives with a letter to the referrer, and `service explain` with one
that is still to be written ([format](../formats/letter.md)): of the course that the
referral led to, as it was known when the letter was asked for. What is not known has
no value and says why; it is never a zero. Days are those of the service's zone.

| figure | unit | what it counts | without a value |
|---|---|---|---|
)";

constexpr char kLetterEnd[] = R"(
Scores are the first and the last total in the course, by when they were answered,
with the numbers of `stepwell change INSTRUMENT`, each with its source and mark; one
score alone is no change. A prorated score counts, and says so. The risk screen is no
part of it.

)";

constexpr char kChangeHead[] =
    R"(## Change of a cohort: `stepwell change FILE.csv`

s is the SD of first scores, r the reliability, SEM = s sqrt(1-r), Sdiff =
sqrt(2) SEM, SEP = s sqrt(1-r^2), M a mean. R is the reliability of the
difference, (V - Sdiff^2)/V with V = s^2 + s_post^2 - 2 s s_post times the
correlation of first and last scores. What is not given is taken from the pairs
with both scores, and said so. The estimand of each is the pairs with both
scores: who has one score only is `undefined`, counted and in no class.

| method | formula | fit for | source |
|---|---|---|---|
)";

constexpr char kCutoffs[] = R"(
| cutoff | where | source |
|---|---|---|
| a | 2 SD of the clinical group beyond its mean, towards health | Jacobson and Truax 1991 |
| b | 2 SD of the functional group within its mean, by the functional SD | Jacobson and Truax 1991 |
| c | where the two cross: (s_c M_f + s_f M_c) / (s_c + s_f) | Jacobson and Truax 1991 |

Improved from the clinical into the functional range is `recovered`,
deteriorated out of it `harmed`; a score on the cutoff is in neither range.
A missing score, and a percentage of 0, are `undefined`. With `--remission` a
pair that neither responded nor remitted is `failed` (Forsell and others 2019,
10.1176/appi.ajp.2018.18060699).

## Change of one person: `stepwell change INSTRUMENT`

The numbers are those of the instrument's document, each with its source and
mark; `--subscale ID` takes those of a subscale. Of one person nothing is
estimated, and methods that need a cohort are not given. A missing score makes
every one of these `undefined`, of thresholds `unknown`.

| kind | formula |
|---|---|
| `caseness`, `remission` | whether the score reaches the threshold (`at_least` or `at_most`), before and after |
| `reliable_change`, `mcid` | a change of at least so many points (`>=`) is `improved` or `deteriorated`, by which scores are better |
| `response` | a change of at least so many per cent of the first score; undefined when that is 0 |
| `jt`, `gln`, `en`, `nk` | as above, with reliability, SD and mean of the document, for each population that it names |
)";

const char* FormulaOf(instruments::ChangeMethod method) {
  using instruments::ChangeMethod;
  switch (method) {
    case ChangeMethod::kJacobsonTruax:
      return "(post-pre)/Sdiff, absolute above 1.96; whole numbers: at least "
             "the smallest whole change above 1.96 Sdiff";
    case ChangeMethod::kGulliksenLordNovick:
      return "((post-M_pre) - r(pre-M_pre))/SEP, above 1.96";
    case ChangeMethod::kEdwardsNunnally:
      return "(post - (r(pre-M_pre)+M_pre))/SEM, above 1.96";
    case ChangeMethod::kNunnallyKotsch:
      return "the same over sqrt(r^2 s^2 (1-r) + s^2 (1-r_post)), above 1.96";
    case ChangeMethod::kHsuLinnLord:
      return "((post-M_post) - r(pre-M_pre))/SEP, above 1.96";
    case ChangeMethod::kHagemanArrindell:
      return "((post-pre)R + (M_post-M_pre)(1-R))/(sqrt(R) Sdiff), above "
             "1.645";
    case ChangeMethod::kPercent:
      return "a change of at least so many per cent of the first score";
    case ChangeMethod::kMcid:
      return "a change of at least so many points";
  }
  return "";
}

std::string Points(int32_t value) {
  const int32_t hundredths = value / (kPoint / 100);
  if (hundredths % 100 == 0) return absl::StrCat(hundredths / 100);
  const int32_t rest = hundredths % 100;
  return rest % 10 == 0
             ? absl::StrCat(hundredths / 100, ".", rest / 10)
             : absl::StrCat(hundredths / 100, ".", rest / 10, rest % 10);
}

void AddMeasures(const std::vector<const MeasureDefinition*>& measures,
                 std::string& page) {
  for (const MeasureDefinition* definition : measures) {
    const MeasureDefinition& m = *definition;
    absl::StrAppend(&page, "**`", ToAbsl(m.id), "`**");
    if (!m.nhs.empty()) absl::StrAppend(&page, " (", ToAbsl(m.nhs), ")");
    absl::StrAppend(&page, ", ", ToAbsl(MeasureUnitName(m.unit)), "\n\n");
    absl::StrAppend(&page, "- formula: ", ToAbsl(m.numerator), ", over ",
                    ToAbsl(m.denominator), "\n");
    absl::StrAppend(&page, "- estimand: ", ToAbsl(m.estimand), "\n");
    absl::StrAppend(&page, "- missing: ", ToAbsl(m.missing), "\n");
    absl::StrAppend(&page, "- source: ", ToAbsl(m.source), " (",
                    m.verified ? "verified" : "unverified", ")\n\n");
  }
}

void AddColumns(std::string& page) {
  for (size_t i = 0; i < kCourseColumns; ++i) {
    const CourseColumnInfo& info = InfoOf(static_cast<CourseColumn>(i));
    absl::StrAppend(&page, "| `", ToAbsl(info.name), "` | ",
                    info.required ? "yes" : "no", " | ", ToAbsl(info.meaning),
                    " |\n");
  }
  absl::StrAppend(&page, "| `", ToAbsl(kSpecificMeasureColumn),
                  "` | no | the anxiety measure of the complaint, by its id or "
                  "questionnaire below |\n| `",
                  ToAbsl(kComplaintsColumn),
                  "` | no | where no measure is named: complaints as "
                  "`CODE/primary/DATE/ID; CODE/secondary/DATE/ID` |\n");
}

}  // namespace

std::string MeasuresPage() {
  std::string page = kHead;
  AddMeasures(NhsTtMeasures(), page);
  page.pop_back();
  absl::StrAppend(&page, kColumnsHead);
  AddColumns(page);
  absl::StrAppend(&page, kMeasuresHead);
  for (const AnxietyMeasure& m : AnxietyMeasures()) {
    absl::StrAppend(&page, "| `", ToAbsl(m.id), "` ", ToAbsl(m.title), " | ",
                    Points(m.thresholds.caseness), " | ",
                    Points(m.thresholds.change), " | ", ToAbsl(m.complaints),
                    " | `", ToAbsl(m.questionnaire), "` | ",
                    m.verified ? "verified" : "unverified", " |\n");
  }
  absl::StrAppend(&page, kComplaints, kLogHead);
  AddMeasures(LogMeasures(), page);
  absl::StrAppend(&page, kLetterHead);
  for (const LetterDefinition& d : LetterDefinitions()) {
    absl::StrAppend(
        &page, "| `", ToAbsl(d.name), "` | ", ToAbsl(d.unit), " | ",
        ToAbsl(d.formula), " | ",
        d.missing.empty() ? "there is always one" : ToAbsl(d.missing), " |\n");
  }
  absl::StrAppend(&page, kLetterEnd);
  absl::StrAppend(&page, kChangeHead);
  for (size_t i = 0; i < instruments::kChangeMethods; ++i) {
    const auto method = static_cast<instruments::ChangeMethod>(i);
    absl::StrAppend(&page, "| `", ToAbsl(instruments::ChangeMethodName(method)),
                    "` | ", FormulaOf(method), " | ",
                    instruments::FitsOneCase(method) ? "one case or a cohort"
                                                     : "a cohort only",
                    " | ", ToAbsl(instruments::ChangeMethodSource(method)),
                    " |\n");
  }
  absl::StrAppend(&page, kCutoffs);
  return page;
}

}  // namespace stepwell::metrics
