"""Columns of answers, change of a cohort, outcomes of courses."""

import datetime
import json

import pytest

import stepwell

polars = pytest.importorskip("polars")

COURSES = ("team,phq9_first,phq9_last,gad7_first,gad7_last,treatment_contacts\n"
           "a,15,6,12,5,3\nb,12,,10,,2\nb,5,5,3,3,2\n")


@pytest.fixture(name="phq9")
def _phq9():
    with stepwell.Instrument.load("phq-9") as instrument:
        yield instrument


def frame(**changes):
    return polars.DataFrame({f"q{i}": [0, 3, 1] for i in range(1, 10)} | changes)


def test_a_data_frame_is_scored_by_row(phq9):
    answers = frame(q9=[0, 3, None], name=["x", "y", "z"])
    scores = phq9.score_columns(answers).to_polars()
    assert scores["score"].to_list() == [0, 27, None]
    assert scores["band"].to_list() == ["none", "severe", None]
    assert scores["flag_risk_item9"].to_list() == [False, True, None]
    assert scores["complete"].to_list() == [True, True, False]
    prorated = phq9.score_columns(answers, missing="prorate").to_polars()
    assert prorated["score"].to_list() == [0, 27, 9]
    assert prorated["prorated"].to_list() == [False, False, True]


def test_a_table_may_be_read_twice(phq9):
    table = phq9.score_columns(frame())
    assert table.to_polars().equals(table.to_polars())


def test_columns_equal_single_scores(phq9):
    rows = [[(i * k + k) % 4 for k in range(1, 10)] for i in range(200)]
    table = polars.DataFrame({f"q{k + 1}": [row[k] for row in rows]
                              for k in range(9)}, schema_overrides={
                                  "q1": polars.Int8, "q2": polars.Float64})
    scores = phq9.score_columns(table).to_polars()
    for row, score, mds in zip(rows, scores["score"], scores["flag_mds"]):
        single = phq9.score(row)
        assert single.score == score and single.flags["mds"] == mds


def test_many_rows_are_scored_as_few_are():
    """Long columns are scored by the block: in slices they come to the same."""
    rows = range(20_000)
    table = polars.DataFrame(
        {f"q{i}": [None if (n * i) % 11 == 3 else (n * n + i) % 5 for n in rows]
         for i in range(1, 16)} | {
             "sex": [("female", "male", None)[n % 3] for n in rows]})
    with stepwell.Instrument.load("phq-15") as somatic:
        whole = somatic.score_columns(table).to_polars()
        parts = polars.concat(
            somatic.score_columns(table.slice(at, 999)).to_polars()
            for at in range(0, len(table), 999))
    assert whole.height == 20_000 and whole["score"].null_count() > 0
    assert whole.equals(parts)


def test_sex_is_a_column():
    with stepwell.Instrument.load("audit-c") as audit:
        table = polars.DataFrame({"q1": [1, 1, 1], "q2": [1, 1, 1],
                                  "q3": [1, 1, 1],
                                  "sex": ["female", "male", None]})
        flags = audit.score_columns(table).to_polars()["flag_positive"]
        assert flags.to_list() == [True, False, None]


def test_what_does_not_apply_is_a_column():
    with stepwell.Instrument.load("wsas") as wsas:
        table = polars.DataFrame({f"q{i}": [2, 2, None] for i in range(1, 6)}
                                 | {"q1": [8, 8, None],
                                    "work_not_applicable": [True, False, True]})
        table = table.with_columns(
            *(polars.col(f"q{i}").fill_null(1) for i in range(2, 6)))
        scores = wsas.score_columns(table).to_polars()
        assert scores["score"].to_list() == [8, 16, 4]
        assert scores["ignored"].to_list() == [1, 0, 0]
        with pytest.raises(stepwell.InvalidError, match="true and false"):
            wsas.score_columns(
                table.with_columns(work_not_applicable=1)).to_polars()


def test_answers_against_skip_logic_are_told():
    with stepwell.Instrument.load("audit") as audit:
        table = polars.DataFrame(
            {"q1": [0, 0]} | {f"q{i}": [None, 2] for i in range(2, 9)}
            | {"q9": [0, 2], "q10": [0, 2]},
            schema_overrides={f"q{i}": polars.Int64 for i in range(2, 9)})
        scores = audit.score_columns(table).to_polars()
        assert scores["score"].to_list() == [0, 18]
        assert scores["against_skip"].to_list() == [0, 7]


def test_change_of_a_subscale():
    with stepwell.Instrument.load("hads") as hads:
        change = hads.change(12, 7, subscale="anxiety")
        assert change["subscale"] == "anxiety"
        assert change["cutoffs"][0]["pre"] is True


def test_what_is_no_table_of_answers_is_refused(phq9):
    with pytest.raises(TypeError, match="__arrow_c_stream__"):
        phq9.score_columns([1, 2]).to_polars()
    with pytest.raises(stepwell.InvalidError, match="no column is an item"):
        phq9.score_columns(polars.DataFrame({"x": [1]})).to_polars()
    with pytest.raises(stepwell.InvalidError, match="answers to q4, q8 of"):
        phq9.score_columns(
            frame().rename({"q4": "Q4x", "q8": "eight"})).to_polars()
    with pytest.raises(stepwell.InvalidError, match="Arrow type"):
        phq9.score_columns(frame(q1=["a", "b", "c"])).to_polars()
    with pytest.raises(stepwell.InvalidError, match="true and false"):
        phq9.score_columns(frame(q1=[True, False, True])).to_polars()
    with pytest.raises(stepwell.InvalidError, match="no sex"):
        phq9.score_columns(frame(sex=["f", "m", ""])).to_polars()


def test_change_of_a_cohort(phq9):
    found = phq9.change_table("pre,post\n20,6\n18,17\n14,\n", "pre", "post",
                              sd=5.8)
    assert found["counts"]["improved"] == 1 and found["missing"] == 1
    assert found["better"] == "lower"  # the document's
    assert found["parameters"]["reliability"] == 0.89
    assert found["reliability_from"]["kind"] == "alpha"
    assert phq9.change_table("pre,post\n20,6\n18,17\n", "pre", "post",
                             reliability=0.9)["reliability_from"] is None
    with pytest.raises(stepwell.InvalidError, match="line 2.*outside 0 to 27"):
        phq9.change_table("pre,post\n40,6\n", "pre", "post", sd=5.8)
    with pytest.raises(stepwell.InvalidError, match="line 2"):
        phq9.change_table("pre,post\n20\n", "pre", "post")
    # Of a questionnaire without a total, by the subscale that is named.
    hads = stepwell.Instrument.load("hads")
    with pytest.raises(stepwell.InvalidError, match="anxiety, depression"):
        hads.change_table("pre,post\n20,6\n11,3\n", "pre", "post",
                          reliability=.8)
    with pytest.raises(stepwell.InvalidError, match="outside 0 to 21"):
        hads.change_table("pre,post\n40,6\n11,3\n", "pre", "post",
                          reliability=.8, subscale="anxiety")
    assert hads.change_table("pre,post\n20,6\n11,3\n", "pre", "post", sd=4,
                             reliability=.8, subscale="anxiety"
                             )["counts"]["improved"] == 2
    pairs = polars.DataFrame({"pre": [20.0, 15.5], "post": [6, 7]})
    with pytest.raises(stepwell.InvalidError,
                       match="row 1 .*no answers.*15 and 16") as caught:
        phq9.change_table(pairs, "pre", "post", sd=5.8)
    assert caught.value.offset is None


def courses_frame(**changes):
    """The courses of COURSES as a data frame, with days."""
    day = datetime.date
    return polars.DataFrame({
        "team": ["a", "b", "b"], "phq9_first": [15, 12, 5],
        "phq9_last": [6.0, None, 5.0], "gad7_first": [12, 10, 3],
        "gad7_last": [5, None, 3], "treatment_contacts": [3, 2, 2],
        "referral_received": [day(2025, 1, 6)] * 3,
        "first_treatment": [day(2025, 2, 17), day(2025, 2, 18), None],
        "notes": [[1], [2], [3]]} | changes)


def test_data_frames_count_as_their_text_does(phq9):
    table = courses_frame()
    text = table.drop("notes").write_csv().replace("6.0", "6").replace(
        "5.0", "5")
    expected = stepwell.outcomes(text, by="team")
    assert expected["counts"]["finished"] == 3
    assert expected["counts"]["started"] is not None
    undated = stepwell.outcomes(table.drop("first_treatment"))
    assert undated["counts"]["started"] is None
    assert expected["measures"][0]["percent"] == 50
    assert stepwell.outcomes(table, by="team") == expected
    assert stepwell.outcomes(table.to_arrow(), by="team") == expected
    pandas = table.drop("notes").to_pandas()
    pandas["team"] = pandas["team"].astype("category")
    assert stepwell.outcomes(pandas, by="team") == expected
    timed = table.with_columns(
        polars.col("team").cast(polars.Categorical),
        polars.col("first_treatment").cast(polars.Datetime("ns")))
    assert stepwell.outcomes(timed, by="team") == expected
    pairs = table.select("phq9_first", "phq9_last")
    assert phq9.change_table(pairs, "phq9_first", "phq9_last", sd=5.8) == (
        phq9.change_table(text, "phq9_first", "phq9_last", sd=5.8))


@pytest.mark.parametrize("column, values, says", [
    ("phq9_last", [6.5, None, 5], "row 0 .*phq9_last.*whole score"),
    ("phq9_last", [6.0, float("nan"), 5.0], 'row 1 .*"nan"'),
    ("gad7_last", [5, 22, 3], "row 1 .*0 to 21"),
    ("gad7_last", ["5", "high", "3"], "row 1 .*high"),
    ("gad7_first", [[1], [2], [3]], "Arrow type"),
    ("first_treatment", [datetime.datetime(2025, 2, 17, 9)] * 3, "no date"),
    ("first_treatment", [datetime.date(2024, 2, 17)] * 3, "lies before"),
    ("phq9_first", polars.Series([15, 12, 5], dtype=polars.Decimal(10, 2)),
     "Arrow type")])
def test_a_cell_that_is_wrong_is_named(column, values, says):
    with pytest.raises(stepwell.InvalidError, match=says):
        stepwell.outcomes(courses_frame(**{column: values}))


def test_categories_are_no_numbers(phq9):
    """Their codes would make a score of answers that nobody gave."""
    words = polars.Series(["3", "2", "1"], dtype=polars.Categorical)
    with pytest.raises(stepwell.InvalidError, match="Arrow type"):
        phq9.score_columns(frame(q1=words)).to_polars()
    sexes = polars.Series(["female", "male", None], dtype=polars.Categorical)
    with stepwell.Instrument.load("audit-c") as audit:
        table = polars.DataFrame({"q1": [1, 1, 1], "q2": [1, 1, 1],
                                  "q3": [1, 1, 1], "sex": sexes})
        flags = audit.score_columns(table).to_polars()["flag_positive"]
        assert flags.to_list() == [True, False, None]


def test_nested_columns_hold_no_numbers():
    arrow = pytest.importorskip("pyarrow")
    table = courses_frame().drop("notes").to_arrow()
    place = table.column_names.index("treatment_contacts")
    runs = arrow.RunEndEncodedArray.from_arrays([3], [2])
    with pytest.raises(stepwell.InvalidError, match="Arrow type"):
        stepwell.outcomes(table.set_column(place, "treatment_contacts", runs))
    nothing = table.set_column(2, "phq9_last", arrow.nulls(3))
    assert stepwell.outcomes(nothing)["counts"]["unclassified"] == 3


def test_what_is_no_table_is_refused(phq9):
    for table in (3, None, [1], {"phq9_first": [1]}):
        with pytest.raises(TypeError, match="__arrow_c_stream__"):
            stepwell.outcomes(table)
    with pytest.raises(stepwell.NotFoundError, match="phq9_first"):
        stepwell.outcomes(polars.DataFrame({"a": [1]}))
    with pytest.raises(stepwell.InvalidError, match="no courses"):
        stepwell.outcomes(courses_frame().head(0))
    with pytest.raises(stepwell.InvalidError):
        phq9.change_table(polars.DataFrame({"a": [], "b": []}), "a", "b",
                          sd=5.8)


def test_outcomes_of_a_service(service, case, now, later):
    """The report is the same again, whatever is corrected since."""
    case.submit_response("phq9", [2] * 8 + [0], now, id="r1",
                         response_id="one")
    report = service.outcomes(now, by="route")
    assert report["counts"]["courses"] == 1 and report["counts"]["finished"] == 0
    assert [group["name"] for group in report["groups"]] == ["self"]
    # The table of courses counts as the log does.
    assert stepwell.outcomes(service.table("course", now),
                             by="route")["counts"]["courses"] == 1
    assert {m["id"] for m in report["measures"]} >= {"recovery", "forms_completed"}
    case.submit_response("phq9", [1] * 8 + [0], later(hours=5), id="r2",
                         response_id="one")
    assert service.outcomes(later(hours=6), by="route") != report
    assert service.outcomes(later(hours=6), by="route",
                            as_known_at=now) == report
    corrected = service.outcomes(later(hours=6), as_known_at=now,
                                 as_corrected=True)["as_corrected"]
    assert [(c["column"], c["as_known"], c["as_corrected"])
            for c in corrected["courses"]] == [("phq9_first", 16, 8)]
    head = report["stamp"]["log_head"]
    assert service.outcomes(later(hours=6), by="route", as_known_at=now,
                            log_head=head) == report
    with pytest.raises(stepwell.PreconditionError, match="another head"):
        service.outcomes(later(hours=6), by="route", log_head=head)
    with pytest.raises(stepwell.InvalidError, match="by"):
        service.outcomes(now, by="team")


def test_the_log_as_data_frames(service, case, now, later, tmp_path):
    """The tables join, and Arrow keeps every value."""
    case.submit_response("phq9", [2] * 7 + [None, 0], now, id="r1")
    case.submit_response("phq9", [1] * 9, later(hours=5), id="r2")
    at = later(hours=6)
    responses = service.table("response", at).to_polars()
    answers = service.table("answer", at).to_polars()
    scores = service.table("score", at).to_polars()
    assert responses["answers"].to_list() == [8, 9]
    joined = responses.join(answers, on=["case", "response"])
    assert joined.height == answers.height == responses["answers"].sum()
    assert scores["score"].to_list() == [None, 9.0]
    assert scores["missing"].to_list() == [1, 0]
    assert scores.join(responses, on=["case", "response"]).height == 2
    assert service.table("score", at, as_known_at=now).to_polars().height == 1
    frame = service.table("referral", at).to_pandas()
    assert list(frame["route"]) == ["self"]
    outcomes = service.table("outcomes", at, by="route").to_polars()
    assert set(outcomes["group"].unique()) == {None, "self"}
    document = stepwell.catalogue_document("instruments/phq-9.json")
    rescored = service.table("rescored", at, instrument=document)
    assert rescored.to_polars().height == 0
    document["version"] = "1.1"
    document["score"]["bands"]["list"][2].update({"from": 9})
    document["score"]["bands"]["list"][1].update({"to": 8})
    path = tmp_path / "other.json"
    path.write_text(json.dumps(document))
    with stepwell.Instrument.load(document) as other:
        for instrument in (document, json.dumps(document), path, other):
            rescored = service.table("rescored", at, instrument=instrument)
            assert rescored.to_polars()["band_after"].to_list() == ["moderate"]
    assert service.table("rescored", at,
                         instrument="PHQ-9").to_polars().height == 0
    for wrong, says in [("phq-99", "phq-99"), ("{", "no JSON")]:
        with pytest.raises(ValueError if wrong == "{"
                           else stepwell.NotFoundError, match=says):
            service.table("rescored", at, instrument=wrong)
    with pytest.raises(stepwell.InvalidError, match="tables.md"):
        service.table("scores", at).to_polars()


def test_the_days_of_a_period_go_by_their_names():
    ended = courses_frame(discharged=[datetime.date(2025, 6, i)
                                      for i in (1, 2, 3)])
    found = stepwell.outcomes(ended, start=datetime.date(2025, 6, 2),
                              end="2025-06-30")
    assert found["counts"]["finished"] == 2
    assert found["period"] == {"from": "2025-06-02", "to": "2025-06-30"}
    with pytest.raises(ValueError, match="start is '2 June'"):
        stepwell.outcomes(ended, start="2 June")
    with pytest.raises(ValueError, match="end is '2025-6-30'"):
        stepwell.outcomes(ended, end="2025-6-30")
    with pytest.raises(TypeError, match="end must be a date"):
        stepwell.outcomes(ended, end=datetime.datetime(2025, 6, 30))
    with pytest.raises(ValueError, match="end is '2025-02-30'"):
        stepwell.outcomes(ended, end="2025-02-30")


def test_outcomes_of_courses():
    found = stepwell.outcomes(COURSES, by="team")
    recovery = found["measures"][0]
    assert (recovery["numerator"], recovery["denominator"]) == (1, 2)
    assert [g["name"] for g in found["groups"]] == ["a", "b"]
    with pytest.raises(stepwell.NotFoundError, match="nhs-tt"):
        stepwell.outcomes(COURSES, definition="none")
    with pytest.raises(stepwell.InvalidError, match="line 2"):
        stepwell.outcomes(COURSES.replace("15", "99"))
