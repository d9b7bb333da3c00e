"""fhirpathpy as a peer of bench/peers/run.py; speaks as fhirpath_js.js does."""

import json
import sys
import time
from decimal import Decimal

import fhirpathpy
from fhirpathpy.engine.nodes import ResourceNode, TypeInfo
from fhirpathpy.models import models

R4 = models["r4"]


def item(value):
    """{"type", "value"} as the suite spells them."""
    info = TypeInfo.from_value(value)
    name = info.name if info is not None else ""
    if name and info.namespace == "System" and name != "Quantity":
        name = name[0].lower() + name[1:]
    plain = value.data if isinstance(value, ResourceNode) else value
    # Dates and quantities as they were written, not as they were completed.
    text = getattr(plain, "asStr", None)
    if text is None:
        text = ({True: "true", False: "false"}[plain]
                if isinstance(plain, bool) else str(plain))
    return {"type": name, "value": text}


def evaluate(test):
    resource = test["resource"]
    variables = {} if resource is None else {"resource": resource}
    try:
        found = fhirpathpy.evaluate({} if resource is None else resource,
                                    test["expression"], variables, R4,
                                    {"returnRawData": True})
        return [item(value) for value in found]
    except Exception as error:  # whatever it throws is its answer
        return {"error": f"{type(error).__name__}: {error}"}


def nanoseconds(entry, seconds):
    resource = entry["resource"]
    model = R4 if entry["model"] == "r4" else None
    run = fhirpathpy.compile(entry["expression"], model)
    variables = {"resource": resource}
    count, best, rounds = 1, float("inf"), 0
    while rounds < 5:
        begin = time.process_time_ns()
        for _ in range(count):
            run(resource, variables)
        took = time.process_time_ns() - begin
        if took < 1e9 * seconds / 10:  # too short to tell
            count *= 2
            continue
        best, rounds = min(best, took / count), rounds + 1
    return {"nanoseconds": best,
            "gives": json.dumps(run(resource, variables), default=str)}


def speed(entry, seconds):
    try:
        return nanoseconds(entry, seconds)
    except Exception as error:  # it cannot do this one
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    out, sys.stdout = sys.stdout, sys.stderr  # trace() speaks
    # A number with a fraction comes as its text.
    request = json.loads(
        sys.stdin.read(),
        object_hook=lambda o: Decimal(o["$decimal"]) if "$decimal" in o else o)
    answer = {"version": fhirpathpy.__version__}
    if "tests" in request:
        answer["results"] = [evaluate(test) for test in request["tests"]]
    if "speed" in request:
        answer["speed"] = {
            entry["name"]: speed(entry, float(request["seconds"]))
            for entry in request["speed"]}
    json.dump(answer, out)


main()
