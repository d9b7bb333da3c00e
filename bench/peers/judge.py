"""Holds what an engine gave against the official suite: the same rule for
every engine, and the one of tests/fhir/fhirpath_suite_test.cc."""

from decimal import Decimal, InvalidOperation

# Written down with a result, but its own note says that it must fail.
EXPECTED_ERROR = 798


def text_of(item, typed):
    text = str(item["value"])
    text = text.removeprefix("@").removeprefix("T")
    return (item["type"] + ":" if typed else "") + text


def loose(item):
    """The value alone; 1.50 and 1.5 are one."""
    text = text_of(item, False)
    number, space, unit = text.partition(" ")
    try:
        return str(Decimal(number).normalize() + 0) + space + unit
    except InvalidOperation:
        return text


def same(test, got, show):
    """`show(item, typed)` is what is compared of an item."""
    want = [show(o, o.get("type") is not None) for o in test["outputs"]]
    # What has no type in the suite is compared without it.
    if len(want) != len(got):
        return False
    have = [show(g, o.get("type") is not None)
            for g, o in zip(got, test["outputs"])]
    if test.get("ordered") is False:
        want, have = sorted(want), sorted(have)
    return want == have


def passes(test, answer, exact=True):
    """`answer`: a list of {"type", "value"}, or {"error"}."""
    if test["invalid"] or test["index"] == EXPECTED_ERROR:
        return "error" in answer
    if "error" in answer:
        return False
    if test["predicate"]:
        holds = bool(answer) and str(answer[0]["value"]) != "false"
        return holds == (test["outputs"][0]["value"] == "true")
    return same(test, answer,
                text_of if exact else lambda item, typed: loose(item))
