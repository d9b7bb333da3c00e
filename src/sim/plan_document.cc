// LoadPlan: settings, header, the parts, the checks; and what the plan changes
// in the pools of its protocol.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/status.h"
#include "base/strings.h"
#include "protocol/load_stored.h"
#include "protocol/overlay.h"
#include "sim/plan_reader.h"

namespace stepwell::sim {
namespace {

constexpr std::string_view kFields[] = {
    "$schema",  "plan",    "version",  "protocol", "title",   "note",
    "sources",  "horizon", "arrivals", "patients", "work",    "alerts",
    "messages", "staff",   "pools",    "measures", "delivery"};
constexpr std::string_view kSourceFields[] = {"id", "text", "mark"};
constexpr std::string_view kHorizonFields[] = {
    "start", "warm_up_days", "days", "arrival_days", "source", "note"};
constexpr std::string_view kPoolFields[] = {"id", "caseload_max", "source",
                                            "note"};
constexpr std::string_view kMeasureFields[] = {"waits", "change"};
constexpr std::string_view kWaitFields[] = {"id", "title", "from", "to"};
constexpr std::string_view kDeliveryFields[] = {"minutes", "source", "note"};
constexpr double kDaysMax = 36'500;
// People of one replication: beyond it memory would not suffice.
constexpr double kPeopleMax = 20e6;

Instant AfterDays(Instant from, double days) {
  return from + Microseconds(RoundToInt(days * 86'400e6));
}

void ReadHorizon(ObjectReader& root, Reading& reading) {
  ObjectReader object(root.NeedObject("horizon"), "a horizon", kHorizonFields,
                      reading.issues);
  if (!object.ok()) return;
  Plan& plan = reading.plan;
  plan.start = DateIn(object, "start", reading.protocol).value_or(Instant{});
  const double warm_up =
      Number(object, "warm_up_days", {0, kDaysMax}).value_or(0);
  const double days = NeedNumber(object, "days", {0.001, kDaysMax});
  plan.from = AfterDays(plan.start, warm_up);
  plan.to = AfterDays(plan.from, days);
  plan.arrivals_end = plan.to;
  if (const auto end = Number(object, "arrival_days", {0, kDaysMax})) {
    plan.arrivals_end = std::min(plan.to, AfterDays(plan.from, *end));
  }
  if (!IsInCalendarRange(plan.start) || !IsInCalendarRange(plan.to)) {
    object.Error("days", "out_of_range", "the time ends after the year 9999");
    plan.start = plan.from = plan.to = plan.arrivals_end = Instant{};
  }
}

void CheckPeople(ObjectReader& root, Reading& reading) {
  double people = 0;
  const double years =
      static_cast<double>((reading.plan.arrivals_end - reading.plan.start).us) /
      (365 * 86'400e6);
  for (const Arrivals& arrivals : reading.plan.arrivals) {
    people += arrivals.per_year * years;
  }
  if (people <= kPeopleMax) return;
  root.Error("arrivals", "out_of_range",
             absl::StrCat("about ", people, " people would come"),
             absl::StrCat("at most ", kPeopleMax, " in a replication"));
}

void ReadHeader(ObjectReader& root, Reading& reading) {
  reading.plan.id = std::string(root.NeedText("plan").value_or(""));
  reading.plan.version = std::string(root.NeedText("version").value_or(""));
  if (const auto name = root.NeedText("protocol");
      name && *name != reading.protocol.id) {
    root.Error("protocol", "unknown_reference",
               absl::StrCat("the plan is for `", ToAbsl(*name),
                            "`, the protocol is `", reading.protocol.id, "`"),
               "a plan names the items of one protocol");
  }
  for (const Entry& entry : Entries(root, "sources", "a source")) {
    ObjectReader object(entry.value, "a source", kSourceFields, reading.issues);
    object.NeedText("text");
  }
  if (root.Has("delivery")) {
    ObjectReader object(root.Object("delivery"), "`delivery`", kDeliveryFields,
                        reading.issues);
    reading.plan.delivery_minutes = NeedNumber(object, "minutes", {0, 10'080});
  }
}

void ReadMeasures(ObjectReader& root, Reading& reading) {
  if (!root.Has("measures")) return;
  ObjectReader object(root.Object("measures"), "`measures`", kMeasureFields,
                      reading.issues);
  for (const Entry& entry : Entries(object, "waits", "a wait")) {
    ObjectReader wait(entry.value, "a wait", kWaitFields, reading.issues);
    WaitMeasure measure;
    measure.id = entry.id;
    measure.title = std::string(wait.Text("title").value_or(entry.id));
    for (const auto& [key, point] :
         {std::pair("from", &measure.from), std::pair("to", &measure.to)}) {
      const auto text = wait.NeedText(key);
      if (!text) continue;
      std::string problem;
      const auto parsed =
          metrics::ParsePoint(*text, reading.protocol, &problem);
      if (parsed) {
        *point = *parsed;
      } else {
        wait.Error(key, "unknown_reference", problem,
                   "referral, milestone:NAME, opened:ITEM, started:ITEM, "
                   "done:ITEM or contact:1");
      }
    }
    reading.plan.waits.push_back(std::move(measure));
  }
  for (const auto& [name, pointer] : Texts(object, "change")) {
    const InstrumentRef ref = reading.protocol.FindInstrument(name);
    if (ref.IsNone()) {
      Unknown("instrument", name, pointer, {}, reading.issues);
    } else {
      reading.plan.changes.push_back(ref);
    }
  }
}

// The catalogue path of a pool that the protocol imports.
std::string PathOfPool(const Protocol& protocol, const std::string& name) {
  const auto document = json::Parse(protocol.document);
  if (!document.ok()) return "";
  const json::Value import =
      document->root().Find("imports").Find("pools").Find(name);
  if (!import.is_string()) return "";
  const auto parts = protocol::SplitVersion(import.string_value());
  return parts ? absl::StrCat("pools/", ToAbsl(parts->id), ".json") : "";
}

// A limit of the plan is a limit of the protocol that is simulated: the engine
// and the service see it in the one place where they look.
absl::StatusOr<std::shared_ptr<const Protocol>> WithPools(
    json::Value root, std::shared_ptr<const Protocol> protocol,
    Issues& issues) {
  ObjectReader object(root, "a plan", issues);
  auto files = protocol->imports;
  bool changed = false;
  for (const Entry& entry : Entries(object, "pools", "a pool")) {
    ObjectReader pool(entry.value, "a pool", kPoolFields, issues);
    const auto limit = pool.Int("caseload_max", 0, 1'000'000);
    const PoolId known = protocol->FindPool(entry.id);
    if (known.IsNone()) {
      Unknown("pool", entry.id, pool.PointerTo("id"), NamesOf(protocol->pools),
              issues);
      continue;
    }
    if (!limit || *limit == protocol->at(known).caseload_max) continue;
    const std::string path = PathOfPool(*protocol, entry.id);
    for (auto& [name, text] : files) {
      if (name != path) continue;
      STEPWELL_ASSIGN_OR_RETURN(const json::Document base, json::Parse(text));
      STEPWELL_ASSIGN_OR_RETURN(
          const json::Document patch,
          json::Parse(absl::StrCat("{\"caseload_max\": ", *limit,
                                   ", \"source\": \"the plan\"}")));
      text = protocol::MergeJson(base.root(), patch.root(), issues);
      changed = true;
    }
  }
  if (!changed || HasError(issues)) return protocol;
  STEPWELL_ASSIGN_OR_RETURN(
      const protocol::LoadResult loaded,
      protocol::LoadStored(protocol->document, protocol::CatalogueOf(files)));
  if (loaded.protocol == nullptr) {
    return Internal("the protocol no longer loads with the pools of the plan");
  }
  return loaded.protocol;
}

}  // namespace

absl::StatusOr<PlanResult> LoadPlan(std::string_view text,
                                    const Settings& settings,
                                    std::shared_ptr<const Protocol> protocol) {
  STEPWELL_ASSIGN_OR_RETURN(const std::string set,
                            ApplySettings(text, settings));
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document, json::Parse(set));
  PlanResult result;
  STEPWELL_ASSIGN_OR_RETURN(
      result.protocol,
      WithPools(document.root(), std::move(protocol), result.issues));
  auto plan = std::make_shared<Plan>();
  plan->hash = FingerprintOf(json::Canonical(document.root()));
  Reading reading{*result.protocol, *plan, result.issues, document.root()};
  ObjectReader root(document.root(), "a plan", kFields, result.issues);
  ReadHeader(root, reading);
  ReadHorizon(root, reading);
  ReadArrivals(root, reading);
  ReadPatients(root, reading);
  ReadWork(root, reading);
  ReadAlertsAndMessages(root, reading);
  ReadStaff(root, reading);
  ReadMeasures(root, reading);
  CheckPeople(root, reading);
  CheckSources(document.root(), result.issues);
  // Gaps are told when what is there can be read.
  if (!HasError(result.issues)) CheckPlanIsWhole(reading);
  result.name = absl::StrCat(plan->id, "@", plan->version);
  result.hash = ToHex(plan->hash);
  if (!HasError(result.issues)) result.plan = std::move(plan);
  return result;
}

}  // namespace stepwell::sim
