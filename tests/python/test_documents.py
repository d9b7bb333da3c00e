"""Protocols, instruments and expressions."""

import json
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest

import stepwell
from conftest import NOW


def test_the_catalogue_lists_what_can_be_had():
    paths = stepwell.catalogue()
    assert "protocols/icbt_base.json" in paths and list(paths) == sorted(paths)
    assert stepwell.catalogue_document(
        "protocols/minimal.json")["protocol"] == "minimal"
    with pytest.raises(stepwell.NotFoundError):
        stepwell.catalogue_document("protocols/none.json")


def test_a_protocol_is_drawn():
    with stepwell.Protocol.load("catalogue:icbt_sweden") as protocol:
        picture = protocol.draw()
        assert picture.startswith("<svg ") and "Anmälan" in picture
        assert picture == protocol._repr_svg_()
        assert "Application" in protocol.draw(language="en")
        assert protocol.draw(format="dot").startswith("digraph")
        assert protocol.draw(format="mermaid").startswith("flowchart")
        with pytest.raises(stepwell.InvalidError) as wrong:
            protocol.draw(format="png")
        assert wrong.value.pointer == "/as"


def test_two_protocols_are_compared_in_words():
    with stepwell.Protocol.load("catalogue:icbt_base") as base, \
            stepwell.Protocol.load("catalogue:icbt_sweden") as sweden:
        assert base.diff(base).changes == ()
        assert base.diff(sweden).migration is None
        with stepwell.Protocol.load({
                "protocol": "icbt_base", "base": "icbt_base@1",
                "version": "2", "status": "draft"}) as newer:
            draft = base.diff(newer).migration
            assert '"to": "icbt_base@2"' in draft.document
            assert draft.unmapped == ()
        diff = base.diff(sweden)
        assert "base" not in sweden.document
        assert sweden.document["clocks"][1]["budget"] == "30 days"
        assert diff.logic_changed and diff.changes[0].risk
        assert diff["after"]["protocol"] == "icbt_sweden"
        waits = next(c for c in diff.changes if c.subject == "wait_to_start")
        assert str(waits) == ('clock wait_to_start: the time allowed is '
                              '"30 days" (was "90 days")')
        assert (waits["before"], waits["after"]) == ("90 days", "30 days")
        assert waits.logic and not waits.risk and waits.kind == "clocks"
        assert str(waits) in str(diff)
    with pytest.raises(stepwell.MisuseError):
        sweden.diff(base)
    with stepwell.Protocol.load("catalogue:minimal") as open_one, \
            pytest.raises(stepwell.MisuseError):
        open_one.diff(base)


def test_a_protocol_has_id_version_and_hash(tmp_path):
    document = stepwell.catalogue_document("protocols/minimal.json")
    file = tmp_path / "minimal.json"
    file.write_text(json.dumps(document))
    for source in ("catalogue:minimal", document, json.dumps(document), file,
                   json.dumps(document).encode()):
        with stepwell.Protocol.load(source) as protocol:
            assert (protocol.id, protocol.version) == ("minimal", "1")
            assert all(i.severity != "error" for i in protocol.issues)
            assert protocol.status == "draft" and "smallest" in protocol.title
            assert len(protocol.hash) == len(protocol.logic_hash) == 64
            assert [t["id"] for t in protocol.info["tracks"]] == ["pathway"]
    with stepwell.Protocol.load(document) as protocol:
        with stepwell.Service.create("memory:", protocol, NOW,
                                     prototype=True) as service:
            assert service.health(NOW).ok


def test_a_document_with_mistakes_has_all_its_issues():
    document = stepwell.catalogue_document("protocols/minimal.json")
    del document["zone"]
    document["intake_pool"] = "nobody"
    check = stepwell.Protocol.check(document)
    assert not check.ok and len(check.issues) >= 2
    assert {"/intake_pool"} <= {issue.pointer for issue in check.issues}
    for make in (stepwell.Protocol.load,
                 lambda d: stepwell.Service.create("memory:", d, NOW,
                                                   prototype=True)):
        with pytest.raises(stepwell.DocumentError) as raised:
            make(document)
        assert raised.value.issues and raised.value.code == "invalid"
        assert "zone" in str(raised.value)
    assert stepwell.Protocol.check("catalogue:minimal").ok


def changed(document, changes):
    """The document with the changes of a seeded defect (tests/protocol)."""
    for change in changes:
        *path, last = [token.replace("~1", "/").replace("~0", "~")
                       for token in change["at"].split("/")[1:]]
        owner = document
        for token in path:
            owner = owner[int(token) if isinstance(owner, list) else token]
        if last == "-":
            owner.append(change["set"])
        elif "remove" in change:
            del owner[int(last) if isinstance(owner, list) else last]
        else:
            owner[int(last) if isinstance(owner, list) else last] = \
                change["set"]
    return document


CORPUS = Path(__file__).parents[1] / "protocol" / "corpus"
# "decisions" is of the tests, all other bases are shipped.
PROTOCOLS = CORPUS.parents[1] / "protocols"
SEEDS = [seed for file in sorted(CORPUS.glob("*.json"))
         for seed in json.loads(file.read_text())
         if "files" not in seed and seed.get("also") != "*" and
         all("set" in change or "remove" in change
             for change in seed["change"])]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed["say"])
def test_a_seeded_defect_has_the_code_and_place_that_c_plus_plus_gives(seed):
    own = PROTOCOLS / f"{seed['base']}.json"
    document = (json.loads(own.read_text()) if own.exists() else
                stepwell.catalogue_document(f"protocols/{seed['base']}.json"))
    check = stepwell.Protocol.check(
        changed(json.loads(json.dumps(document)), seed["change"]))
    assert (seed["code"], seed["pointer"]) in {
        (issue.code, issue.pointer) for issue in check.issues}


def test_bytes_that_are_no_json_have_a_place():
    with pytest.raises(stepwell.InvalidError) as raised:
        stepwell.Protocol.check('{"protocol": ')
    assert raised.value.offset == 13 and raised.value.code == "invalid"
    assert isinstance(raised.value, ValueError)


def test_an_instrument_scores():
    with stepwell.Instrument.load("phq-9") as phq9:
        assert (phq9.id, phq9.version) == ("phq-9", "1")
        assert "Patient Health" in phq9.title and len(phq9.items) == 10
        score = phq9.score([1] * 9)
        assert score.score == 9.0 and score.band == "mild" and score.complete
        assert score.flags["risk_item9"] is True
        by_name = phq9.score({f"q{n}": 1 for n in range(1, 10)})
        assert by_name["score_exact"] == 9
        assert phq9.score((1,) * 9) == score
        unknown = phq9.score([None] * 9)
        assert unknown.score is None and not unknown.complete
        assert unknown.flags["risk_item9"] == "unknown"
        eight = [1] * 8 + [None]
        assert phq9.score(eight, missing="prorate").prorated
        assert not phq9.score(eight, missing="strict").prorated
        change = phq9.change(18, 8)
        assert (change["pre"], change["post"]) == (18, 8)
        assert phq9.change(None, 8)["pre"] is None
    with pytest.raises(stepwell.StepwellError):
        stepwell.Instrument.load("phq-99")
    with pytest.raises(stepwell.DocumentError) as raised:
        stepwell.Instrument.load({"instrument": 3})
    assert raised.value.issues[0].pointer == "/instrument"


def test_an_expression_gives_pythons_values():
    def value(text, resource=None):
        with stepwell.Expression.compile(text) as expression:
            return expression.evaluate(resource, NOW)
    assert value("1 + 1 = 2") == [True] and value("40 + 2") == [42]
    assert value("0.1 + 0.2") == [Decimal("0.3")]
    assert value("today().toString() | 'a'") == ["2026-03-02", "a"]
    patient = {"resourceType": "Patient", "active": True,
               "name": [{"given": ["Åsa", "Eva"]}]}
    assert value("Patient.name.given", patient) == ["Åsa", "Eva"]
    assert value("Patient.active", json.dumps(patient)) == [True]
    assert value("Patient.birthDate", patient) == []


def test_an_expression_is_made_by_its_text():
    patient = {"resourceType": "Patient", "active": True,
               "multipleBirthInteger": 2,
               "name": [{"use": "official", "given": ["Eva"]}]}
    of_use = stepwell.Expression("Patient.name.where(use = 'official').given")
    assert of_use.evaluate(patient) == ["Eva"]
    typed = stepwell.Expression("Patient.multipleBirth | name.use | name")
    assert [entry["type"] for entry in typed.typed(patient)] == [
        "integer", "code", "HumanName"]
    assert stepwell.Expression("1 + 1").evaluate() == [2]
    with pytest.raises(stepwell.ExpressionError) as raised:
        stepwell.Expression("Patient.nam").evaluate(patient)
    assert raised.value.kind == "semantic" and raised.value.column == 9
    assert "did you mean `name`?" in raised.value.message
    # An error that has no place in the expression has no column.
    with pytest.raises(stepwell.ExpressionError) as raised:
        stepwell.Expression("1").evaluate({"resourceType": "Patiant"})
    assert "Patiant" in str(raised.value) and raised.value.column is None


def test_numbers_of_a_json_text_stay_as_they_are():
    text = ('{"resourceType": "Observation", "status": "final", "code": {}, '
            '"valueQuantity": {"value": 1.50, "unit": "mg"}}')
    expression = stepwell.Expression("Observation.value.value")
    assert str(expression.evaluate(text)[0]) == "1.50"


def test_an_expression_without_the_time_may_not_ask_for_it():
    expression = stepwell.Expression("Patient.birthDate < today()")
    patient = {"resourceType": "Patient", "birthDate": "1990-01-01"}
    with pytest.raises(stepwell.ExpressionError, match="asks for the time"):
        expression.evaluate(patient)
    assert expression.evaluate(patient, NOW) == [True]
    assert expression.explain(patient, NOW).uses_now


def test_an_expression_reads_the_variables_that_it_is_given():
    expression = stepwell.Expression(
        "%scores.where($this > 9).count() = 2 and %who.name.family = 'Ek' "
        "and %route = 'gp' and %nothing.empty()",
        variables={"scores": [9, 14, 21], "route": "gp", "nothing": None,
                   "who": {"resourceType": "Patient",
                           "name": [{"family": "Ek"}]}})
    assert expression.evaluate() == [True]
    with pytest.raises(stepwell.ExpressionError) as raised:
        stepwell.Expression("%score > 3", variables={"scores": 4})
    assert raised.value.kind == "semantic" and raised.value.column == 1


def test_an_explanation_says_what_the_expression_reads():
    told = stepwell.Expression("name.exists() and active").explain(
        {"resourceType": "Patient"})
    assert told.reads == ("active", "name") and not told.uses_now
    assert told.definite == ({"column": 6, "function": "exists",
                              "path": "name"},)


def test_a_resource_is_validated():
    good = stepwell.validate_fhir({
        "resourceType": "Patient", "id": "p1", "gender": "female",
        "text": {"status": "generated", "div":
                 '<div xmlns="http://www.w3.org/1999/xhtml">Eva</div>'}})
    assert good.valid and good.resources == 1 and good.issues == ()
    bad = stepwell.validate_fhir(
        '{"resourceType": "Patient", "id": "p1", "gender": "unkown",'
        ' "contact": [{"gender": "male"}]}')
    assert not bad.valid and bad.errors == 2
    by_key = {issue.key: issue for issue in bad.issues}
    assert by_key["pat-1"].expression == "Patient.contact[0]"
    assert by_key["pat-1"].code == "invariant"
    assert by_key["dom-6"].severity == "warning"
    assert {issue.resource for issue in bad.issues} == {"Patient/p1"}
    lines = stepwell.validate_fhir(
        '{"resourceType": "Patient"}\n{"resourceType": "Patiemt"}\n')
    assert lines.resources == 2
    assert [i.line for i in lines.issues if i.severity == "error"] == [2]
    assert stepwell.validate_fhir("no JSON").issues[0].key == "no_json"


def test_an_expression_says_where_and_why():
    with pytest.raises(stepwell.ExpressionError) as raised:
        stepwell.Expression.compile("1 +")
    assert raised.value.kind == "syntax" and raised.value.column >= 3
    with stepwell.Expression.compile("a.b > 3", model="none") as expression:
        assert str(expression) == "a.b > 3"
        tree = expression.explain({"a": {"b": 2}}, NOW)
        assert tree.truth == "false" and tree.evaluated
        assert {part.text: part.gave for part in tree.walk()}["a.b"] == ("2",)


def test_handles_say_what_they_are(service):
    assert repr(stepwell.Protocol.load("catalogue:minimal")) == (
        "<Protocol minimal@1>")
    assert repr(stepwell.Instrument.load("gad-7")) == "<Instrument gad-7@1>"
    assert repr(service) == "<Service open>"
    assert stepwell.build_info()["version"] == stepwell.__version__


def test_now_is_an_argument():
    then = datetime(1985, 6, 30, 23, 59, 59, 999999, tzinfo=timezone.utc)
    with stepwell.Expression.compile("now().toString()") as expression:
        assert expression.evaluate(None, then)[0].startswith(
            "1985-06-30T23:59:59.999")
