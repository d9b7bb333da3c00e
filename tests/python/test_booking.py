"""Slots, seats and transfers, from Python."""

import pathlib

import stepwell
from conftest import HOST, NOW, begin

PROTOCOLS = pathlib.Path(__file__).parents[1] / "protocols"


def made_of(name):
    return stepwell.Service.create(
        "memory:", (PROTOCOLS / name).read_text(), NOW, prototype=True)


def test_a_slot_is_offered_seen_and_booked(later):
    with made_of("booking.json") as service:
        case = service.case(begin(service))
        case.submit("offer_slots", NOW, id="o", staff="anna",
                    item="first_visit",
                    slots=[{"id": "a", "starts_at": later(days=3),
                            "mode": "video", "place": "room 2"}]
                    ).raise_if_rejected()
        entry, = [e for e in case.portal(NOW).entries
                  if e.item == "first_visit"]
        slot, = entry.slots
        assert (slot.id, slot.starts_at, slot.mode, slot.minutes) == (
            "a", later(days=3), "video", None)
        booked = service.submit(
            {"id": "b", "command": "change_appointment",
             "actor": {"role": "patient"}, "case": case.who,
             "item": "first_visit", "action": "book", "slot": "a"}, NOW)
        assert booked.accepted and "AppointmentChanged" in booked.events
        entry, = [e for e in case.portal(NOW).entries
                  if e.item == "first_visit"]
        assert (entry.appointment, entry.mode, entry.place) == (
            "booked", "video", "room 2")
        gone = case.change_appointment("first_visit", "reschedule", NOW,
                                       id="c", staff="anna", slot="zzz")
        assert gone.rejected and gone.code == "slot_gone"


def test_a_group_is_opened_and_a_seat_taken(later):
    with made_of("booking.json") as service:
        case = service.case(begin(service))
        service.submit({"id": "g", "command": "open_group", "actor": HOST,
                        "group": "spring", "kind": "course",
                        "starts_at": later(days=20)}, NOW).raise_if_rejected()
        case.work_item("worry_course", "open", NOW, id="w", staff="anna",
                       reason="worries").raise_if_rejected()
        entry, = [e for e in case.portal(NOW).entries
                  if e.item == "worry_course"]
        assert [(g.group, g.free) for g in entry.groups] == [("spring", 4)]
        case.change_appointment("worry_course", "book", NOW, id="b",
                                staff="anna",
                                group="spring").raise_if_rejected()
        entry, = [e for e in case.portal(NOW).entries
                  if e.item == "worry_course"]
        assert (entry.appointment, entry.group) == ("booked", "spring")
        assert entry.groups[0].free == 3


def test_a_call_off_names_its_session(later):
    with made_of("booking.json") as service:
        case = service.case(begin(service))
        service.submit({"id": "g", "command": "open_group", "actor": HOST,
                        "group": "spring", "kind": "course", "minimum": 1,
                        "starts_at": later(days=20)}, NOW).raise_if_rejected()
        case.work_item("worry_course", "open", NOW, id="w", staff="anna",
                       reason="worries").raise_if_rejected()
        case.change_appointment("worry_course", "book", NOW, id="b",
                                staff="anna",
                                group="spring").raise_if_rejected()
        settled = later(days=18, hours=1)
        service.advance(settled)

        def seat():
            return next(e for e in case.portal(settled).entries
                        if e.item == "worry_course")

        off = {"command": "change_appointment", "actor": {"role": "patient"},
               "case": case.who, "item": "worry_course", "action": "cancel",
               "occurrence": seat().occurrence}
        assert off["occurrence"] == 1
        first = service.submit({"id": "x", **off}, settled)
        assert first.accepted and not first.reason
        again = service.submit({"id": "y", **off}, settled)
        assert again.accepted and "called off before" in again.reason
        assert (seat().occurrence, seat().appointment) == (2, "booked")


def test_who_waited_in_vain_has_no_appointment(later):
    with made_of("booking.json") as service:
        service.submit({"id": "g", "command": "open_group", "actor": HOST,
                        "group": "spring", "kind": "course", "minimum": 1,
                        "places": 1, "starts_at": later(days=20)},
                       NOW).raise_if_rejected()
        first = begin(service)
        other = {"system": "s", "value": "other"}
        service.submit({"id": "p", "command": "register_person", "actor": HOST,
                        "person": other}, NOW).raise_if_rejected()
        second = service.submit({"id": "r", "command": "receive_referral",
                                 "actor": HOST, "person": other,
                                 "route": "self"}, NOW).raise_if_rejected()
        for n, who in enumerate((first, second.case)):
            case = service.case(who)
            case.work_item("worry_course", "open", NOW, id=f"w{n}",
                           staff="anna", reason="r").raise_if_rejected()
            case.change_appointment("worry_course", "book", NOW, id=f"b{n}",
                                    staff="anna",
                                    group="spring").raise_if_rejected()
        service.advance(later(days=19))
        entry, = [e for e in case.portal(later(days=19)).entries
                  if e.item == "worry_course"]
        assert (entry.state, entry.appointment, entry.appointment_at,
                entry.group) == ("available", "", None, "")


def test_a_transfer_waits_for_consent():
    with made_of("transfer.json") as service:
        case = service.case(begin(service))
        first = case.submit("transfer_case", NOW, id="t", staff="anna",
                            action="hand_over", to="hospital", reason="ill",
                            text="All that we know.")
        assert first.accepted and "consent" in first.reason
        assert "TransferAsked" not in first.events
        case.submit("record_consent", NOW, id="c", staff="anna",
                    consent_purpose="sharing",
                    given=True).raise_if_rejected()
        second = case.submit("transfer_case", NOW, id="u", staff="anna",
                             action="hand_over", to="hospital", reason="ill",
                             text="All that we know.")
        assert "TransferAsked" in second.events
        letter, = service.outbox().effects
        assert (letter.to, letter.receiver) == ("service", "hospital")
        assert letter.text == "All that we know."
        done = service.submit({"id": "v", "command": "transfer_case",
                               "actor": HOST, "case": case.who,
                               "action": "confirm"}, NOW)
        assert "EpisodeClosed" in done.events
        assert not case.view(NOW).open
