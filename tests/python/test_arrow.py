"""Tables on their way to data frames."""

import gc
import subprocess
import sys

import pytest

from stepwell import _arrow

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: see "
                         "bindings/python/requirements-test.txt")


def table(rows=3):
    """A stream that somebody else made, pyarrow here."""
    def fill(address):
        batch = pa.record_batch({"n": list(range(rows)), "t": ["é\0"] * rows})
        pa.RecordBatchReader.from_batches(batch.schema, [batch])._export_to_c(
            address)
    return _arrow.Table(fill)


def test_it_goes_to_every_data_frame_and_more_than_once():
    pl, pd = pytest.importorskip("polars"), pytest.importorskip("pandas")
    made = table()
    assert made.to_polars().equals(pl.DataFrame({"n": [0, 1, 2],
                                                 "t": ["é\0"] * 3}))
    assert list(made.to_pandas()["n"]) == [0, 1, 2]
    assert made.to_arrow().column_names == ["n", "t"]
    assert pl.DataFrame(made).shape == pa.table(made).shape == (3, 2)
    assert pd.DataFrame.from_arrow(made).shape == (3, 2)
    assert "to_polars" in repr(made)
    gc.collect()
    assert _arrow._streams == {}


def test_what_nobody_takes_is_released():
    before = pa.total_allocated_bytes()
    for _ in range(100):
        table(10_000).__arrow_c_stream__()
    gc.collect()
    assert _arrow._streams == {} and pa.total_allocated_bytes() == before


def test_a_capsule_keeps_its_stream():
    capsule = table().__arrow_c_stream__()
    gc.collect()
    assert len(_arrow._streams) == 1 and "arrow_array_stream" in repr(capsule)

    class Held:
        def __arrow_c_stream__(self, requested_schema=None):
            return capsule
    assert pa.table(Held()).num_rows == 3
    del capsule
    gc.collect()
    assert _arrow._streams == {}


def test_an_error_leaves_nothing_behind():
    def fail(address):
        raise RuntimeError("no table")
    with pytest.raises(RuntimeError, match="no table"):
        _arrow.Table(fail).to_arrow()
    assert _arrow._streams == {}


def test_the_end_of_the_process_finds_everything_open():
    """Handles, results and capsules that live to the very end: no crash."""
    program = (
        "import builtins, datetime, stepwell\n"
        "now = datetime.datetime(2026, 3, 2, tzinfo=datetime.timezone.utc)\n"
        "s = stepwell.Service.create('memory:', 'catalogue:minimal', now, "
        "prototype=True)\n"
        "p = stepwell.Protocol.load('catalogue:minimal')\n"
        "builtins.kept = [s, p, s.table('worklist', now)"
        ".__arrow_c_stream__(), s.health(now)]\n"
        "builtins.kept.append(builtins.kept)\n")
    for _ in range(3):
        done = subprocess.run([sys.executable, "-X", "dev", "-c", program],
                              capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
