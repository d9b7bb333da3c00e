"""The sentences of the demo's second half against the figures of the same
simulations as JSON: every number in them is that of a measure.

usage: check_sentences.py FOLDER     (1.txt, base.json, doubled.json, leave.json)
"""

import json
import pathlib
import re
import sys

START = ("wait", "referral_to_start")
SECOND = ("wait", "first_to_second_contact", "mean")


def said_by(text):
    return re.findall(r"^  In a sentence: (.*)$", text, re.M)


class Figures:
    def __init__(self, path):
        self.result = json.loads(path.read_text())

    def mean(self, *key):
        found, = (m["mean"] for m in self.result["measures"]
                  if (m["name"], m["stratum"], m["statistic"]) == key)
        return found

    def whole(self, *key):
        return f"{self.mean(*key):.0f}"

    def percent(self, *key):
        share = self.mean(*key)
        return "less than 1" if 0 < share < 0.005 else f"{100 * share:.0f}"

    def of_replications(self, *key):
        return [r["value"] for r in self.result["replications"]
                if (r["name"], r["stratum"], r["statistic"]) == key]


def base_says(base):
    return (f"of {base.whole('referrals', 'all', 'count')} applicants in the "
            f"year {base.percent(*START, 'share_reached')} % start treatment "
            f"at all, after {base.whole(*START, 'mean')} days on average; of "
            "those who start or still wait "
            f"{base.percent(*START, 'share_within_6_weeks')} % start within "
            "six weeks; and the work for the therapists fills "
            f"{base.percent('load', 'team therapists', 'offered_to_capacity')}"
            " % of their time.")


def doubled_says(base, doubled):
    def pair(*key, word="whole"):
        before, after = (getattr(one, word)(*key) for one in (base, doubled))
        return after, before
    applied = pair("referrals", "all", "count")
    started = pair("started", "all", "count")
    waiting = pair(*START, "still_waiting")
    in_time = pair(*START, "share_within_6_weeks", word="percent")
    unstable = doubled.mean(*START, "mean") is None
    return (f"with twice the self-referrals {applied[0]} people apply instead "
            f"of {applied[1]}, {started[0]} instead of {started[1]} start "
            f"treatment in the year, and {waiting[0]} instead of {waiting[1]} "
            "wait for it at its end; of those who start or still wait "
            f"{in_time[0]} % instead of {in_time[1]} % start within six weeks"
            + (": with today's staff the service cannot keep up." if unstable
               else "."))


def check_leave(said, base, leave):
    found = re.fullmatch(
        r"one of three therapists on leave in August moves the second contact "
        r"by ([+-][\d.]+) \(([+-][\d.]+) to ([+-][\d.]+)\) days over the whole "
        r"year, and of those who start or still wait (.+) % start within six "
        r"weeks\.", said)
    assert found, said
    pairs = [after - before for before, after in zip(
        base.of_replications(*SECOND), leave.of_replications(*SECOND))]
    assert found[1] == f"{sum(pairs) / len(pairs):+.1f}", (said, pairs)
    assert float(found[2]) <= float(found[1]) <= float(found[3]), said
    assert found[4] == leave.percent(*START, "share_within_6_weeks"), said


def check_own(figures):
    """What the library says of the wait itself, from the same JSON."""
    said, = (s for s in figures.result["sentences"] if s.startswith(
        "From the referral to the start of treatment"))
    if figures.mean(*START, "share_reached") is not None:
        assert f": {figures.percent(*START, 'share_reached')} (" in said, said
        assert "% get there at all" in said, said
    if figures.mean(*START, "mean") is None:
        assert "No mean wait" in said, said
    else:
        assert f"waited {figures.mean(*START, 'mean'):.1f} (" in said, said


def main(folder):
    base, doubled, leave = (Figures(folder / f"{name}.json")
                            for name in ("base", "doubled", "leave"))
    said = said_by((folder / "1.txt").read_text())
    assert len(said) == 3, said
    assert said[0] == base_says(base), (said[0], base_says(base))
    assert said[1] == doubled_says(base, doubled), (
        said[1], doubled_says(base, doubled))
    assert "cannot keep up" in said[1]
    check_leave(said[2], base, leave)
    for figures in (base, doubled, leave):
        check_own(figures)
    # Nothing that is true of those who wait on is said of all applicants.
    start = base.mean(*START, "share_reached")
    assert start < 0.6 < base.mean(*START, "share_within_6_weeks")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
