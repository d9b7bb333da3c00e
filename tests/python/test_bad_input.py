"""What must not crash, hang or leak: misuse of handles, forks, odd texts."""

import copy
import gc
import multiprocessing
import os
import pathlib
import pickle
import subprocess
import sys
import threading

import pytest

import stepwell
from conftest import NOW, begin
from stepwell import _api, _native


def test_a_closed_handle_says_so(service):
    handles = [service, stepwell.Protocol.load("catalogue:minimal"),
               stepwell.Instrument.load("phq-9"),
               stepwell.Expression.compile("1")]
    for handle in handles:
        assert not handle.closed
        handle.close()
        handle.close()
        assert handle.closed
    for use in (lambda: service.health(NOW), service.__enter__,
                lambda: handles[2].score([1] * 9),
                lambda: handles[3].evaluate(None, NOW),
                lambda: list(service.cases()), lambda: service.advance(NOW)):
        with pytest.raises(stepwell.MisuseError, match="closed"):
            use()
    assert handles[1].id == "minimal"  # known before it was closed


def test_an_exception_does_not_keep_a_service_open(tmp_path):
    """A traceback refers to the frames of the call: not to its handle."""
    url = f"sqlite:{tmp_path}/a.db"
    with stepwell.Service.create(url, "catalogue:minimal", NOW,
                                 prototype=True) as service:
        with pytest.raises(stepwell.InvalidError) as kept:
            service.submit("{", NOW)
        owner = service._owner
        users = sys.getrefcount(owner)
    assert sys.getrefcount(owner) == users - 1 == 2
    assert kept.value.offset == 1


def test_handles_cannot_be_copied_pickled_or_made(service):
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="open it anew"):
            copied(service)
    with pytest.raises(TypeError, match="class methods"):
        stepwell.Service()


def test_a_forgotten_handle_is_freed():
    freed = []

    class Watched(stepwell.Expression):
        _free = freed.append

    kept = stepwell.Expression.compile("1")
    Watched._made(kept._owner.pointer)
    gc.collect()
    assert freed == [kept._owner.pointer]


def test_threads_may_close_while_others_call():
    """Calls under way finish; later ones are refused; nothing is freed twice
    (a debug build of the library would end the process)."""
    for _ in range(20):
        service = stepwell.Service.create("memory:", "catalogue:minimal", NOW,
                                          prototype=True)
        begin(service)
        start, outcomes = threading.Barrier(5), []

        def work(number):
            start.wait()
            try:
                for n in range(200):
                    service.submit(
                        {"id": f"{number}-{n}", "command": "add_staff",
                         "actor": {"role": "integration"}, "staff": "anna",
                         "pools": ["team"]}, NOW)
            except stepwell.MisuseError as error:
                outcomes.append(str(error))
            else:
                outcomes.append("done")

        def close():
            start.wait()
            service.close()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
        threads += [threading.Thread(target=close) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(outcomes) == 3
        assert all(o == "done" or "closed" in o for o in outcomes)


def _in_child(service, case, answers):
    for use in (lambda: service.health(NOW), lambda: case.view(NOW)):
        try:
            use()
            answers.put("worked")
        except stepwell.MisuseError as error:
            answers.put(str(error))
    service.close()
    with stepwell.Service.create("memory:", "catalogue:minimal", NOW,
                                 prototype=True) as own:
        answers.put(own.health(NOW).ok)


def test_a_fork_must_open_its_own(service, case):
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=_in_child, args=(service, case, answers))
    child.start()
    said = [answers.get(timeout=60) for _ in range(3)]
    child.join(60)
    assert child.exitcode == 0
    assert all("before fork()" in text for text in said[:2]) and said[2] is True
    assert service.health(NOW).ok  # the parent's is untouched


def test_a_lone_surrogate_is_no_text(service, case):
    half = "a\ud83d"
    for use in (lambda: service.portal(half, NOW),
                lambda: case.explain(half, NOW),
                lambda: stepwell.Protocol.load(half),
                lambda: stepwell.Expression.compile(half),
                lambda: stepwell.Instrument.load(half),
                lambda: stepwell.Service.open(half),
                lambda: stepwell.catalogue_document(half),
                lambda: service.import_fhir(half, NOW, sender="x")):
        with pytest.raises(ValueError, match=r"lone surrogate.*U\+D83D"):
            use()
    assert service.verify().ok


def test_a_patient_may_send_half_a_surrogate_pair(service, case):
    """Cut off in the middle of an emoji: nothing of it may be lost."""
    half = "I want to die \ud83d"
    reply = case.receive_message("m", half, NOW, id="m")
    assert reply.accepted
    assert case.receive_message("m", half, NOW, id="m").repeated
    assert case.submit_response("phq9", [1] * 8 + [3], NOW, id="r",
                                language=half).accepted
    assert service.health(NOW)["open_alerts"] == 1
    for command in ({"id": half, "command": "add_staff", "staff": "x",
                     "actor": {"role": "integration"}},
                    '{"id": "' + half + '", "command": "set_leave"}'):
        with pytest.raises(stepwell.InvalidError):
            service.submit(command, NOW)
    assert service.verify().ok


def test_a_patient_may_name_a_key_twice(service, case):
    """It is parked under a receipt, and says why."""
    text = ('{"id": "twice", "command": "submit_response", "instrument":'
            ' "phq9", "case": "%s", "answers": [1,1,1,1,1,1,1,1,3],'
            ' "answers": [0,0,0,0,0,0,0,0,0]}' % case.who)
    reply = service.submit(text, NOW)
    assert reply.parked and reply.code == "repeated_key" and reply.receipt
    assert "/answers" in reply.reason
    assert service.submit(text, NOW).repeated
    assert service.health(NOW)["parked"] == 1


def test_a_patients_text_beyond_the_bound_is_not_taken_by_half(service, case):
    with pytest.raises(stepwell.TooLargeError, match="1048576"):
        case.receive_message("m", "x" * (2 << 20), NOW, id="m")
    with pytest.raises(stepwell.InvalidError, match="256"):
        service.submit('{"command": "receive_message", "text": ' + "[" * 300
                       + "]" * 300 + "}", NOW)
    health = service.health(NOW)
    assert health["parked"] == 0 and health.ok
    assert service.worklist(NOW, kind="message").total == 0


def test_bytes_that_are_no_utf8_have_a_place(service):
    with pytest.raises(stepwell.InvalidError) as raised:
        service.submit(b'{"id": "\xff"}', NOW)
    assert raised.value.offset == 8


def test_huge_texts_are_refused(service):
    huge = b" " * (_api.STEPWELL_TEXT_BYTES_MAX + 1)
    for use in (lambda: service.submit(huge, NOW),
                lambda: stepwell.Protocol.check(huge)):
        with pytest.raises(stepwell.TooLargeError):
            use()
    del huge
    with pytest.raises(stepwell.StepwellError):
        service.submit({"id": "x" * (2 << 20), "command": "add_staff"}, NOW)
    with pytest.raises(stepwell.StepwellError):
        service.portal("x" * (2 << 20), NOW)


def test_zeros_and_nests_are_no_trouble(service):
    for text in ("\0", "[" * 100_000, '{"a":' * 5000, "", "null", "[]", "\ufeff{}"):
        with pytest.raises(stepwell.StepwellError):
            service.submit(text, NOW)
        with pytest.raises(stepwell.StepwellError):
            stepwell.Protocol.load(text)


def test_wrong_types_are_told_at_once(service, case):
    for use in (lambda: service.submit(5, NOW), lambda: service.submit(None, NOW),
                lambda: service.portal(5, NOW), lambda: service.case(None),
                lambda: service.health("now"), lambda: service.outbox(after="1"),
                lambda: service.outbox(limit=1.5), lambda: stepwell.Service.open(1),
                lambda: stepwell.Protocol.load(17),
                lambda: stepwell.Expression.compile(None),
                lambda: service.advance(NOW, clocks_max="many"),
                lambda: service.worklist(NOW, limit={1})):
        with pytest.raises(TypeError):
            use()
    for use in (lambda: service.outbox(after=-1), lambda: service.outbox(limit=-1),
                lambda: service.outbox(limit=2**64),
                lambda: service.advance(NOW, clocks_max=-1)):
        with pytest.raises(ValueError, match="from 0"):
            use()
    for use in (lambda: service.outbox(limit=0), lambda: service.outbox(limit=10**6),
                lambda: service.worklist(NOW, kind="nothing"),
                lambda: service.worklist(NOW, limit="many")):
        with pytest.raises(stepwell.StepwellError):
            use()


def test_errors_are_of_their_kind(service):
    with pytest.raises(stepwell.NotFoundError) as raised:
        service.portal("0000000000000", NOW)
    assert isinstance(raised.value, LookupError)
    assert raised.value.code == "not_found" and raised.value.message
    with pytest.raises(stepwell.StepwellError):
        stepwell.Service.open("postgresql://nowhere")


def test_another_version_of_the_library_is_refused():
    number = _api.STEPWELL_VERSION_NUMBER
    _native.check_version(number, "here")
    _native.check_version(number + 1, "here")
    for other in (number - 1, number + 1000, number + 1000000, 0):
        with pytest.raises(ImportError, match="here is Stepwell .* needs"):
            _native.check_version(other, "here")


def _import(tmp_path, library):
    """Imports the package without the library beside it."""
    if "LD_PRELOAD" in os.environ:
        pytest.skip("under a sanitizer another Python cannot load the library")
    package = tmp_path / "stepwell"
    package.mkdir()
    for file in pathlib.Path(stepwell.__file__).parent.glob("*.py"):
        (package / file.name).write_bytes(file.read_bytes())
    return subprocess.run(
        [sys.executable, "-c", "import stepwell; print(stepwell.__version__)"],
        env={"PYTHONPATH": str(tmp_path), "STEPWELL_LIBRARY": library},
        capture_output=True, text=True, timeout=60)


def test_the_environment_names_the_library(tmp_path):
    beside = pathlib.Path(stepwell.__file__).parent / _api.SONAME
    done = _import(tmp_path, str(beside.resolve()))
    assert done.stdout.strip() == stepwell.__version__, done.stderr


@pytest.mark.parametrize("library, word", [
    ("/nowhere/libstepwell.so.0", "Reinstall"),
    ("libc.so.6", "not Stepwell's library"), ("", "Reinstall")])
def test_a_missing_or_foreign_library_is_named(tmp_path, library, word):
    done = _import(tmp_path, library)
    assert done.returncode == 1 and "ImportError" in done.stderr
    assert word in done.stderr and "STEPWELL_LIBRARY" in done.stderr or (
        library == "libc.so.6")


def test_memory_that_runs_out_is_pythons_own_error(monkeypatch):
    from stepwell import _call
    with pytest.raises(MemoryError):
        _call.text_call(lambda *_: _api.STEPWELL_NO_MEMORY)
