"""Second signs and reviews of staff, from Python."""

import pathlib

import stepwell
from conftest import HOST, NOW, begin

PROTOCOLS = pathlib.Path(__file__).parents[1] / "protocols"


def service_with_staff(later):
    service = stepwell.Service.create(
        "memory:", (PROTOCOLS / "supervision.json").read_text(), NOW,
        prototype=True)
    for staff, pool, members in (
            ("tea", "team", {"new_until": later(days=90).isoformat()}),
            ("lena", "leads", {})):
        service.submit({"id": staff, "command": "add_staff", "actor": HOST,
                        "staff": staff, "pools": [pool], **members},
                       NOW).raise_if_rejected()
    return service


def test_who_signs_sees_whose_work_it_is(later):
    with service_with_staff(later) as service:
        case = service.case(begin(service))
        case.work_item("ending", "open", NOW, id="o", staff="tea",
                       reason="r").raise_if_rejected()
        asked = case.work_item("ending", "complete", NOW, id="c", staff="tea",
                               outcome="redirected")
        assert "SignAsked" in asked.events
        line, = service.worklist(NOW, viewer="lena").lines
        assert (line.what, line.state, line.of) == (
            "ending", "signed_once", "tea")
        own = case.work_item("ending", "sign", NOW, id="s", staff="tea")
        assert own.rejected and own.code == "own_work"
        assert case.view(NOW).open
        case.work_item("ending", "sign", NOW, id="t",
                       staff="lena").raise_if_rejected()
        assert not case.view(NOW).open


def test_reviews_are_drawn_once(later):
    with service_with_staff(later) as service:
        case = service.case(begin(service))
        case.send_message("m", "How are you?", NOW, id="m", staff="tea",
                          thread="t1").raise_if_rejected()
        end = later(days=40)
        service.advance(end)
        month = {"command": "draw_reviews", "actor": HOST,
                 "month": NOW.strftime("%Y-%m")}
        assert service.submit({"id": "d", **month}, end).accepted
        again = service.submit({"id": "e", **month}, end)
        assert again.rejected and again.code == "month_drawn"
        line, = [line for line in service.worklist(end, owner="leads").lines
                 if line.what == "thread_review"]
        assert line.of == "tea" and "t1" in line.note
        done = case.work_item(
            "thread_review", "complete", end, id="f", staff="lena",
            checklist={"warm": "yes", "next_step": "not_applicable"})
        assert "ReviewAnswered" in done.events


def test_a_review_of_several_is_named(later):
    with service_with_staff(later) as service:
        case = service.case(begin(service))
        for n in (1, 2):
            case.send_message(f"m{n}", "How are you?", NOW, id=f"m{n}",
                              staff="tea", thread=f"t{n}").raise_if_rejected()
        end = later(days=40)
        service.advance(end)
        service.submit({"id": "d", "command": "draw_reviews", "actor": HOST,
                        "month": NOW.strftime("%Y-%m")},
                       end).raise_if_rejected()

        def reviews():
            return [line for line in service.worklist(end, owner="leads").lines
                    if line.what == "thread_review"]

        first, second = reviews()
        assert (first.occurrence, second.occurrence) == (1, 2)
        answers = {"warm": "yes", "next_step": "not_applicable"}
        guessed = case.work_item("thread_review", "complete", end, id="f",
                                 staff="lena", checklist=answers)
        assert guessed.rejected and guessed.code == "which_occurrence"
        assert first.note in guessed.reason and second.note in guessed.reason
        case.work_item("thread_review", "complete", end, id="g", staff="lena",
                       occurrence=first.occurrence,
                       checklist=answers).raise_if_rejected()
        left, = reviews()
        assert left.note == second.note
