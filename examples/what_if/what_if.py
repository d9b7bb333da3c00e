"""What if twice as many people refer themselves? The same service is simulated
for a year as it is and with self-referral doubled.

usage: what_if.py [REPLICATIONS]      (more of them: narrower intervals)
"""

import sys

import stepwell

SERVICE = "catalogue:icbt_sweden"  # the protocol, and the plan of that name
# tutorial: policies
POLICIES = {"as it is": {}, "doubled": {"arrivals.self.per_year": 2700}}
# tutorial end
QUESTIONS = [
    ("started", "all", "count"),
    ("wait", "referral_to_assessment", "mean"),
    ("wait", "referral_to_start", "mean"),
    ("wait", "referral_to_start", "share_reached"),
    ("wait", "referral_to_start", "share_within_6_weeks"),
    ("wait", "referral_to_start", "still_waiting"),
    ("load", "team therapists", "offered_to_capacity"),
    ("alert_load", "pool duty", "per_member_week"),
]


# tutorial: figure
def figure(measure: stepwell.Measure) -> str:
    """A figure with its 95 % interval."""
    if measure.mean is None:
        return f"none ({measure.note.partition(':')[0]})"
    if measure.low is None or measure.high is None:
        return f"{measure.mean:.2f}"
    return f"{measure.mean:.2f} ({measure.low:.2f} to {measure.high:.2f})"
# tutorial end


def plain(results: dict[str, stepwell.Simulation]) -> None:
    """The questions as lines, the policies as columns."""
    print(f"{'':46}" + "".join(f"{policy:>32}" for policy in results))
    for question in QUESTIONS:
        cells = [figure(found.measure(*question))
                 for found in results.values()]
        print(f"{' '.join(question):46}" + "".join(f"{c:>32}" for c in cells))


def changes(doubled: stepwell.Simulation) -> None:
    """What changed, pair by pair of replications. Both policies meet the same
    virtual patients: the difference is the policy's. What has no figure under
    one of them (an unstable queue has no mean wait) has no difference."""
    # tutorial: difference
    assert doubled.against is not None
    for question in QUESTIONS:
        print(f"{' '.join(question):58}",
              figure(doubled.against.difference(*question)))
    # tutorial end


def as_data_frame(doubled: stepwell.Simulation) -> None:
    """The figures of both and their differences, side by side."""
    # tutorial: frame
    import polars
    key = ["name", "stratum", "statistic"]
    figures = polars.DataFrame(doubled.table("measures"))
    differences = polars.DataFrame(doubled.table("differences"))
    wanted = polars.DataFrame(QUESTIONS, schema=key, orient="row")
    print(wanted.join(figures.select(*key, doubled="mean"), on=key,
                      maintain_order="left").join(
        differences.select(*key, "low", "high", change="mean"), on=key,
        maintain_order="left"))
    # tutorial end


def main() -> None:
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    # tutorial: simulate
    results: dict[str, stepwell.Simulation] = {}
    for policy, changed in POLICIES.items():
        results[policy] = stepwell.simulate(
            SERVICE, SERVICE, set=changed, replications=replications,
            threads=2, progress=True, against=results.get("as it is"))
    # tutorial end
    plain(results)
    for policy, found in results.items():
        print(f"\nSelf-referral {policy}:")
        for sentence in found.sentences:
            print(f"  {sentence}")
    print("\nWhat doubling changes, for the same people:")
    changes(results["doubled"])
    try:
        as_data_frame(results["doubled"])
    except ModuleNotFoundError:
        print("\n(with polars installed there would be a data frame here)")


if __name__ == "__main__":
    main()
