#include "host/letter.h"

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "host/course_book.h"
#include "instruments/score_report.h"
#include "json/json.h"
#include "metrics/course.h"
#include "metrics/letter.h"

namespace stepwell::host {

namespace {

using instruments::Rational;
using metrics::Course;

// The case up to the letter.
struct Known {
  Course course;
  std::shared_ptr<const protocol::Protocol> protocol;
  Instant as_of;
  std::string route, referrer, outcome;
};

void NoteReferral(const engine::Event& event,
                  const protocol::Protocol& protocol, ReferralId referral,
                  Known& known) {
  const auto* attached = std::get_if<engine::ReferralAttached>(&event.body);
  if (attached != nullptr && attached->referral.id == referral) {
    const uint16_t route = attached->referral.route.value;
    if (route < protocol.routes.size()) known.route = protocol.routes[route].id;
    known.referrer = attached->referral.referrer;
  }
  const auto* answered = std::get_if<engine::ReferralAnswered>(&event.body);
  if (answered != nullptr && answered->referral == referral &&
      answered->disposition.value < protocol.outcomes.size()) {
    known.outcome = protocol.outcomes[answered->disposition.value];
  }
}

absl::StatusOr<Known> KnownOf(runtime::Runtime& runtime,
                              const LetterAsked& asked) {
  Known known;
  known.as_of = asked.as_of;
  CasePlace place;
  bool asked_for = false;
  const auto take = [&](const engine::Event& event,
                        const protocol::Protocol& protocol) {
    if (asked_for) return;
    known.course.Take(event, protocol);
    NoteReferral(event, protocol, asked.referral, known);
    const auto* effect = std::get_if<engine::EffectRequested>(&event.body);
    if (asked.effect == 0 || effect == nullptr ||
        effect->effect != asked.effect) {
      return;
    }
    asked_for = true;
    known.protocol = place.protocol;
    known.as_of = event.recorded;
  };
  STEPWELL_RETURN_IF_ERROR(
      ReadOn(runtime, asked.case_id, asked.until, place, take));
  if (asked_for) return known;
  known.protocol = place.protocol;
  if (asked.effect != 0) known.as_of = place.recorded;
  return known;
}

void WriteFigures(json::Writer& w, const metrics::Letter& letter) {
  w.Key("figures").BeginArray();
  const auto definitions = metrics::LetterDefinitions();
  for (size_t i = 0; i < definitions.size(); ++i) {
    const metrics::LetterDefinition& definition = definitions[i];
    const metrics::LetterFigure& figure = letter.figures[i];
    w.BeginObject().Key("name").String(definition.name);
    w.Key("unit").String(definition.unit);
    w.Key("value");
    figure.value ? w.Int(*figure.value) : w.Null();
    if (figure.of) w.Key("of").Int(*figure.of);
    if (!figure.value) w.Key("missing").String(definition.missing);
    w.Key("definition").String(definition.formula);
    w.EndObject();
  }
  w.EndArray();
}

std::optional<Rational> ExactOf(const Course::Score* score) {
  if (score == nullptr || !score->exact) return std::nullopt;
  return Rational(score->exact->numerator, score->exact->denominator);
}

void WriteScores(json::Writer& w, const protocol::Protocol& protocol,
                 const metrics::Letter& letter) {
  w.Key("scores").BeginArray();
  for (const metrics::LetterScore& score : letter.scores) {
    const auto& imported = protocol.at(score.instrument);
    const auto change = instruments::ChangeJson(
        *imported.instrument, ExactOf(score.first), ExactOf(score.last));
    if (!change.ok()) continue;  // of a score that the instrument cannot give
    w.BeginObject().Key("name").String(imported.name);
    w.Key("first_at").String(FormatInstantUtc(score.first->at));
    if (score.last != nullptr) {
      w.Key("last_at").String(FormatInstantUtc(score.last->at));
    }
    const bool prorated = score.first->prorated ||
                          (score.last != nullptr && score.last->prorated);
    if (prorated) w.Key("prorated").Bool(true);
    w.Key("change").Raw(change->json);
    w.EndObject();
  }
  w.EndArray();
}

}  // namespace

absl::StatusOr<std::string> LetterJson(runtime::Runtime& runtime,
                                       const LetterAsked& asked) {
  STEPWELL_ASSIGN_OR_RETURN(const Known known, KnownOf(runtime, asked));
  if (!known.protocol) return std::string();
  const auto letter =
      metrics::LetterOf(known.course, *known.protocol, asked.referral);
  if (!letter) return std::string();
  json::Writer w;
  w.BeginObject();
  w.Key("definitions")
      .String(absl::StrCat(ToAbsl(metrics::kLetterId), "@",
                           ToAbsl(metrics::kLetterVersion)));
  w.Key("as_of").String(FormatInstantUtc(known.as_of));
  if (asked.referral != ReferralId()) {
    w.Key("referral").String(IdToText(asked.referral.value));
    w.Key("route").String(known.route);
    if (!known.referrer.empty()) w.Key("referrer").String(known.referrer);
  }
  w.Key("episode").UInt(letter->episode);
  w.Key("outcome");
  known.outcome.empty() ? w.Null() : w.String(known.outcome);
  WriteFigures(w, *letter);
  WriteScores(w, *known.protocol, *letter);
  w.EndObject();
  return w.Take();
}

}  // namespace stepwell::host
