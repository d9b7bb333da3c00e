// The figures of one replication, from what its courses added up to.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "sim/figures.h"

namespace stepwell::sim {
namespace {

using metrics::Activity;

constexpr double kDayUs = 86'400e6;
// The first alert of a person, later ones and new evidence, what was passed on
// because nobody acted in time, and what the screen has put into another tier.
constexpr const char* kAlertNames[] = {"first", "repeated", "escalated",
                                       "retiered"};

bool MayRaise(const protocol::Protocol& protocol, size_t instrument) {
  return protocol.risk.screen.value == instrument ||
         !protocol.instruments[instrument].instrument->risk_markers().empty();
}

double Count(uint64_t n) { return static_cast<double>(n); }

std::optional<double> Ratio(double above, double below) {
  if (below == 0) return std::nullopt;
  return above / below;
}

size_t MembersOf(const Plan& plan, PoolId pool) {
  return static_cast<size_t>(std::count_if(
      plan.staff.begin(), plan.staff.end(), [&](const Member& member) {
        return std::find(member.pools.begin(), member.pools.end(), pool) !=
               member.pools.end();
      }));
}

// Whether it is the first pool of somebody.
bool IsTeam(const Plan& plan, size_t pool) {
  return std::any_of(plan.staff.begin(), plan.staff.end(),
                     [pool](const Member& member) {
                       return member.pools[0].value == pool;
                     });
}

}  // namespace

Limits LimitsOf(Range range) {
  Limits limits;
  if (range != Range::kAny) limits.low = 0;
  if (range == Range::kShare) limits.high = 1;
  return limits;
}

double Collector::Weeks() const {
  return static_cast<double>((plan_.to - plan_.from).us) / (7 * kDayUs);
}

std::vector<WaitTrend> Collector::Trends() const {
  std::vector<WaitTrend> trends;
  for (const TrendSums& sums : trends_) {
    WaitTrend trend;
    trend.came = Count(sums.came) / 2;
    for (size_t i = 0; i < 2; ++i) {
      trend.waiting[i] =
          sums.waiting_days[i] / (static_cast<double>(Quarter().us) / kDayUs);
      trend.days[i] = Ratio(sums.days[i], Count(sums.followed[i]));
    }
    trends.push_back(trend);
  }
  return trends;
}

std::vector<Figure> Collector::Finish() const {
  std::vector<Figure> figures;
  AddWaits(figures);
  AddTreatment(figures);
  AddMinutes(figures);
  AddAlerts(figures);
  AddOverdue(figures);
  return figures;
}

void Collector::AddWaits(std::vector<Figure>& figures) const {
  constexpr const char* kNobodyReached = "nobody got there";
  constexpr const char* kFewReached = "too few are known to get there";
  constexpr const char* kNobodySoLong = "nobody came so long before the end";
  figures.push_back(
      {"referrals", "all", "count", "persons", Count(referrals_)});
  figures.push_back(
      {"started", "all", "count", "persons", Count(modules_.people())});
  figures.push_back({"closed", "all", "count", "persons", Count(closed_)});
  for (size_t i = 0; i < plan_.waits.size(); ++i) {
    const metrics::WaitFigures f = metrics::FiguresOf(waits_[i], plan_.to);
    const std::string& id = plan_.waits[i].id;
    const auto days = [&](const char* statistic, std::optional<double> value,
                          const char* absent) {
      figures.push_back(
          {"wait", id, statistic, "days", value, Range::kNotNegative, absent});
    };
    const auto share = [&](const char* statistic, std::optional<double> value,
                           const char* absent) {
      figures.push_back(
          {"wait", id, statistic, "share", value, Range::kShare, absent});
    };
    const auto count = [&](const char* statistic, uint64_t n) {
      figures.push_back({"wait", id, statistic, "persons", Count(n)});
    };
    days("mean", f.mean_days, kNobodyReached);
    days("p50", f.median_days, kFewReached);
    days("p90", f.p90_days, kFewReached);
    share("share_reached", f.share_reached,
          "too many still wait to know who gets there");
    share("share_within_6_weeks", f.share_6_weeks, kNobodySoLong);
    share("share_within_18_weeks", f.share_18_weeks, kNobodySoLong);
    count("reached", f.reached);
    count("still_waiting", f.waiting);
    count("left", f.left);
  }
}

void Collector::AddTreatment(std::vector<Figure>& figures) const {
  constexpr const char* kTooShort =
      "treatments take longer than the time that is measured";
  const double n = Count(modules_.people());
  const std::optional<double> mean = modules_.PerPerson();
  const std::optional<double> squares = modules_squares_.PerPerson();
  std::optional<double> sd;
  if (mean && squares && n > 1) {
    sd = std::sqrt(std::max(0.0, *squares - *mean * *mean) * n / (n - 1));
  }
  const auto modules = [&](const char* statistic, std::optional<double> value) {
    figures.push_back({"modules_completed", "all", statistic, "modules", value,
                       Range::kNotNegative, kTooShort});
  };
  modules("mean", mean);
  modules("sd", sd);
  figures.push_back({"program_completed", "started", "share", "share",
                     completed_.PerPerson(), Range::kShare, kTooShort});
  for (size_t i = 0; i < plan_.changes.size(); ++i) {
    const Change& change = changes_[i];
    const double pairs = Count(change.pairs);
    const auto points = [&](const char* statistic, double sum) {
      figures.push_back({"change", protocol_.at(plan_.changes[i]).name,
                         statistic, "points", Ratio(sum, pairs), Range::kAny,
                         "nobody answered twice"});
    };
    points("first_mean", change.first);
    points("last_mean", change.last);
    points("mean", change.last - change.first);
  }
}

void Collector::AddMinutes(std::vector<Figure>& figures) const {
  const auto add = [&](const std::string& prefix, const std::string& whole,
                       const Minutes& minutes) {
    double all = 0;
    // Staff of plans are not new: nobody signs for them.
    constexpr auto kPlanned = static_cast<size_t>(Activity::kSupervision);
    for (size_t a = 0; a < kPlanned; ++a) {
      all += minutes[a];
      figures.push_back({"staff_minutes",
                         absl::StrCat(prefix, metrics::ActivityName(
                                                  static_cast<Activity>(a))),
                         "per_week", "minutes", minutes[a] / Weeks()});
    }
    figures.push_back(
        {"staff_minutes", whole, "per_week", "minutes", all / Weeks()});
  };
  add("", "all", minutes_);
  for (size_t p = 0; p < protocol_.pools.size(); ++p) {
    if (!IsTeam(plan_, p)) continue;
    const std::string team = absl::StrCat("team ", protocol_.pools[p].id);
    add(team + "/", team, minutes_of_team_[p]);
  }
}

void Collector::AddAlerts(std::vector<Figure>& figures) const {
  const auto add = [&](const std::string& prefix, const std::string& whole,
                       const char* statistic, const Alerts& alerts,
                       double weeks) {
    uint64_t all = 0;
    for (size_t k = 0; k < alerts.size(); ++k) {
      all += alerts[k];
      figures.push_back({"alert_load", absl::StrCat(prefix, kAlertNames[k]),
                         statistic, "alerts", Count(alerts[k]) / weeks});
    }
    figures.push_back(
        {"alert_load", whole, statistic, "alerts", Count(all) / weeks});
  };
  add("", "all", "per_week", alerts_, Weeks());
  for (size_t p = 0; p < protocol_.pools.size(); ++p) {
    const size_t members = MembersOf(plan_, PoolId(static_cast<uint16_t>(p)));
    if (members == 0) continue;
    const std::string pool = absl::StrCat("pool ", protocol_.pools[p].id);
    add(pool + "/", pool, "per_member_week", alerts_of_pool_[p],
        Count(members) * Weeks());
  }
  for (size_t t = 0; t < alerts_of_tier_.size(); ++t) {
    const std::string tier = absl::StrCat("tier ", protocol_.risk.tiers[t].id);
    add(tier + "/", tier, "per_week", alerts_of_tier_[t], Weeks());
  }
  const size_t instruments = protocol_.instruments.size();
  for (size_t i = 0; i < alerts_from_.size(); ++i) {
    const bool answers = i < instruments;
    // What has no risk items raises nothing.
    if (answers && !MayRaise(protocol_, i)) continue;
    const std::string from =
        absl::StrCat("from ", answers            ? protocol_.instruments[i].id
                              : i == instruments ? std::string("flag")
                                                 : std::string("rule"));
    add(from + "/", from, "per_week", alerts_from_[i], Weeks());
  }
}

void Collector::AddOverdue(std::vector<Figure>& figures) const {
  const auto add = [&](const std::string& stratum, const Punctuality& one) {
    figures.push_back({"overdue", stratum, "share", "share",
                       Ratio(Count(one.overdue), Count(one.all)), Range::kShare,
                       "no deadline came up"});
    figures.push_back({"overdue", stratum, "per_week", "pieces",
                       Count(one.overdue) / Weeks()});
  };
  add("all", overdue_);
  for (size_t k = 0; k < kLineKinds.size(); ++k) {
    add(kLineKinds[k].name, overdue_of_kind_[k]);
  }
  for (size_t p = 0; p < overdue_of_team_.size(); ++p) {
    if (!IsTeam(plan_, p)) continue;
    add(absl::StrCat("team ", protocol_.pools[p].id), overdue_of_team_[p]);
  }
}

}  // namespace stepwell::sim
