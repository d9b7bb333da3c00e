#include "instruments/plain_rules_support.h"

#include <cmath>

namespace stepwell::instruments {
namespace {

// Rules that hang on nobody.
std::function<Plain(const Row&, const Who&)> OfAll(
    std::function<Plain(const Row&)> score) {
  return [score](const Row& row, const Who&) { return score(row); };
}

std::optional<double> Sum(const Row& row, const std::vector<int>& items,
                          double factor = 1) {
  double sum = 0;
  for (int item : items) {
    if (row[item - 1] == kNone) return std::nullopt;
    sum += row[item - 1];
  }
  return sum * factor;
}

std::vector<int> Range(int first, int last) {
  std::vector<int> items;
  for (int i = first; i <= last; ++i) items.push_back(i);
  return items;
}

std::string Banded(double score, const std::vector<double>& edges,
                   const std::vector<std::string>& names) {
  size_t i = 0;
  while (i < edges.size() && score >= edges[i]) ++i;
  return names[i];
}

struct Bands {
  std::vector<double> edges = {};
  std::vector<std::string> names = {};
};
struct Cut {
  std::string id;
  double from;
  bool below = false;  // holds up to there
};

// What follows from a total.
void Judge(const Bands& bands, const std::vector<Cut>& cuts, Plain& out) {
  if (!out.total) return;
  if (!bands.names.empty()) {
    out.band = Banded(*out.total, bands.edges, bands.names);
  }
  for (const Cut& cut : cuts) {
    out.flags[cut.id] =
        cut.below ? *out.total <= cut.from : *out.total >= cut.from;
  }
}

// A plain sum of n items with bands and cut-offs.
Rules SumRules(const char* id, int n, int low, int high, Bands bands = {},
               std::vector<Cut> cuts = {}) {
  return {id, std::vector<std::pair<int, int>>(n, {low, high}),
          OfAll([=](const Row& row) {
            Plain out;
            out.total = Sum(row, Range(1, n));
            Judge(bands, cuts, out);
            return out;
          })};
}

Plain Reversed(const Row& row, const std::vector<int>& items, int of) {
  Row turned = row;
  for (int item : items) {
    if (row[item - 1] != kNone) turned[item - 1] = of - row[item - 1];
  }
  Plain out;
  out.total = Sum(turned, Range(1, static_cast<int>(row.size())));
  return out;
}

// Whoever discloses so much at an item; not answered: nobody knows.
std::optional<bool> Risk(int value, int from) {
  return value == kNone ? std::nullopt : std::optional(value >= from);
}

// The mean of those that were answered stands in for up to `most` others.
void Prorate(const Row& row, const Who& who, int most, Plain& out) {
  int missing = 0, sum = 0;
  for (const int value : row) {
    missing += value == kNone;
    sum += value == kNone ? 0 : value;
  }
  if (!who.prorates || missing == 0 || missing > most) return;
  const int n = static_cast<int>(row.size());
  out.prorated = static_cast<double>(sum) * n / (n - missing);
  out.total = std::floor(*out.prorated + 0.5);
}

Plain Phq9(const Row& row, const Who& who) {
  Plain out;
  out.total = Sum(row, Range(1, 9));
  const bool complete = out.total.has_value();
  Prorate(row, who, 2, out);
  Judge({{5, 10, 15, 20},
         {"none", "mild", "moderate", "moderately_severe", "severe"}},
        {{"caseness", 10}, {"remission", 4, true}}, out);
  out.risks["risk_item9"] = Risk(row[8], 1);
  if (!complete) return out;
  int symptoms = row[8] >= 1;
  for (int i = 0; i < 8; ++i) symptoms += row[i] >= 2;
  const bool core = row[0] >= 2 || row[1] >= 2;
  out.flags["mds"] = core && symptoms >= 5;
  out.flags["ods"] = core && symptoms >= 2 && symptoms <= 4;
  return out;
}

Plain Gad7(const Row& row, const Who& who) {
  Plain out;
  out.total = Sum(row, Range(1, 7));
  Prorate(row, who, 2, out);
  Judge({{5, 10, 15}, {"minimal", "mild", "moderate", "severe"}},
        {{"screen10", 10}, {"caseness_iapt8", 8}}, out);
  return out;
}

Plain Core10(const Row& row, const Who& who) {
  Row turned = row;
  for (const int item : {2, 3}) {
    if (row[item - 1] != kNone) turned[item - 1] = 4 - row[item - 1];
  }
  Plain out;
  out.total = Sum(turned, Range(1, 10));
  Prorate(turned, who, 1, out);
  Judge({{6, 11, 15, 20, 25},
         {"healthy", "low", "mild", "moderate", "moderate_severe", "severe"}},
        {{"caseness", 11}}, out);
  out.risks["risk_item6"] = Risk(row[5], 1);
  return out;
}

Plain Madrs(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 9));
  Judge({{13, 20, 35}, {"none_or_minimal", "mild", "moderate", "severe"}},
        {{"remission", 10, true}}, out);
  out.risks["risk"] = Risk(row[8], 4);
  return out;
}

Plain Pswq(const Row& row) {
  Plain out = Reversed(row, {1, 3, 8, 10, 11}, 6);
  Judge({}, {{"caseness", 45}}, out);
  return out;
}

// Women from 3 on, men from 4 on; of a person whose sex is not known only what
// is so for both.
Plain AuditC(const Row& row, const Who& who) {
  Plain out;
  out.total = Sum(row, Range(1, 3));
  if (!out.total) return out;
  std::optional<bool> is = *out.total >= (who.sex == Sex::kMale ? 4 : 3);
  if (who.sex == Sex::kUnknown && *out.total == 3) is.reset();
  out.flags["positive"] = out.flags["caseness"] = is;
  return out;
}

// Who does not work leaves the first line out, which is no zero that is added.
Plain Wsas(const Row& row, const Who& who) {
  Plain out;
  out.total = Sum(row, who.works ? Range(1, 5) : Range(2, 5));
  Judge({{11, 21}, {"low", "significant", "severe"}}, {}, out);
  return out;
}

Plain Pcl5(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 20));
  const std::map<std::string, std::pair<std::vector<int>, int>> clusters = {
      {"B", {Range(1, 5), 1}},
      {"C", {Range(6, 7), 1}},
      {"D", {Range(8, 14), 2}},
      {"E", {Range(15, 20), 2}}};
  bool all = true;
  for (const auto& [id, cluster] : clusters) {
    out.subscales[id] = Sum(row, cluster.first);
    int symptoms = 0;
    for (int item : cluster.first) symptoms += row[item - 1] >= 2;
    all = all && symptoms >= cluster.second;
  }
  if (out.total) {
    out.flags["dsm5_provisional"] = all;
    Judge({}, {{"cut33", 33}, {"caseness", 32}}, out);
  }
  return out;
}

Plain Audit(const Row& row) {
  Row filled = row;
  const bool never = row[0] == 0;
  const bool light = row[1] != kNone && row[2] != kNone && row[1] + row[2] == 0;
  for (int item = 2; item <= 8; ++item) {
    if (filled[item - 1] == kNone && (never || (light && item >= 4))) {
      filled[item - 1] = 0;
    }
  }
  Plain out;
  out.total = Sum(filled, Range(1, 10));
  if (out.total) {
    out.band =
        Banded(*out.total, {8, 16, 20}, {"zone1", "zone2", "zone3", "zone4"});
    out.flags["hazardous8"] = *out.total >= 8;
  }
  return out;
}

Plain Dass(const Row& row) {
  Plain out;
  out.subscales["D"] = Sum(row, {3, 5, 10, 13, 16, 17, 21}, 2);
  out.subscales["A"] = Sum(row, {2, 4, 7, 9, 15, 19, 20}, 2);
  out.subscales["S"] = Sum(row, {1, 6, 8, 11, 12, 14, 18}, 2);
  const std::map<std::string, std::vector<double>> edges = {
      {"D", {10, 14, 21, 28}}, {"A", {8, 10, 15, 20}}, {"S", {15, 19, 26, 34}}};
  for (const auto& [id, from] : edges) {
    if (!out.subscales[id]) continue;
    out.bands[id] =
        Banded(*out.subscales[id], from,
               {"normal", "mild", "moderate", "severe", "extremely_severe"});
  }
  return out;
}

Plain IesR(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 22));
  out.subscales["avoidance"] = Sum(row, {5, 7, 8, 11, 12, 13, 17, 22});
  out.subscales["intrusion"] = Sum(row, {1, 2, 3, 6, 9, 16, 20});
  out.subscales["hyperarousal"] = Sum(row, {4, 10, 14, 15, 18, 19, 21});
  Judge({}, {{"caseness", 33}}, out);
  return out;
}

Plain OciR(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 18));
  out.subscales["hoarding"] = Sum(row, {1, 7, 13});
  out.subscales["ocd15"] =
      Sum(row, {2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18});
  if (out.total) {
    out.flags["cut21"] = *out.total >= 21;
    out.flags["hoarding_cut6"] = *out.subscales["hoarding"] >= 6;
    out.flags["ocd15_cut12"] = *out.subscales["ocd15"] >= 12;
  }
  return out;
}

// Fear and avoidance alternate.
Plain Lsas(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 48));
  std::vector<int> fear, avoidance;
  for (int i = 1; i <= 48; i += 2) {
    fear.push_back(i);
    avoidance.push_back(i + 1);
  }
  out.subscales["fear"] = Sum(row, fear);
  out.subscales["avoidance"] = Sum(row, avoidance);
  Judge({}, {{"cut30", 30}, {"cut60", 60}}, out);
  return out;
}

Plain Who5(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 5), 4);
  if (out.total) {
    out.flags["low_wellbeing"] = *out.total <= 50;
    out.band = *out.total <= 50 ? "poor" : "adequate";
  }
  return out;
}

// The fourth item is about menstruation: a man's answer to it says nothing.
Plain Phq15(const Row& row, const Who& who) {
  Row asked = row;
  if (who.sex == Sex::kMale) asked.erase(asked.begin() + 3);
  Plain out;
  out.total = Sum(asked, Range(1, static_cast<int>(asked.size())));
  Judge({{5, 10, 15}, {"none", "mild", "moderate", "severe"}}, {}, out);
  if (!out.total) return out;
  int severe = 0;
  for (int value : asked) severe += value == 2;
  out.flags["somatoform_3_severe"] = severe >= 3;
  return out;
}

Plain Hads(const Row& row) {
  Plain out;
  out.subscales["anxiety"] = Sum(row, {1, 3, 5, 7, 9, 11, 13});
  out.subscales["depression"] = Sum(row, {2, 4, 6, 8, 10, 12, 14});
  for (const char* id : {"anxiety", "depression"}) {
    if (const auto score = out.subscales[id]) {
      out.flags[std::string(id) + "_case"] = *score >= 8;
      out.bands[id] =
          Banded(*score, {8, 11}, {"normal", "borderline", "abnormal"});
    }
  }
  return out;
}

Plain Sdq(const Row& row) {
  Row turned = row;
  for (int item : {7, 11, 14, 21, 25}) {
    if (row[item - 1] != kNone) turned[item - 1] = 2 - row[item - 1];
  }
  Plain out;
  out.subscales["emotional"] = Sum(turned, {3, 8, 13, 16, 24});
  out.subscales["conduct"] = Sum(turned, {5, 7, 12, 18, 22});
  out.subscales["hyperactivity"] = Sum(turned, {2, 10, 15, 21, 25});
  out.subscales["peer"] = Sum(turned, {6, 11, 14, 19, 23});
  out.total = 0;
  for (const auto& [id, score] : out.subscales) {
    if (!score || !out.total) {
      out.total.reset();
    } else {
      *out.total += *score;
    }
  }
  out.subscales["prosocial"] = Sum(turned, {1, 4, 9, 17, 20});
  return out;
}

Plain Rcads(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 47));
  out.subscales["separation_anxiety"] = Sum(row, {5, 9, 17, 18, 33, 45, 46});
  out.subscales["generalized_anxiety"] = Sum(row, {1, 13, 22, 27, 35, 37});
  out.subscales["panic"] = Sum(row, {3, 14, 24, 26, 28, 34, 36, 39, 41});
  out.subscales["social_phobia"] = Sum(row, {4, 7, 8, 12, 20, 30, 32, 38, 43});
  out.subscales["obsessions_compulsions"] = Sum(row, {10, 16, 23, 31, 42, 44});
  out.subscales["depression"] =
      Sum(row, {2, 6, 11, 15, 19, 21, 25, 29, 40, 47});
  if (out.total && out.subscales["depression"]) {
    out.subscales["anxiety"] = *out.total - *out.subscales["depression"];
  }
  return out;
}

// Four lines in millimetres: 0 to 40, lower than 25 is a case.
Plain Lines(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 4), 0.1);
  return out;
}

Plain Ors(const Row& row) {
  Plain out = Lines(row);
  if (out.total) out.flags["caseness"] = *Sum(row, Range(1, 4)) < 250;
  return out;
}

}  // namespace

std::vector<Rules> AllRules() {
  const auto n = [](int count, int low, int high) {
    return std::vector<std::pair<int, int>>(count, {low, high});
  };
  const Bands distress = {{16, 22, 30},
                          {"low", "moderate", "high", "very_high"}};
  return {
      {"phq-9", n(9, 0, 3), Phq9},
      {"gad-7", n(7, 0, 3), Gad7},
      SumRules("phq-2", 2, 0, 3, {}, {{"positive", 3}}),
      SumRules("gad-2", 2, 0, 3, {}, {{"positive", 3}}),
      {"wsas", n(5, 0, 8), Wsas},
      SumRules("pdss-sr", 7, 0, 4, {}, {{"caseness", 8}}),
      SumRules("isi", 7, 0, 4,
               {{8, 15, 22}, {"none", "subthreshold", "moderate", "severe"}},
               {{"caseness", 10}, {"remission", 7, true}}),
      {"audit-c", n(3, 0, 4), AuditC},
      {"madrs-s", n(9, 0, 6), OfAll(Madrs)},
      SumRules("k10", 10, 1, 5, distress),
      SumRules("k10-0-4", 10, 0, 4, {{6, 12, 20}, distress.names}),
      SumRules("k6", 6, 0, 4),
      SumRules("spin", 17, 0, 4, {}, {{"cut19", 19}, {"caseness", 19}}),
      {"pswq", n(16, 1, 5), OfAll(Pswq)},
      {"core-10", n(10, 0, 4), Core10},
      {"pcl-5", n(20, 0, 4), OfAll(Pcl5)},
      {"ies-r", n(22, 0, 4), OfAll(IesR)},
      {"audit", n(10, 0, 4), OfAll(Audit), 2},
      {"who-5", n(5, 0, 5), OfAll(Who5)},
      {"dass-21", n(21, 0, 3), OfAll(Dass)},
      {"oci-r", n(18, 0, 4), OfAll(OciR)},
      {"lsas-sr", n(48, 0, 3), OfAll(Lsas)},
      {"phq-15", n(15, 0, 2), Phq15},
      SumRules("phq-8", 8, 0, 3,
               {{5, 10, 15, 20},
                {"none", "mild", "moderate", "moderately_severe", "severe"}},
               {{"caseness", 10}}),
      {"hads", n(14, 0, 3), OfAll(Hads)},
      {"sdq", n(25, 0, 2), OfAll(Sdq)},
      {"sdq-parent", n(25, 0, 2), OfAll(Sdq)},
      {"rcads", n(47, 0, 3), OfAll(Rcads)},
      {"rcads-parent", n(47, 0, 3), OfAll(Rcads)},
      {"ors", n(4, 0, 100), OfAll(Ors)},
      {"srs", n(4, 0, 100), OfAll(Lines)},
  };
}

}  // namespace stepwell::instruments
