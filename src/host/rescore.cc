#include "host/rescore.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/fingerprint.h"
#include "engine/scoring.h"
#include "host/errors.h"
#include "host/log_tables.h"
#include "wire/names.h"

namespace stepwell::host {

using engine::ScoreRecorded;
using instruments::Instrument;

namespace {

std::string TextOf(const std::optional<engine::Ratio>& score) {
  if (!score) return "none";
  return score->denominator == 1
             ? absl::StrCat(score->numerator)
             : absl::StrCat(score->numerator, "/", score->denominator);
}

std::string BandOf(const Instrument& instrument, uint8_t band) {
  if (!instrument.has_total()) return "none";
  const auto& bands = instrument.scales()[0].bands;
  return band < bands.size() ? bands[band].id : "none";
}

// Rules that hold, and, with a question mark, those that nobody can tell.
std::string FlagsOf(const Instrument& instrument,
                    const std::vector<std::string>& set,
                    const instruments::ScoreResult& result) {
  std::vector<std::string> flags = set;
  for (size_t i = 0; i < result.flags.size(); ++i) {
    const instruments::Flag& flag = instrument.flags()[i];
    if (result.flags[i] == instruments::Tri::kUnknown &&
        (flag.profile < 0 || flag.profile == instrument.default_profile())) {
      flags.push_back(flag.id + "?");
    }
  }
  return absl::StrJoin(flags, ", ");
}

// "depression 14 moderate; anxiety none".
std::string SubscalesOf(const Instrument& instrument,
                        const instruments::ScoreResult& result) {
  std::vector<std::string> texts;
  for (size_t i = instrument.has_total() ? 1 : 0; i < result.scales.size();
       ++i) {
    const instruments::Scale& scale = instrument.scales()[i];
    const instruments::ScaleScore& score = result.scales[i];
    std::optional<engine::Ratio> exact;
    if (score.exact) exact = engine::Ratio{score.exact->num, score.exact->den};
    std::string text = absl::StrCat(scale.id, " ", TextOf(exact));
    if (score.band >= 0) {
      absl::StrAppend(&text, " ",
                      scale.bands[static_cast<size_t>(score.band)].id);
    }
    texts.push_back(std::move(text));
  }
  return absl::StrJoin(texts, "; ");
}

std::string TierOf(const Instrument& instrument, uint8_t tier) {
  const auto& ids = instrument.tiers().ids;
  return tier < ids.size() ? ids[tier] : "none";
}

// The instrument of the protocol with this id, or null.
const protocol::ImportedInstrument* Named(const protocol::Protocol& protocol,
                                          protocol::InstrumentRef ref,
                                          std::string_view id) {
  if (ref.value >= protocol.instruments.size()) return nullptr;
  const protocol::ImportedInstrument& imported =
      protocol.instruments[ref.value];
  return imported.id == id ? &imported : nullptr;
}

}  // namespace

absl::StatusOr<Rescorer> Rescorer::Make(std::string_view document) {
  STEPWELL_ASSIGN_OR_RETURN(const instruments::LoadResult loaded,
                            instruments::LoadInstrument(document));
  if (loaded.instrument == nullptr) {
    return DocumentError("instrument", loaded.issues);
  }
  return Rescorer(loaded.instrument);
}

Rescorer::Rescorer(std::shared_ptr<const Instrument> instrument)
    : instrument_(std::move(instrument)),
      table_(NewTable(*FindLogTable(kRescored))) {}

void Rescorer::Begin(CaseId id) {
  Flush();
  case_ = id;
  book_ = AnswerBook();
}

void Rescorer::Take(const engine::Event& event,
                    const protocol::Protocol& protocol) {
  if (const auto* received =
          std::get_if<engine::ResponseReceived>(&event.body)) {
    TakeResponse(event, *received, protocol);
  } else if (const auto* score = std::get_if<ScoreRecorded>(&event.body)) {
    TakeScore(event, *score, protocol);
  } else if (const auto* amended = std::get_if<engine::Amended>(&event.body)) {
    for (const engine::CorrectedScore& corrected : amended->scores) {
      TakeCorrection(corrected, protocol);
    }
  } else if (const auto* voided = std::get_if<engine::Voided>(&event.body)) {
    for (const uint64_t response : voided->responses) TakeBack(response);
    for (const uint64_t response : voided->responses_restored) {
      TakeBack(response, false);
    }
  }
  book_.Take(event);
}

void Rescorer::TakeBack(uint64_t response, bool out) {
  for (Pending& score : pending_) {
    if (score.response == response) score.out = out;
  }
}

void Rescorer::TakeResponse(const engine::Event& event,
                            const engine::ResponseReceived& received,
                            const protocol::Protocol& protocol) {
  for (const Response& known : responses_) {
    if (!received.response_id.empty() && known.id == received.response_id) {
      TakeBack(known.seq);
    }
  }
  Response response{event.seq, received.response_id, {}};
  const auto* imported =
      Named(protocol, received.instrument, instrument_->id());
  if (imported == nullptr) return;
  for (const engine::GivenAnswer& answer : received.answers) {
    if (answer.item >= imported->instrument->items().size()) continue;
    response.answers.emplace_back(imported->instrument->items()[answer.item].id,
                                  answer);
  }
  responses_.push_back(std::move(response));
}

const Rescorer::Response* Rescorer::Find(uint64_t seq) const {
  const auto it =
      std::find_if(responses_.begin(), responses_.end(),
                   [&](const Response& known) { return known.seq == seq; });
  return it == responses_.end() ? nullptr : &*it;
}

instruments::ScoreResult Rescorer::ScoreBy(
    const Instrument& instrument, const Response& response,
    const instruments::ScoreContext& context) {
  const auto& items = instrument.items();
  std::vector<engine::GivenAnswer> answers;
  for (const auto& answer : response.answers) {
    const auto it =
        std::find_if(items.begin(), items.end(),
                     [&](const auto& item) { return item.id == answer.first; });
    if (it == items.end()) continue;
    answers.push_back(answer.second);
    answers.back().item = static_cast<uint16_t>(it - items.begin());
  }
  return instruments::Score(
      instrument, engine::ReadAnswers(instrument, answers).view(), context);
}

Rescorer::Judged Rescorer::Judge(const Instrument& by,
                                 const ScoreRecorded& score,
                                 const instruments::ScoreResult& result) {
  return {TextOf(score.score),
          BandOf(by, score.band),
          TierOf(by, score.tier),
          by.risk_markers().empty() ? "" : wire::EnumName(score.risk),
          FlagsOf(by, score.flags_set, result),
          SubscalesOf(by, result)};
}

void Rescorer::TakeScore(const engine::Event& event,
                         const ScoreRecorded& recorded,
                         const protocol::Protocol& protocol) {
  const auto* imported =
      Named(protocol, recorded.instrument, instrument_->id());
  const Response* response = Find(recorded.response_seq);
  if (imported == nullptr || response == nullptr) return;
  Pending pending;
  pending.context = book_.Context(protocol, event.at);
  const instruments::ScoreResult anew =
      ScoreBy(*instrument_, *response, pending.context);
  pending.seq = event.seq;
  pending.response = recorded.response_seq;
  pending.at = event.at;
  pending.recorded = event.recorded;
  pending.version = imported->version;
  pending.before =
      Judge(*imported->instrument, recorded,
            ScoreBy(*imported->instrument, *response, pending.context));
  pending.after =
      Judge(*instrument_, engine::ScoreOf(*instrument_, anew), anew);
  pending_.push_back(std::move(pending));
}

// What stands since a safety amendment is what another document may change.
void Rescorer::TakeCorrection(const engine::CorrectedScore& corrected,
                              const protocol::Protocol& protocol) {
  for (Pending& score : pending_) {
    if (score.seq != corrected.seq) continue;
    const Response* response = Find(score.response);
    for (const protocol::ImportedInstrument& imported : protocol.instruments) {
      if (imported.id != instrument_->id() || response == nullptr) continue;
      const instruments::ScoreResult anew =
          ScoreBy(*imported.instrument, *response, score.context);
      ScoreRecorded stands = engine::ScoreOf(*imported.instrument, anew);
      stands.score = corrected.score;
      stands.band = corrected.band;
      stands.tier = corrected.tier;
      stands.risk = corrected.risk;
      score.version = imported.version;
      score.before = Judge(*imported.instrument, stands, anew);
    }
  }
}

void Rescorer::Flush() {
  for (const Pending& score : pending_) {
    if (score.out || score.before == score.after) continue;
    TableRow row(table_);
    row.Text(IdToText(case_.value)).Number(score.response).Number(score.seq);
    row.Text(instrument_->id()).Text(score.version);
    row.Text(instrument_->version());
    row.Text(score.before.score).Text(score.after.score);
    row.Text(score.before.band).Text(score.after.band);
    row.Text(score.before.tier).Text(score.after.tier);
    row.Text(score.before.risk).Text(score.after.risk);
    row.Text(score.before.flags).Text(score.after.flags);
    row.Times({score.at, score.recorded});
    row.Text(score.before.subscales).Text(score.after.subscales);
  }
  responses_.clear();
  pending_.clear();
}

Table Rescorer::Finish() {
  Flush();
  return std::move(table_);
}

}  // namespace stepwell::host
