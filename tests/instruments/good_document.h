// A document without a mistake that uses every part of the format.
#ifndef STEPWELL_TESTS_INSTRUMENTS_GOOD_DOCUMENT_H_
#define STEPWELL_TESTS_INSTRUMENTS_GOOD_DOCUMENT_H_

namespace stepwell::instruments {

inline constexpr char kGood[] = R"({
  "instrument": "demo-1", "version": "1", "title": "Demo",
  "respondent": "patient", "direction": "lower_is_better",
  "licence": {"status": "own", "holder": "Us", "source": "Written here",
              "text_included": true},
  "value_sets": [
    {"id": "often", "values": [{"value": 0, "id": "no"},
                               {"value": 1, "codes": {"loinc": "LA6569-3"}},
                               2]},
    {"id": "many", "min": 0, "max": 4}],
  "items": [
    {"id": "a", "kind": "choice", "values": "often",
     "codes": {"loinc": "44250-9"}},
    {"id": "b", "kind": "choice", "values": "many", "reverse": true,
     "skip_if": [{"sum_of": ["a"], "equals": 0}],
     "risk": {"id": "danger", "at_least": 2, "source": "s",
              "mark": "assumption"}},
    {"id": "c", "kind": "integer", "values": {"min": 0, "max": 9},
     "scored": false, "not_applicable": "no_c"},
    {"id": "d", "kind": "text"},
    {"id": "e", "kind": "boolean", "scored": false, "only_for": "female",
     "group": "g"}],
  "require_one_of": [["c", "d"]],
  "score": {"method": "sum", "transform": {"factor": 2, "shift": 1},
    "missing": {"default": "prorate", "prorate":
      {"missing_max": 1, "source": "s", "mark": "unverified"}},
    "bands": {"source": "s", "mark": "verified", "list": [
      {"id": "low", "from": 1, "to": 5}, {"id": "high", "from": 6, "to": 13}]}},
  "subscales": [{"id": "S", "method": "mean", "items": ["a", "b"],
                 "fhirpath": "(a + 4 - b) / 2"}],
  "norms": [{"id": "t", "subscale": "S", "source": "s", "mark": "unverified",
    "groups": [{"sex": "female", "age_from": 8, "age_to": 9, "from": 0,
                "values": [40, 50.5]}, {"table": [[0.5, 60], [1, 70]]}],
    "bands": [{"id": "usual", "from": 0}, {"id": "raised", "from": 65}]}],
  "flags": [{"id": "f", "source": "s", "mark": "verified", "when":
    {"all": [{"item": "a", "at_least": 1}, {"not": {"sex": "male"}},
             {"any": [{"score": {"at_least": 3}},
                      {"subscale": "S", "at_most": 2.5}]},
             {"count": [{"items": ["a", "b"], "at_least": 1}],
              "at_least": 1}]}}],
  "tiers": {"ids": ["t1", "t2"], "otherwise": "t1", "on_unknown": "t2",
    "source": "s", "mark": "assumption", "rules": [
      {"tier": "t2", "when": {"item": "b", "equals": 4}, "source": "s",
       "mark": "assumption"}]},
  "profiles": [{"id": "p-1", "cutoffs": [
    {"id": "case", "kind": "caseness", "at_least": 6, "source": "s",
     "mark": "verified"},
    {"id": "rc", "kind": "reliable_change", "by": 2, "source": "s",
     "mark": "verified"},
    {"id": "half", "kind": "response", "percent": 50, "source": "s",
     "mark": "verified"}]}],
  "reliability": [{"kind": "alpha", "value": 0.9, "sd": 2, "mean": 5,
                   "source": "s",
                   "mark": "verified"}],
  "texts": {"en": {"title": "T", "stem": "S", "items": {"a": "A?", "b": "B?",
    "c": "C?", "d": "D?", "e": "E?"}, "values": {"often": {"0": "No"}}}}
})";

}  // namespace stepwell::instruments

#endif  // STEPWELL_TESTS_INSTRUMENTS_GOOD_DOCUMENT_H_
