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


def as_data_frame(results: dict[str, stepwell.Simulation]) -> None:
    """What changed, pair by pair of replications. Both policies meet the same
    virtual patients: the difference is the policy's. What has no figure under
    one of them (an unstable queue has no mean wait) is left out."""
    # tutorial: frame
    import polars
    key = ["name", "stratum", "statistic", "replication"]
    before, after = (polars.DataFrame(found.table("replications"))
                     for found in results.values())
    pairs = before.join(after, on=key, suffix="_doubled")
    change = polars.col("value_doubled") - polars.col("value")
    known = [question for question in QUESTIONS if all(
        found.measure(*question).mean is not None
        for found in results.values())]
    wanted = polars.DataFrame(known, schema=key[:3], orient="row")
    print(wanted.join(pairs.group_by(key[:3]).agg(
        change.mean().alias("change"), change.min().alias("from"),
        change.max().alias("to")), on=key[:3], maintain_order="left"))
    # tutorial end


def main() -> None:
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    # tutorial: simulate
    results = {policy: stepwell.simulate(
        SERVICE, SERVICE, set=changed, replications=replications, threads=2,
        progress=True) for policy, changed in POLICIES.items()}
    # tutorial end
    plain(results)
    for policy, found in results.items():
        print(f"\nSelf-referral {policy}:")
        for sentence in found.sentences:
            print(f"  {sentence}")
    try:
        as_data_frame(results)
    except ModuleNotFoundError:
        print("\n(with polars installed there would be a data frame here)")


if __name__ == "__main__":
    main()
