#include "metrics/letter.h"

#include <algorithm>

#include "base/zone.h"
#include "metrics/log_courses.h"

namespace stepwell::metrics {
namespace {

constexpr LetterDefinition kDefinitions[] = {
    {"days_to_first_contact", "days",
     "calendar days from the start of the referral's legal wait to the first "
     "treatment contact",
     "no treatment contact so far"},
    {"days_first_to_second_contact", "days",
     "calendar days from the first treatment contact to the second",
     "no second treatment contact so far"},
    {"contacts", "contacts",
     "finished items that the protocol counts as treatment contacts", ""},
    {"modules_completed", "modules",
     "modules that were completed, of those that everybody is given in the "
     "programs that were begun",
     "no program was begun"},
    {"forms_completed", "questionnaires",
     "questionnaires of the patient that were answered, of those and the ones "
     "that ran out unanswered",
     "no questionnaire was asked for"},
    {"days_in_care", "days",
     "calendar days from the start of the referral's legal wait to the end of "
     "care",
     "care has not ended"},
};

struct Found {
  size_t episode = 0;
  Instant wait_from;
};

std::optional<Found> Find(const Course& course, ReferralId referral) {
  for (size_t i = course.episodes.size(); i-- > 0;) {
    const Course::Episode& episode = course.episodes[i];
    for (const Course::Referred& one : episode.referrals) {
      if (one.id == referral) return Found{i, one.wait_from};
    }
    if (referral == ReferralId() && episode.referred_at) {
      return Found{i, *episode.referred_at};
    }
  }
  return std::nullopt;
}

// Care of the episode; windows are those of courses, of which an episode of
// care elsewhere is none.
Window CareOfEpisode(const Course& course, size_t episode) {
  const std::vector<Window> care = CareOf(course);
  size_t index = 0;
  for (size_t i = 0; i < episode; ++i) {
    index += course.episodes[i].referred_at ? 1 : 0;
  }
  return index < care.size() ? care[index] : Window{};
}

bool IsSaid(const protocol::Protocol& protocol, uint16_t instrument) {
  return protocol.risk.screen.value != instrument &&
         protocol.instruments[instrument].instrument->has_total();
}

std::vector<LetterScore> ScoresIn(const Course& course,
                                  const protocol::Protocol& protocol,
                                  const Window& care) {
  std::vector<LetterScore> scores;
  for (uint16_t i = 0; i < protocol.instruments.size(); ++i) {
    LetterScore pair{engine::InstrumentRef(i)};
    if (!IsSaid(protocol, i)) continue;
    for (const Course::Score& score : course.scores) {
      if (score.instrument != pair.instrument || score.is_void ||
          !score.value || !care.Contains(score.at)) {
        continue;
      }
      if (pair.first == nullptr || score.at < pair.first->at) {
        pair.first = &score;
      }
      if (pair.last == nullptr || score.at >= pair.last->at) {
        pair.last = &score;
      }
    }
    if (pair.first == nullptr) continue;
    if (pair.last == pair.first) pair.last = nullptr;
    scores.push_back(pair);
  }
  return scores;
}

}  // namespace

std::span<const LetterDefinition> LetterDefinitions() { return kDefinitions; }

std::optional<Letter> LetterOf(const Course& course,
                               const protocol::Protocol& protocol,
                               ReferralId referral) {
  const std::optional<Found> found = Find(course, referral);
  if (!found) return std::nullopt;
  Letter letter;
  letter.episode = static_cast<uint16_t>(found->episode + 1);
  const auto courses = CoursesOf(course, protocol, {});
  const auto it = std::find_if(
      courses.begin(), courses.end(),
      [&](const LogCourse& one) { return one.episode == letter.episode; });
  if (it == courses.end()) return std::nullopt;
  const int64_t from = ToLocal(*protocol.zone, found->wait_from).date.days;
  const auto day = [&](CourseColumn column) -> std::optional<int64_t> {
    const int32_t number = it->number(column);
    return number == kNone ? std::nullopt : std::optional<int64_t>(number);
  };
  const auto days = [](std::optional<int64_t> since,
                       std::optional<int64_t> to) -> std::optional<int64_t> {
    if (!since || !to) return std::nullopt;
    return std::max<int64_t>(*to - *since, 0);
  };
  const auto part = [](int64_t done, int64_t of) {
    return of == 0 ? LetterFigure{} : LetterFigure{done, of};
  };
  const auto first = day(CourseColumn::kFirstTreatment);
  letter.figures = {
      {days(from, first), {}},
      {days(first, day(CourseColumn::kSecondTreatment)), {}},
      {it->number(CourseColumn::kContacts), {}},
      part(it->planned_done, it->modules_planned),
      part(it->forms_done, it->forms_asked),
      {days(from, day(CourseColumn::kDischarged)), {}},
  };
  letter.scores =
      ScoresIn(course, protocol, CareOfEpisode(course, found->episode));
  return letter;
}

}  // namespace stepwell::metrics
