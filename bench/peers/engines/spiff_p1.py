"""BENCH-P1 in SpiffWorkflow. Reads what ../engines.py asks from standard input
and writes, for each way to run it, the processor time of every repeat and what
became of the cases.

Two ways: "memory" and "kept" (each command reads the case's state as JSON and
writes it again, as a host must that keeps cases over night).

The service is one BPMN process, made below. Data run along the flow here, so
modules follow one another: m2 waits for the feedback on m1, where the other
engines let it open with m1 handed in. Timers ask the system's clock; as in the
package's own way of waiting they are polled, with the clock set by us.
"""

import collections
import datetime
import importlib.metadata
import json
import platform
import sys
import tempfile
import time

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import (PythonScriptEngine,
                                              TaskDataEnvironment)
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions import timer
from SpiffWorkflow.util.task import TaskState

START = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.timezone.utc)
BANDS = ((20, "severe"), (15, "moderately_severe"), (10, "moderate"),
         (5, "mild"), (0, "minimal"))
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


class SetTime(datetime.datetime):
    """The time that timers see."""

    at = START

    @classmethod
    def now(cls, tz=None):
        return cls.at


timer.datetime = SetTime


class Model:
    """The text of a process or subprocess, a node and a flow at a time."""

    def __init__(self):
        self.parts = []

    def node(self, kind, name, inner="", **attributes):
        given = "".join(f' {key}="{value}"'
                        for key, value in attributes.items())
        self.parts.append(f'<{kind} id="{name}"{given}>{inner}</{kind}>')
        return name

    def flow(self, source, target, condition=None):
        inner = ("" if condition is None else
                 f"<conditionExpression>{condition}</conditionExpression>")
        name = f"{source}__{target}"
        self.node("sequenceFlow", name, inner, sourceRef=source,
                  targetRef=target)
        return name

    def timer(self, name, subject, kind, value, then):
        """A timer beside `subject` that does not end it."""
        self.node("boundaryEvent", name, f"<timerEventDefinition><{kind}>"
                  f"{value}</{kind}></timerEventDefinition>",
                  attachedToRef=subject, cancelActivity="false")
        self.flow(name, then)
        self.node("endEvent", f"{name}_end")
        self.flow(then, f"{name}_end")

    def script(self, name, text):
        return self.node("scriptTask", name, f"<script>{text}</script>")

    def text(self):
        return "".join(self.parts)


def risk_check(model, name, then):
    """Item 9 above nought tells the team; then the flow goes on."""
    model.node("exclusiveGateway", f"{name}_risk",
               default=f"{name}_risk__{then}")
    model.node("intermediateThrowEvent", f"{name}_tell",
               '<signalEventDefinition signalRef="risk"/>')
    model.flow(name, f"{name}_risk")
    model.flow(f"{name}_risk", f"{name}_tell", "item9 &gt; 0")
    model.flow(f"{name}_risk", then)
    model.flow(f"{name}_tell", then)


def care():
    """From the first module to discharge, with the weekly clock beside it."""
    model = Model()
    before = model.node("startEvent", "care_start")
    for k in range(1, 9):
        for kind in "mqf":
            model.node("userTask", f"{kind}{k}")
        model.flow(before, f"m{k}")
        model.flow(f"m{k}", f"q{k}")
        risk_check(model, f"q{k}", f"f{k}")
        before = f"f{k}"
    model.script("finish", "finished = True")
    model.node("userTask", "discharge")
    model.node("endEvent", "care_end")
    model.flow("f8", "finish")
    model.flow("finish", "discharge")
    model.flow("discharge", "care_end")
    return model.text()


def active():
    model = Model()
    model.node("startEvent", "active_start")
    model.node("userTask", "screen")
    model.flow("active_start", "screen")
    risk_check(model, "screen", "depressed")
    model.node("exclusiveGateway", "depressed",
               default="depressed__closing")
    model.node("subProcess", "care", care())
    model.node("userTask", "closing")
    model.node("endEvent", "active_end")
    model.flow("depressed", "care", "total &gt;= 5")
    model.flow("depressed", "closing")
    model.flow("care", "active_end")
    model.flow("closing", "active_end")
    model.script("week_over", "notify(case, 'owner', 'week_over')")
    model.timer("week", "care", "timeCycle", '"R/P7D"', "week_over")
    return model.text()


def alert():
    """After 30 days the team hears of it, then daily, till it is assessed."""
    model = Model()
    model.node("startEvent", "alert_start")
    model.node("userTask", "risk_form")
    model.node("endEvent", "alert_end", "<terminateEventDefinition/>")
    model.flow("alert_start", "risk_form")
    model.flow("risk_form", "alert_end")
    for name, wait in (("month", "P30D"), ("day", "P1D")):
        model.node("intermediateCatchEvent", name, "<timerEventDefinition>"
                   f'<timeDuration>"{wait}"</timeDuration>'
                   "</timerEventDefinition>")
        model.flow(name, "alert_waits")
    model.script("alert_waits", "notify(case, 'team', 'alert_waits')")
    model.flow("alert_start", "month")
    # A loop needs a way out, or the package foresees it for ever.
    model.node("exclusiveGateway", "again", default="again__no_more")
    model.node("endEvent", "no_more")
    model.flow("alert_waits", "again")
    model.flow("again", "day", "item9 &gt; 0")
    model.flow("again", "no_more")
    return model.text()


def process():
    model = Model()
    model.node("startEvent", "start")
    model.node("userTask", "triage")
    model.node("subProcess", "active", active())
    model.node("endEvent", "end")
    model.flow("start", "triage")
    model.flow("triage", "active")
    model.flow("active", "end")
    model.node("userTask", "silent")
    model.timer("silence", "active", "timeDuration", '"P365D"', "silent")
    model.node("boundaryEvent", "flagged",
               '<signalEventDefinition signalRef="risk"/>',
               attachedToRef="active", cancelActivity="false")
    model.node("subProcess", "alert", alert())
    model.node("endEvent", "assessed")
    model.flow("flagged", "alert")
    model.flow("alert", "assessed")
    return (f'<definitions xmlns="{BPMN}" id="bench" targetNamespace="bench">'
            '<signal id="risk" name="risk"/><process id="p1" '
            f'isExecutable="true">{model.text()}</process></definitions>')


def score(answers):
    """PHQ-9: the sum of nine answers from 0 to 3."""
    if any(answer not in (0, 1, 2, 3) for answer in answers):
        raise ValueError(f"answers are 0 to 3, not {answers}")
    total = sum(answers)
    band = next(name for least, name in BANDS if total >= least)
    return {"total": total, "band": band, "item9": answers[8]}


def ready(case, name):
    """The open task of that name; innermost first, where most of them are."""
    for part in (*reversed(list(case.subprocesses.values())), case):
        task = part.get_next_task(state=TaskState.READY, spec_name=name)
        if task is not None:
            return task
    raise ValueError(f"{name} is not open")


class Service:
    def __init__(self, count):
        self.heard = [collections.Counter() for _ in range(count)]
        self.engine = PythonScriptEngine(
            TaskDataEnvironment({"notify": self.notify}))
        with tempfile.NamedTemporaryFile("w", suffix=".bpmn") as file:
            file.write(process())
            file.flush()
            parser = BpmnParser()
            parser.add_bpmn_file(file.name)
        spec = parser.get_spec("p1")
        subprocesses = parser.get_subprocess_specs("p1")
        SetTime.at = START
        self.cases = []
        for i in range(count):
            case = BpmnWorkflow(spec, subprocesses, script_engine=self.engine)
            case.do_engine_steps()
            ready = case.get_next_task(state=TaskState.READY, manual=True)
            ready.data.update(case=i, scores=[], done=0, owner="team",
                              finished=False, item9=0)
            self.keep(i, case)

    def notify(self, case, to, template):
        self.heard[case][template] += 1

    def keep(self, i, case):
        if i == len(self.cases):
            self.cases.append(case)

    def load(self, i):
        return self.cases[i]

    def complete(self, i, name, **facts):
        case = self.load(i)
        data = (task := ready(case, name)).data
        data.update(facts, done=data["done"] + 1)
        if "total" in facts:
            data["scores"] = [*data["scores"], facts["total"]]
        task.run()
        case.do_engine_steps()
        self.keep(i, case)

    def advance(self, now):
        """Returns how many clocks spoke."""
        SetTime.at = now
        before = sum(sum(heard.values()) for heard in self.heard)
        for i in range(len(self.cases)):
            case = self.load(i)
            case.refresh_timers()
            case.do_engine_steps()
            self.keep(i, case)
        return sum(sum(heard.values()) for heard in self.heard) - before


class Kept(Service):
    def __init__(self, count):
        self.serializer = BpmnWorkflowSerializer(
            BpmnWorkflowSerializer.configure())
        super().__init__(count)

    def keep(self, i, case):
        text = self.serializer.serialize_json(case)
        if i == len(self.cases):
            self.cases.append(text)
        else:
            self.cases[i] = text

    def load(self, i):
        case = self.serializer.deserialize_json(self.cases[i])
        case.script_engine = self.engine
        return case


def run(service, count, work):
    commands = 0
    for i in range(count):
        service.complete(i, "triage", owner="tess")
        service.complete(i, "screen", **score([*work["answers"], 0]))
        commands += 2
    for k in range(1, 9):
        for i in range(count):
            risk = k == work["risk_module"] and i % work["risk_every"] == 0
            service.complete(i, f"m{k}")
            service.complete(i, f"q{k}", **score([*work["answers"],
                                                  int(risk)]))
            service.complete(i, f"f{k}")
            commands += 3
        # A timer fires when its time is past.
        commands += service.advance(
            START + datetime.timedelta(days=7 * k, seconds=k))
    for i in range(count):
        service.complete(i, "discharge", answered="discharged")
        commands += 1
    return commands


def outcome(service, i):
    case = service.load(i)
    last = case.get_next_task(spec_name="discharge").data
    waiting = [task.task_spec.name for task in
               case.get_tasks(state=TaskState.READY, manual=True)]
    ended = case.get_next_task(spec_name="active").state
    return {
        "pathway": ("discharged" if ended == TaskState.COMPLETED
                    else TaskState.get_name(ended)),
        "risk": "flagged" if "risk_form" in waiting else "none",
        "finished": last["finished"], "answered": last["answered"],
        "owner": last["owner"], "scores": last["scores"],
        "band": last["band"], "done": last["done"], "open": sorted(waiting),
        "weeks": service.heard[i]["week_over"],
        "alerts": service.heard[i]["alert_waits"]}


def measure(name, kind, work):
    count, warm_up = work["cases"][name], work["warm_up_cases"]
    run(kind(warm_up), warm_up, work)
    row = {"name": name, "cases": count, "seconds": []}
    for _ in range(work["repeats"]):
        service = kind(count)
        before = time.thread_time()
        row["commands"] = run(service, count, work)
        row["seconds"].append(time.thread_time() - before)
    found = collections.Counter(
        json.dumps(outcome(service, i)) for i in range(count))
    row["outcomes"] = [[json.loads(text), cases]
                       for text, cases in found.items()]
    return row


def main():
    work = json.load(sys.stdin)
    json.dump({
        "version": importlib.metadata.version("SpiffWorkflow"),
        "runtime": f"Python {platform.python_version()}",
        "rows": [measure("memory", Service, work),
                 measure("kept", Kept, work)],
    }, sys.stdout)


if __name__ == "__main__":
    main()
