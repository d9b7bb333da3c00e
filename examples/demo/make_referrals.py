#!/usr/bin/env python3
"""Writes referrals.json: the invented patients of the demo as a FHIR R4 Bundle.

usage: make_referrals.py [--check] [FILE]

Nobody in it is real: names are "Test Testsson 01", identifiers are of the
system urn:example:patient. The same script gives the same bytes, on any
machine; --check compares instead of writing (exit code 1 when they differ).
The cases that are there on purpose are the constants below.
"""

import datetime
import hashlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
EHR = "https://ehr.example/fhir"
GP_SYSTEM = "https://gp.example/fhir"
OWN = "https://stepwell.dev/fhir/CodeSystem"
FORMS = "https://stepwell.dev/fhir/Questionnaire"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
ZONE = "+01:00"  # Stockholm in winter: all of it happens before 29 March
FIRST_DAY = datetime.date(2026, 1, 12)

PERSONS = 39
TWO_DOORS = 5         # applies, and a GP refers as well: the 40th referral
RISK = 8              # PHQ-9 item 9 is positive
BIRTH_TIME = 11       # _birthDate carries the time of birth
NO_BIRTH_DATE = 12    # _birthDate says why there is no date
OTHER_PROBLEMS = {14: 2, 26: 3}  # panic, social anxiety: not treated here
CONTAINED = 17        # the Patient is contained in the referral
PARALLEL_THERAPY = 20
MALFORMED = 23        # the referral's status is no code
MINOR = 29            # 16 years old
SILENT = {31, 32, 33}  # never answer a form
HALF = 34             # answers the intake form only
NO_FEEDBACK = 37      # does not want letters to the referrer
RETIRED = 3           # the work item of the WSAS does not apply
LOINC_FORM = 9        # the PHQ-9 comes with LOINC codes, as LForms writes it
PHQ9_LOINC = ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7",
              "44258-2", "44252-5", "44253-3", "44260-8"]
ANSWER_LOINC = ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"]


class Dice:
    """Rolls that depend on the seed alone: Python's own may change with its
    version."""

    def __init__(self, seed):
        self.seed = seed
        self.rolls = 0

    def roll(self, low, high):
        self.rolls += 1
        digest = hashlib.blake2b(f"{self.seed} {self.rolls}".encode(),
                                 digest_size=8).digest()
        return low + int.from_bytes(digest, "big") % (high - low + 1)


def name_of(number):
    return f"{number:02d}"


def identifier(kind, value):
    return [{"system": f"urn:example:{kind}", "value": value}]


def entry(resource, base=EHR):
    return {"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
            "resource": resource}


def concept(system, code):
    return {"coding": [{"system": f"{OWN}/{system}", "code": code}]}


def route_of(number):
    return "self" if number % 5 in (0, 1, 3) else "gp"


def authored_of(number):
    """When the referral was written: a working hour, in the order of numbers."""
    dice = Dice(1000 + number)
    day = FIRST_DAY + datetime.timedelta(days=(number - 1) * 40 // PERSONS)
    if route_of(number) == "gp" and day.weekday() > 4:
        day += datetime.timedelta(days=7 - day.weekday())
    return datetime.datetime.combine(
        day, datetime.time(dice.roll(8, 16), dice.roll(0, 59)))


def stamp(moment):
    return moment.isoformat(timespec="seconds") + ZONE


def age_of(number):
    return 16 if number == MINOR else 19 + Dice(number).roll(0, 50)


def birth_date_of(number):
    dice = Dice(2000 + number)
    # Born from April on: the age holds on all days of the Bundle.
    year = 2025 - age_of(number)
    return datetime.date(year, dice.roll(4, 12), dice.roll(1, 28))


def patient(number, resource_id=None):
    text = name_of(number)
    born = birth_date_of(number).isoformat()
    resource = {
        "resourceType": "Patient", "id": resource_id or f"p{text}",
        "identifier": identifier("patient", f"test-{text}"),
        "name": [{"family": f"Testsson {text}", "given": ["Test"]}],
        "telecom": [{"system": "email", "value": f"test{text}@example.invalid"}],
        "gender": ("female", "male", "female", "other")[number % 4],
        "birthDate": born,
        "communication": [{
            "language": {"coding": [{"system": "urn:ietf:bcp:47",
                                     "code": "en" if number % 6 == 0 else "sv"}]},
            "preferred": True}],
    }
    if number == BIRTH_TIME:
        resource["_birthDate"] = {"extension": [{
            "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
            "valueDateTime": f"{born}T04:30:00{ZONE}"}]}
    if number == NO_BIRTH_DATE:
        del resource["birthDate"]
        resource["_birthDate"] = {"extension": [
            {"url": ABSENT, "valueCode": "unknown"}]}
    return resource


def consent(purpose, given):
    return {"resourceType": "Consent", "id": f"consent-{purpose}",
            "status": "active",
            "scope": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/consentscope",
                "code": "treatment"}]},
            "category": [concept("consent-purpose", purpose)],
            "provision": {"type": "permit" if given else "deny"}}


def service_request(number, serial, route, moment, subject):
    resource = {
        "resourceType": "ServiceRequest", "id": f"r{serial:03d}",
        "identifier": identifier("referral", f"R-{serial:03d}"),
        "contained": [consent("care", True)],
        "status": "acitve" if number == MALFORMED else "active",
        "intent": "proposal" if route == "self" else "order",
        "category": [concept("referral-route", route)],
        "code": {"text": "Guided internet treatment"},
        "subject": subject,
        "authoredOn": stamp(moment),
        "supportingInfo": [{"reference": "#consent-care"}],
    }
    if route == "self":
        heard = ("website", "friend", "gp_advice")[number % 3]
        resource["category"].append(concept("information-source", heard))
        resource["requester"] = subject
        return resource
    resource["contained"] += [
        consent("feedback", number != NO_FEEDBACK),
        {"resourceType": "DocumentReference", "id": "letter",
         "status": "current", "type": concept("document-kind", "referral_letter"),
         "content": [{"attachment": {"contentType": "text/plain",
                                     "title": "Referral letter (invented)"}}]}]
    resource["supportingInfo"] += [{"reference": "#consent-feedback"},
                                   {"reference": "#letter"}]
    resource["requester"] = {
        "reference": f"Practitioner/gp{number % 2 + 1}",
        "identifier": identifier("practitioner", f"gp-{number % 2 + 1}")[0]}
    resource["reasonCode"] = [{"text": "Low mood for some months (invented)"}]
    return resource


def answer(link_id, **value):
    return {"linkId": link_id, "answer": [value]}


def response(number, form, moment, subject, items):
    return {"resourceType": "QuestionnaireResponse",
            "id": f"q{name_of(number)}-{form}",
            "identifier": identifier("response",
                                     f"Q-{name_of(number)}-{form}")[0],
            "questionnaire": f"{FORMS}/{form}|1", "status": "completed",
            "subject": subject, "authored": stamp(moment), "item": items}


def intake_form(number):
    return [answer("age", valueInteger=age_of(number)),
            answer("parallel_therapy",
                   valueBoolean=number == PARALLEL_THERAPY),
            answer("problem", valueInteger=OTHER_PROBLEMS.get(number, 1)),
            answer("emergency_contact",
                   valueString="A neighbour of Test Testsson (invented)")]


def phq9_values(number):
    dice = Dice(3000 + number)
    values = [dice.roll(1, 3) for _ in range(4)] + [
        dice.roll(0, 2) for _ in range(4)]
    return values + [2 if number == RISK else 0]


def phq9(number):
    values = phq9_values(number)
    if number == LOINC_FORM:
        return [answer(f"/{code}", valueCoding={
            "system": "http://loinc.org", "code": ANSWER_LOINC[value]})
                for code, value in zip(PHQ9_LOINC, values)]
    if number % 4 == 0:
        return [answer(f"q{index}", valueCoding={
            "extension": [{"url": ORDINAL, "valueDecimal": value}],
            "system": "http://loinc.org", "code": ANSWER_LOINC[value]})
                for index, value in enumerate(values, 1)]
    return [answer(f"q{index}", valueInteger=value)
            for index, value in enumerate(values, 1)]


def gad7(number):
    dice = Dice(4000 + number)
    return [answer(f"q{index}", valueInteger=dice.roll(0, 3))
            for index in range(1, 8)]


def wsas(number):
    dice = Dice(5000 + number)
    items = [answer(f"q{index}", valueInteger=dice.roll(1, 7))
             for index in range(1, 6)]
    if number == RETIRED:
        items[0] = answer("q1", _valueInteger={"extension": [
            {"url": ABSENT, "valueCode": "not-applicable"}]})
    return items


def responses(number, moment, subject):
    if number in SILENT or number == MALFORMED:
        return
    dice = Dice(6000 + number)
    moment += datetime.timedelta(minutes=dice.roll(10, 2000))
    for form, items in (("intake-form", intake_form), ("phq-9", phq9),
                        ("gad-7", gad7), ("wsas", wsas)):
        if number == HALF and form != "intake-form":
            return
        moment += datetime.timedelta(minutes=dice.roll(2, 9))
        yield entry(response(number, form, moment, subject, items(number)))


def entries_of(number):
    """One person's entries; the person comes last for some, as happens."""
    moment = authored_of(number)
    by_identifier = {"type": "Patient", "identifier": identifier(
        "patient", f"test-{name_of(number)}")[0]}
    subject = [{"reference": f"Patient/p{name_of(number)}"},
               {"reference": f"{EHR}/Patient/p{name_of(number)}"},
               by_identifier][number % 3]
    person = patient(number)
    if number == CONTAINED:
        request = service_request(number, number, route_of(number), moment,
                                  {"reference": f"#{person['id']}"})
        request["contained"].append(person)
        return [entry(request), *responses(number, moment, by_identifier)]
    request = service_request(number, number, route_of(number), moment, subject)
    entries = [entry(person), entry(request),
               *responses(number, moment, subject)]
    return entries[1:] + entries[:1] if number % 7 == 3 else entries


def second_door():
    """The GP's own system knows the applicant under an id of its own."""
    moment = authored_of(TWO_DOORS) + datetime.timedelta(days=3, hours=1)
    subject = {"reference": "Patient/4711"}
    return [entry(patient(TWO_DOORS, "4711"), GP_SYSTEM),
            entry(service_request(TWO_DOORS, PERSONS + 1, "gp", moment,
                                  subject), GP_SYSTEM)]


def practitioners():
    for number in (1, 2):
        yield entry({"resourceType": "Practitioner", "id": f"gp{number}",
                     "identifier": identifier("practitioner", f"gp-{number}"),
                     "name": [{"family": f"Doktorsson {number}",
                               "given": ["Test"]}]})


def bundle():
    entries = list(practitioners())
    for number in range(1, PERSONS + 1):
        entries += entries_of(number)
        if number == TWO_DOORS + 2:
            entries += second_door()
    lost = response(0, "phq-9", authored_of(30), {"reference": "Patient/nobody"},
                    phq9(1))
    entries.append(entry(lost))
    head = {"resourceType": "Bundle", "id": "stepwell-demo-referrals",
            "type": "collection", "timestamp": f"2026-02-23T06:00:00{ZONE}"}
    lines = [json.dumps(one, ensure_ascii=True) for one in entries]
    return (json.dumps(head)[:-1] + ', "entry": [\n' + ",\n".join(lines) +
            "\n]}\n")


def main(arguments):
    check = "--check" in arguments
    names = [one for one in arguments if not one.startswith("--")]
    path = pathlib.Path(names[0]) if names else HERE / "referrals.json"
    text = bundle()
    if not check:
        path.write_text(text)
        return 0
    if path.read_text() == text:
        return 0
    print(f"{path.name} is not what make_referrals.py writes: run it")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
