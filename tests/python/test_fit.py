"""A linear predictor fitted to a service's cases: what it finds, how honest its
accuracy is, and that a protocol takes it."""

import json
import pathlib
import random
from datetime import date

import pytest

import stepwell

ROOT = pathlib.Path(__file__).resolve().parents[2]
TERMS = [stepwell.Term("now", "phq9.score", "Score now", max_age="14 days"),
         stepwell.Term("motivation", "facts.motivation", impute=True)]


def people(n, seed=1, noise=3.0, missing=0.0):
    """Scores after treatment that hang on two things and on chance."""
    dice = random.Random(seed)
    for _ in range(n):
        now, motivation = dice.uniform(2, 24), dice.uniform(1, 5)
        yield {"now": now,
               "motivation": None if dice.random() < missing else motivation,
               "after": 2 + 0.8 * now - 1.5 * motivation + dice.gauss(0, noise)}


def fit(rows, terms=TERMS, **more):
    given = dict(outcome="after", fails=8.0, name="our own", population="adults",
                 on=date(2026, 3, 1))
    return stepwell.fit_linear(rows, terms, **(given | more))


def test_it_finds_what_the_outcome_hangs_on():
    found = fit(people(3000))
    now, motivation = found.linear["terms"]
    assert now["coefficient"] == pytest.approx(0.8, abs=0.03)
    assert motivation["coefficient"] == pytest.approx(-1.5, abs=0.1)
    assert found.linear["intercept"] == pytest.approx(2, abs=0.5)
    assert now["missing"] == "unknown"
    assert motivation["missing"]["mean"] == pytest.approx(3, abs=0.1)
    assert 0.8 < found.accuracy.balanced < 1 and found.useful
    row = {"now": 10.0, "motivation": 2.0}
    assert found.predict(row) == pytest.approx(
        found.linear["intercept"] + 10 * now["coefficient"]
        + 2 * motivation["coefficient"])
    assert found.predict({"now": None, "motivation": 2.0}) is None
    assert found.predict({"now": 10.0, "motivation": None}) is not None


def test_a_perfect_predictor_is_perfect():
    found = fit(people(200, noise=0.0))
    assert found.accuracy.balanced > 0.98


def test_noise_is_not_sold_as_skill():
    """Twenty terms of pure chance: learnt by heart they look like something;
    judged on others they are what they are."""
    dice = random.Random(7)
    terms = [stepwell.Term(f"t{k}", f"facts.t{k}") for k in range(20)]
    rows = [{t.id: dice.gauss(0, 1) for t in terms} | {"after": dice.gauss(8, 3)}
            for _ in range(150)]
    found = fit(rows, terms)
    assert found.apparent.balanced > found.accuracy.balanced + 0.1
    assert found.accuracy.balanced < 0.58
    assert not found.useful
    assert (found.linear["model"]["balanced_accuracy"]
            == round(found.accuracy.balanced, 3))


def test_rare_failures_do_not_flatter():
    """One in ten fails; to call nobody red would be right in nine of ten."""
    rows = [row | {"now": None, "motivation": 0.0, "x": float(i % 7)}
            for i, row in enumerate(people(400, noise=0.0))]
    for i, row in enumerate(rows):
        row["after"] = 20.0 if i % 10 == 0 else 1.0
    found = fit(rows, [stepwell.Term("x", "facts.x")])
    assert found.accuracy.failed == 40
    assert found.accuracy.balanced < 0.6 and not found.useful


def test_what_is_missing_is_counted_never_zero():
    rows = list(people(1000, missing=0.2))
    for row in rows[:50]:
        row["after"] = None
    rows[60]["now"] = None
    found = fit(rows)
    assert found.left_out == {"outcome": 50, "now": 1, "motivation": 0}
    assert found.accuracy.n == found.linear["model"]["training_n"] == 949
    strict = [TERMS[0], stepwell.Term("motivation", "facts.motivation")]
    assert fit(rows, strict).left_out["motivation"] > 100


def test_nan_is_missing():
    """A data frame has NaN where nothing is known: in a term it is left out or
    stood in for, as an outcome it is no success."""
    rows = list(people(400))
    for row in rows[:40]:
        row["after"] = float("nan")
    rows[50]["now"] = float("nan")
    rows[51]["motivation"] = float("nan")
    found = fit(rows)
    assert found.left_out == {"outcome": 40, "now": 1, "motivation": 0}
    assert found.accuracy.n == 359
    assert json.loads(json.dumps(found.linear, allow_nan=False)) == found.linear
    assert found.predict({"now": float("nan"), "motivation": 2.0}) is None
    none = [{k: None if v is not None and v != v else v
             for k, v in row.items()} for row in rows]
    assert fit(none) == found


@pytest.mark.parametrize("bad", [float("inf"), "many", 1e300, [1]])
def test_what_is_no_number_is_an_error_that_names_its_row(bad):
    rows = list(people(100))
    rows[7]["now"] = bad
    with pytest.raises(ValueError, match="row 7, 'now'"):
        fit(rows)
    rows[7]["now"] = 3.0
    rows[9]["after"] = bad
    with pytest.raises(ValueError, match="row 9, 'after'"):
        fit(rows)


def test_what_is_written_is_what_is_judged():
    """The document's own numbers give the accuracy that is printed beside
    them, in every row."""
    for seed in range(30):
        rows = list(people(120, seed=seed))
        found = fit(rows)
        red = [found.predict(row) >= found.linear["red"] for row in rows]
        failed = [row["after"] >= 8.0 for row in rows]
        hits = sum(r and f for r, f in zip(red, failed))
        rests = sum(not r and not f for r, f in zip(red, failed))
        assert hits / sum(failed) == found.apparent.sensitivity, seed
        assert rests / (120 - sum(failed)) == found.apparent.specificity, seed


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_unit_of_a_predictor_changes_nothing(scale):
    rows = list(people(300))
    scaled = [row | {"now": row["now"] * scale} for row in rows]
    plain, other = fit(rows), fit(scaled)
    assert other.linear["terms"][0]["coefficient"] * scale == pytest.approx(
        plain.linear["terms"][0]["coefficient"], rel=1e-9)
    assert other.accuracy == plain.accuracy
    assert other.apparent == plain.apparent


def test_the_same_rows_give_the_same():
    assert fit(people(300)) == fit(people(300))
    assert fit(people(300), seed=5).linear["terms"] == (
        fit(people(300)).linear["terms"])


def test_what_cannot_be_fitted_is_said():
    with pytest.raises(ValueError, match="needs a failure"):
        fit(people(300), fails=100.0)
    with pytest.raises(ValueError, match="says nothing"):
        fit(people(300), [*TERMS, stepwell.Term("now", "phq9.first")])
    with pytest.raises(ValueError, match="needs a term"):
        fit(people(300), [])
    with pytest.raises(ValueError, match="folds"):
        fit(people(300), folds=1)


def test_a_protocol_takes_it():
    document = json.loads(
        (ROOT / "tests/protocols/decisions.json").read_text())
    decisions = [item for track in document["tracks"]
                 for phase in track["phases"] for item in phase.get("items", [])
                 if "linear" in item.get("predict", {})]
    decisions += [item for item in document.get("items_anywhere", [])
                  if "linear" in item.get("predict", {})]
    assert decisions
    before = stepwell.Protocol.check(document)
    assert before.ok
    for scale in (1.0, 1e-12, 1e12):
        rows = [row | {"now": row["now"] * scale} for row in people(300)]
        decisions[0]["predict"]["linear"] = fit(rows).linear
        after = stepwell.Protocol.check(document)
        assert after.ok, after.issues
    ageless = [stepwell.Term("now", "phq9.score"), TERMS[1]]
    decisions[0]["predict"]["linear"] = fit(people(300), ageless).linear
    refused = stepwell.Protocol.check(document)
    assert [issue.code for issue in refused.issues] == ["prediction_without_age"]
