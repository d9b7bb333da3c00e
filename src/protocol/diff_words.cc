// The sentences of a comparison.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "protocol/diff_parts.h"
#include "protocol/draw_context.h"
#include "protocol/draw_text.h"

namespace stepwell::protocol {
namespace {

using What = ProtocolChange::What;
constexpr std::string_view kEnglish = "en";
// A value that is longer is cut in the sentence; the change has all of it.
constexpr size_t kShownBytesMax = 160;

struct Label {
  std::string_view field, words;
};
constexpr Label kLabels[] = {
    {"budget", "the time allowed"},
    {"calendar", "the calendar it counts on"},
    {"zone", "whose days it counts"},
    {"pauses", "whether it stands still in a pause"},
    {"late", "what it does after a gap"},
    {"start", "what starts it"},
    {"stop", "what stops it"},
    {"reset", "what makes it begin anew"},
    {"on", "what sets it off"},
    {"if", "the condition"},
    {"when", "the condition to open"},
    {"on_unknown", "what it does with the unknown"},
    {"needs", "what must be done before"},
    {"who", "whose work it is"},
    {"due", "the clock of its deadline"},
    {"mode", "how it opens"},
    {"repeat", "its repetition"},
    {"repeat, every", "how often it repeats"},
    {"kind", "what kind of work it is"},
    {"priority", "its priority"},
    {"severity", "its severity"},
    {"instrument", "its questionnaire"},
    {"outcomes", "how it can end"},
    {"question", "who is asked what is unknown"},
    {"criteria", "its criteria"},
    {"content", "its material"},
    {"release", "when modules are released"},
    {"check", "the check of homework"},
    {"counts_as_contact", "whether it counts as a contact"},
    {"keep_on_exit", "whether it outlives its phase"},
    {"initial", "where it begins"},
    {"final", "whether care ends there"},
    {"on_exit", "what happens to its open work on leaving"},
    {"on_reentry", "what happens on coming back"},
    {"documents", "the documents it needs"},
    {"consents", "the consents it asks for"},
    {"referrer_feedback", "whether the referrer is owed letters"},
    {"legal_clock", "the wait that the law counts"},
    {"information_source", "how people there hear of the service"},
    {"valid_for", "how long it holds"},
    {"guardian", "who decides for those below an age"},
    {"routes", "of which ways in it is asked"},
    {"pool", "whose work it is"},
    {"acknowledge", "the clock of acknowledging"},
    {"assess", "the clock of assessing"},
    {"close", "the clock of closing"},
    {"unscreened", "the tier of an answer that is not screened"},
    {"screen", "the risk screen"},
    {"screen_element", "the item of the risk screen"},
    {"screen_rules", "what the screen makes of an alert"},
    {"missing_element", "what asks for a risk answer that was left out"},
    {"show_now", "what the patient's screen shows at once"},
    {"intake_pool", "who owns a new case"},
    {"lead_pool", "who reviews"},
    {"feedback_purpose", "the consent for letters to the referrer"},
    {"caseload_max", "the most cases of one member"},
    {"assignment", "who gets a case that nobody is named for"},
    {"fallback", "who is asked when nobody is on duty"},
    {"protocol", "the id"},
    {"type", "its type"},
    {"carry", "whether it is kept in a new episode"},
    {"from", "the answer it comes from"},
    {"source", "where its number comes from"},
    {"text", "its text"},
    {"title", "its title"},
    {"document", "the document it is taken from"},
    {"max_age", "how old a score may be"},
    {"caseload", "what a case weighs in caseloads"},
    {"booking", "the rules of the appointment"},
    {"booking, modes", "how people meet"},
    {"booking, slots", "whether only offered times are booked"},
    {"booking, notice", "the notice of calling it off"},
    {"booking, reschedules_max", "how often it may be moved"},
    {"booking, make_up", "what a miss comes to"},
    {"booking, before", "the clocks before it"},
    {"booking, after", "the clocks after it"},
    {"booking, series", "its series of sessions"},
    {"booking, group", "the group it is a seat in"},
    {"minimum", "the fewest that it begins with"},
    {"places", "how many places it has"},
    {"settle", "when it is settled whether it begins"},
    {"purpose", "the consent that it needs"},
    {"ask", "what asks for that consent"},
    {"letter", "what the receiver is sent"},
    {"clock", "the clock that runs until it is confirmed"},
    {"disposition", "how referrals are answered then"},
    {"second_sign", "what of new staff a second person signs"},
    {"checklist", "the questions of its checklist"},
};

std::string LabelOf(const std::string& field) {
  for (const std::string_view text : {"title", "text"}) {
    if (field.substr(0, text.size() + 2) != absl::StrCat(ToAbsl(text), ", ")) {
      continue;
    }
    return absl::StrCat("its ", ToAbsl(text), " in ",
                        field.substr(text.size() + 2));
  }
  for (const Label& label : kLabels) {
    if (label.field == field) return std::string(label.words);
  }
  return absl::StrCat("`", field, "`");
}

// Of the protocol itself.
std::string LabelOfAll(const std::string& field) {
  if (field == "zone") return "the time zone of the service";
  return absl::StrCat("the protocol's ", field == "protocol" ? "id" : field);
}

std::string Shown(json::Value value) {
  if (!value) return "none";
  if (value.is_bool()) return value.bool_value() ? "yes" : "no";
  const std::string text =
      ShownText(value.is_string() ? std::string(value.string_value())
                                  : json::Canonical(value));
  std::string out(BeginningOf(text, kShownBytesMax));
  if (out.size() < text.size()) out += "...";
  return value.is_string() ? absl::StrCat("\"", out, "\"") : out;
}

using Lines = std::vector<std::string>;

// What a picture leaves out is told here: how long a word is worth sending.
std::string ActionText(json::Value action, const Names& names) {
  std::string out = names.ActionInWords(action, kEnglish);
  const json::Value notify = action.Find("notify");
  const std::string_view valid_for = TextIn(notify, "valid_for");
  if (!valid_for.empty()) {
    absl::StrAppend(&out, " (worth sending for ", ToAbsl(valid_for), ")");
  }
  return out;
}

// "75%: priority +10"; the steps of a ladder are told whole.
std::string StepText(json::Value rung, const Names& names) {
  Lines does;
  for (const json::Value action : json::Children(rung.Find("do"))) {
    does.push_back(ActionText(action, names));
  }
  const std::string_view at = TextIn(rung, "at"), after = TextIn(rung, "after"),
                         repeat = TextIn(rung, "repeat");
  return absl::StrCat(at.empty() ? "after " : "at ",
                      ToAbsl(at.empty() ? after : at),
                      repeat.empty() ? "" : ", then every ", ToAbsl(repeat),
                      ": ", absl::StrJoin(does, ", "));
}

// What a list says, a line each; nothing when it is no list of such.
Lines LinesOf(const std::string& field, json::Value list, const Names& names) {
  Lines lines;
  for (const json::Value value : json::Children(list)) {
    if (field == "do") {
      lines.push_back(ActionText(value, names));
    } else if (field == "ladder") {
      lines.push_back(StepText(value, names));
    } else {
      lines.push_back(Shown(value));
    }
  }
  return lines;
}

Lines Without(const Lines& all, Lines taken) {
  Lines rest;
  for (const std::string& line : all) {
    const auto it = std::find(taken.begin(), taken.end(), line);
    if (it == taken.end()) {
      rest.push_back(line);
    } else {
      taken.erase(it);
    }
  }
  return rest;
}

// "it also opens Call, and no longer tells lead".
std::string ListInWords(const std::string& field, const Lines& before,
                        const Lines& after) {
  const Lines fresh = Without(after, before), gone = Without(before, after);
  const bool acts = field == "do";
  const std::string what = field == "do"       ? "what it does"
                           : field == "ladder" ? "its steps"
                                               : LabelOf(field);
  if (fresh.empty() && gone.empty()) {
    return absl::StrCat("the order or the sources of ", what, " changed");
  }
  std::string out;
  if (!fresh.empty()) {
    absl::StrAppend(&out,
                    acts ? "now also " : absl::StrCat(what, " now also: "),
                    absl::StrJoin(fresh, acts ? ", " : "; "));
  }
  if (!gone.empty()) {
    absl::StrAppend(
        &out, out.empty() ? "" : "; ",
        acts ? "no longer "
             : absl::StrCat(out.empty() ? what + " " : "", "no longer: "),
        absl::StrJoin(gone, acts ? ", " : "; "));
  }
  return out;
}

std::string FieldInWords(const Part& part, json::Value before,
                         json::Value after, const Names& old,
                         const Names& now) {
  const bool lists =
      (before.is_array() || !before) && (after.is_array() || !after);
  if (lists) {
    return ListInWords(part.field, LinesOf(part.field, before, old),
                       LinesOf(part.field, after, now));
  }
  const std::string label =
      part.noun.empty() ? LabelOfAll(part.field) : LabelOf(part.field);
  if (!before) return absl::StrCat(label, " is new: ", Shown(after));
  if (!after) return absl::StrCat(label, " is gone (was ", Shown(before), ")");
  return absl::StrCat(label, " is ", Shown(after), " (was ", Shown(before),
                      ")");
}

// What somebody should know of a part that came or went.
std::string Summary(const Part& part, json::Value value, const Names& names) {
  Lines parts;
  const auto add = [&](std::string_view text) {
    if (!text.empty()) parts.push_back(ShownText(text));
  };
  if (part.noun == "clock") add(TextIn(value, "budget"));
  if (part.noun == "item") add(TextIn(value, "kind"));
  if (part.noun == "item") add(TextIn(value, "who"));
  if (part.noun == "rule") {
    add(absl::StrCat("on ", ToAbsl(TextIn(value, "on"))));
    const std::string_view guard = TextIn(value, "if");
    if (!guard.empty()) add(absl::StrCat("if ", ToAbsl(guard)));
    for (const std::string& line : LinesOf("do", value.Find("do"), names)) {
      add(line);
    }
  }
  if (part.noun == "criterion") add(TextIn(value, "if"));
  if (part.noun == "message" || part.noun == "source") {
    add(names.TextOf(value, "text"));
  }
  if (value.is_string()) add(value.string_value());
  return parts.empty() ? "" : absl::StrCat(": ", absl::StrJoin(parts, ", "));
}

std::string SubjectOf(const Part& part) {
  if (part.noun.empty()) return "";
  std::string out(part.noun);
  if (!part.id.empty()) absl::StrAppend(&out, " ", part.id);
  if (!part.title.empty() && part.title != part.id) {
    absl::StrAppend(&out, " (", part.title, ")");
  }
  return out;
}

}  // namespace

std::string InWords(const Part& part, What what, json::Value before,
                    json::Value after, const Names& old, const Names& now) {
  const std::string subject = SubjectOf(part);
  if (part.field.empty()) {
    switch (what) {
      case What::kAdded:
        return absl::StrCat("new ", subject, Summary(part, after, now));
      case What::kRemoved:
        return absl::StrCat(subject, " is gone", Summary(part, before, old));
      case What::kMoved:
      case What::kChanged:
        break;
    }
  }
  const std::string text = FieldInWords(part, before, after, old, now);
  return subject.empty() ? text : absl::StrCat(subject, ": ", text);
}

}  // namespace stepwell::protocol
