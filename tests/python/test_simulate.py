"""Simulation from Python."""

import json
import os
import pickle
import signal
import threading
import time

import pytest

import stepwell
from stepwell import _simulate

SERVICE = "catalogue:icbt_sweden"
SHORT = {"horizon.days": 30, "horizon.warm_up_days": 0}


def short(**more):
    return stepwell.simulate(SERVICE, SERVICE, **{
        "set": SHORT, "replications": 2, **more})


@pytest.fixture(scope="module")
def found():
    return short()


def test_it_finds_measures_with_intervals(found):
    arrived = found.measure("referrals", "all", "count")
    assert arrived.low <= arrived.mean <= arrived.high and arrived.n == 2
    assert arrived.unit == "persons" and "referrals, all" in str(arrived)
    assert found.cases > 50 and found.commands > 1000 and found.events > 1000
    assert found.sentences and found.manifest["seed"] == 1
    with pytest.raises(KeyError, match="there are"):
        found.measure("referrals", "all", "nothing")
    nobody = next(m for m in found.measures if m.mean is None)
    assert nobody.note and nobody.low is None and "none (" in str(nobody)


def test_an_unstable_service_says_so_everywhere():
    over = stepwell.simulate(SERVICE, SERVICE, replications=2, threads=2, set={
        "arrivals.self.per_year": 5400, "horizon.warm_up_days": 100,
        "horizon.days": 200})
    wait = ("wait", "referral_to_start")
    assert over.measure(*wait, "mean").mean is None
    assert "none (unstable: " in str(over.measure(*wait, "mean"))
    share = over.measure(*wait, "share_within_6_weeks")
    assert share.mean is not None
    assert str(share).endswith(f"share ({share.note})") and share.note
    # The values of single replications are withheld too.
    lengths = {row["value"] for row in over["replications"]
               if row["name"] == "wait"
               and row["statistic"] in ("mean", "p50", "p90")}
    assert lengths == {None}


def test_threads_change_nothing_and_seeds_do(found):
    assert short(threads=2).json == short(threads=7).json == found.json
    assert short(seed=2).json != found.json


def test_what_is_set_counts(found):
    more = short(set={**SHORT, "arrivals.self.per_year": 5400})
    assert more.measure("referrals", "all", "count").mean > (
        2 * found.measure("referrals", "all", "count").mean)


def test_two_policies_are_compared_pair_by_pair(found):
    assert found.against is None and "against" not in found
    more = short(set={**SHORT, "arrivals.self.per_year": 2700}, against=found)
    arrived = more.against.difference("referrals", "all", "count")
    assert more.against.measures == found.measures
    assert more.against.manifest == found.manifest
    values = [{row["replication"]: row["value"] for row in one["replications"]
               if (row["name"], row["statistic"]) == ("referrals", "count")}
              for one in (found, more)]
    pairs = [values[1][i] - values[0][i] for i in values[0]]
    assert arrived.mean == pytest.approx(sum(pairs) / len(pairs))
    assert arrived.low <= arrived.mean <= arrived.high and arrived.n == 2
    with pytest.raises(KeyError, match="there are"):
        more.against.difference("referrals", "all", "nothing")
    columns = more.table("differences").to_arrow().to_pydict()
    assert columns["mean"] == [m.mean for m in more.against.differences]
    # What is compared changes nothing else.
    assert more.measures == short(
        set={**SHORT, "arrivals.self.per_year": 2700}).measures


def test_only_the_same_people_are_compared(found):
    for other in ({"seed": 2}, {"replications": 3}):
        with pytest.raises(stepwell.InvalidError, match="seed|pairs"):
            short(against=found, **other)
    with pytest.raises(TypeError, match="against"):
        short(against=found.json)
    with pytest.raises(stepwell.MisuseError, match="another process"):
        short(against=pickle.loads(pickle.dumps(found)))
    with pytest.raises(stepwell.InvalidError, match="against"):
        found.table("differences").to_arrow()


def test_documents_may_be_values(found):
    plan = stepwell.catalogue_document("plans/icbt_sweden.json")
    with stepwell.Protocol.load(SERVICE) as protocol:
        same = stepwell.simulate(protocol, plan, set=SHORT, replications=2)
    assert same.measures == found.measures


def test_mistakes_are_issues():
    check = stepwell.check_plan(SERVICE, SERVICE)
    assert check.ok and check.plan == "icbt_sweden@1" and check.hash
    wrong = {"arrivals.self.per_year": -5}
    check = stepwell.check_plan(SERVICE, SERVICE, set=wrong)
    assert not check.ok and check.plan_issues[0].code == "negative"
    with pytest.raises(stepwell.DocumentError) as raised:
        short(set=wrong)
    assert raised.value.issues == check.plan_issues
    assert raised.value.pointer == "/arrivals/0/per_year"
    weekend = {"horizon.start": "2026-01-03", "horizon.days": 2,
               "horizon.warm_up_days": 0}  # no office opens
    with pytest.raises(stepwell.DocumentError) as raised:
        short(set=weekend)
    assert {i.code for i in raised.value.issues} == {"never_opens"}
    with pytest.raises(stepwell.DocumentError):
        stepwell.simulate({"protocol": 1}, SERVICE)
    with pytest.raises(stepwell.StepwellError):
        stepwell.simulate(SERVICE, "{")


def test_numbers_out_of_range_are_refused():
    for wrong in ({"replications": 0}, {"replications": 10_001},
                  {"threads": 0}, {"threads": 257}, {"seed": -1},
                  {"seed": 2**32}):
        with pytest.raises(ValueError):
            short(**wrong)
    for wrong in ({"replications": 1.5}, {"seed": "1"}, {"set": 5}):
        with pytest.raises(TypeError):
            short(**wrong)


def test_progress_is_told_to_the_end_in_the_callers_thread():
    told, threads = [], set()

    def progress(done, total):
        told.append((done, total))
        threads.add(threading.get_ident())
    short(progress=progress, threads=2)
    assert told and told[-1][0] <= told[-1][1] and told == sorted(told)
    assert threads == {threading.get_ident()}


def test_what_progress_raises_stops_it():
    def progress(done, total):
        raise RuntimeError("enough")
    with pytest.raises(RuntimeError, match="enough"):
        short(progress=progress, replications=200, threads=2)


def test_ctrl_c_stops_it_promptly():
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        stepwell.simulate(SERVICE, SERVICE, replications=10_000)
    assert time.monotonic() - begin < 20


def test_results_go_to_data_frames(found):
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    frame = pl.DataFrame(found.table())
    assert frame.height == len(found.measures)
    assert frame["mean"].to_list() == [m.mean for m in found.measures]
    rows = found.table("replications").to_arrow()
    assert rows.num_rows == len(found["replications"]) == pa.table(
        found.table("replications")).num_rows
    assert found.table().to_pandas()["name"].tolist() == [
        m.name for m in found.measures]
    with pytest.raises(stepwell.StepwellError):
        found.table("nothing").to_arrow()


def test_results_travel_without_their_tables(found):
    copy = pickle.loads(pickle.dumps(found))
    assert copy == found and copy.json == found.json
    with pytest.raises(stepwell.MisuseError, match="another process"):
        copy.table()


def test_results_make_a_table_in_notebooks(found):
    html = found._repr_html_()
    assert html.count("<tr>") == len(found.measures) + 1
    assert "<ul><li>" in html and "Simulation of icbt_sweden@1" in repr(found)
    evil = _simulate.Simulation(json.dumps(
        {"sentences": ["<script>"], "measures": [], "cases": 0}).encode())
    assert "<script>" not in evil._repr_html_()
