"""What is told late, and what is taken back again."""

import pathlib

import stepwell
from conftest import HOST, NOW, begin

PROTOCOLS = pathlib.Path(__file__).parents[1] / "protocols"


def open_service():
    return stepwell.Service.create(
        "memory:", (PROTOCOLS / "handover.json").read_text(), NOW,
        prototype=True)


def events(case, name, now):
    return [e for e in case.timeline(now) if e.event == name]


def test_the_same_fact_told_late_stands_when_the_newer_is_gone(later):
    with open_service() as service:
        case, today = service.case(begin(service)), later(days=8)

        def tell(number, value, day):
            case.submit("record_fact", today, id=f"f{number}", staff="anna",
                        fact="age", value=value,
                        at=later(days=day).isoformat()).raise_if_rejected()

        tell(1, 40, 6)
        tell(2, 40, 2)  # the same, earlier
        tell(3, 39, 4)  # another one between them
        told = events(case, "FactRecorded", today)
        assert [e.get("outdone", False) for e in told] == [False, True, True]

        def take_back(fact):
            done = case.submit("void_event", today, id=f"v{fact.seq}",
                               staff="anna", target=fact.seq, reason="wrong")
            assert done.accepted, done.reason
            return events(case, "Voided", today)[-1]["facts_restored"]

        assert take_back(told[0])[0]["value"] == 39
        assert take_back(told[2])[0]["value"] == 40
        again = case.submit("void_event", today, id="v", staff="anna",
                            target=told[0].seq, reason="wrong")
        assert again.code == "not_voidable"
        # As it was then, by what is known now: nothing that was taken back.
        view = case.view(today, as_of=later(days=7), axis="clinical")
        assert len([e for e in view.timeline
                    if e.event == "FactRecorded"]) == 1
        assert service.verify().ok


def test_a_consent_that_ran_out_says_whose_it_was(later):
    with open_service() as service:
        case = service.case(begin(service))
        case.submit("record_fact", NOW, id="age", staff="anna", fact="age",
                    value=12).raise_if_rejected()
        for number, day in (("2", 0), ("3", 9)):
            person = {"system": "s", "value": number}
            at = later(days=day)
            service.submit({"id": f"g{number}", "command": "register_person",
                            "actor": HOST, "person": person}, at)
            service.submit({"id": f"r{number}", "command": "relate_person",
                            "actor": HOST, "case": case.who,
                            "related": person, "role": "guardian"},
                           at).raise_if_rejected()
            case.submit("record_consent", at, id=f"c{number}",
                        consent_purpose="sharing", given=True, by="guardian",
                        related=person).raise_if_rejected()
        service.advance(later(days=31))
        first, *_ = events(case, "ConsentRecorded", later(days=31))
        over, = events(case, "ValidityEnded", later(days=31))
        assert over["consents"] == ["sharing"]
        assert over["related"] == [first["related"]]
