// Who works there, when, and for how long.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "sim/plan_reader.h"

namespace stepwell::sim {
namespace {

constexpr std::string_view kStaffFields[] = {
    "id", "pools", "count", "weekly_minutes", "leave", "source", "note"};
constexpr std::string_view kLeaveFields[] = {"from", "to", "source", "note"};
constexpr int64_t kMembersMax = 10'000;

std::vector<Member::Leave> ReadLeave(ObjectReader& object, Reading& reading) {
  std::vector<Member::Leave> leave;
  for (const json::Value value : json::Children(object.Array("leave"))) {
    ObjectReader entry(value, "a leave", kLeaveFields, reading.issues);
    const auto from = DateIn(entry, "from", reading.protocol);
    const auto to = DateIn(entry, "to", reading.protocol);
    if (!from || !to) continue;
    if (*to <= *from) {
      entry.Error("to", "out_of_range", "the leave ends before it begins",
                  "`to` is the first day back at work");
      continue;
    }
    leave.push_back({*from, *to});
  }
  std::sort(leave.begin(), leave.end(),
            [](const auto& a, const auto& b) { return a.from < b.from; });
  for (size_t i = 1; i < leave.size(); ++i) {
    if (leave[i].from < leave[i - 1].to) {
      object.Error("leave", "duplicate", "two leaves overlap");
    }
  }
  return leave;
}

// Hours that never come would leave all work of the pool undone for ever.
void CheckHours(ObjectReader& object, const Member& member, Reading& reading) {
  if (reading.plan.to <= reading.plan.start) return;  // said of the horizon
  for (const PoolId pool : member.pools) {
    const auto& definition = reading.protocol.at(pool);
    if (definition.calendar.IsNone()) continue;
    const auto& calendar =
        reading.protocol.calendars[definition.calendar.value].calendar;
    const auto open = calendar.NextOpen(reading.plan.start);
    if (open && *open < reading.plan.to) continue;
    object.Error("pools", "never_opens",
                 absl::StrCat("the calendar of pool `", definition.id,
                              "` never opens in the time that is simulated"),
                 "a calendar with working hours, or another time");
  }
}

Member ReadMember(ObjectReader& object, Reading& reading) {
  Member member;
  object.NeedArray("pools");
  for (const auto& [name, pointer] : Texts(object, "pools")) {
    const PoolId pool = reading.protocol.FindPool(name);
    if (pool.IsNone()) {
      Unknown("pool", name, pointer, NamesOf(reading.protocol.pools),
              reading.issues);
    } else if (std::find(member.pools.begin(), member.pools.end(), pool) !=
               member.pools.end()) {
      AddError(reading.issues, "duplicate", pointer,
               absl::StrCat("`", name, "` is there already"));
    } else {
      member.pools.push_back(pool);
    }
  }
  if (object.Has("pools") && object.Get("pools").size() == 0) {
    object.Error("pools", "missing_field", "a member of staff is of no pool",
                 "the first one's calendar gives the working hours");
  }
  member.weekly_minutes =
      NeedNumber(object, "weekly_minutes", {0, kMinutesPerWeek});
  member.leave = ReadLeave(object, reading);
  CheckHours(object, member, reading);
  return member;
}

}  // namespace

void ReadStaff(ObjectReader& root, Reading& reading) {
  root.NeedArray("staff");
  for (const Entry& entry : Entries(root, "staff", "staff")) {
    ObjectReader object(entry.value, "staff", kStaffFields, reading.issues);
    Member member = ReadMember(object, reading);
    const int64_t count = object.Int("count", 0, kMembersMax).value_or(1);
    for (int64_t i = 1; i <= count; ++i) {
      member.id =
          object.Has("count") ? absl::StrCat(entry.id, "_", i) : entry.id;
      const bool taken = std::any_of(
          reading.plan.staff.begin(), reading.plan.staff.end(),
          [&](const Member& other) { return other.id == member.id; });
      if (taken) {
        object.Error("id", "duplicate_id",
                     absl::StrCat("`", member.id, "` is there already"));
        break;
      }
      reading.plan.staff.push_back(member);
    }
  }
  if (static_cast<int64_t>(reading.plan.staff.size()) > kMembersMax) {
    root.Error("staff", "out_of_range",
               absl::StrCat("at most ", kMembersMax, " members of staff"));
  }
}

}  // namespace stepwell::sim
