#!/usr/bin/env python3
"""Plays the cells of the demo's notebook, in memory and on SQLite: each gives
what is kept in it.

usage: check_notebook.py SOURCE_DIR

Stands in for a Jupyter kernel, which the tests do not need: the last expression
of a cell is shown as its representations, and what is printed is a stream.
STEPWELL_UPDATE_GOLDEN=1 writes the outputs: look at the difference.
"""

import ast
import contextlib
import difflib
import io
import json
import os
import pathlib
import sys
import tempfile


def lines(text):
    return text.splitlines(keepends=True)


def shown(value, number):
    data = {"text/plain": lines(repr(value))}
    if hasattr(value, "_repr_html_"):
        data["text/html"] = lines(value._repr_html_())
    return {"data": data, "execution_count": number, "metadata": {},
            "output_type": "execute_result"}


def outputs_of(source, number, names):
    """What a kernel would put under the cell."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    said, value = io.StringIO(), None
    with contextlib.redirect_stdout(said):
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"),
                         names)
    outputs = []
    if said.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream",
                        "text": lines(said.getvalue())})
    if value is not None:
        outputs.append(shown(value, number))
    return outputs


def play(notebook, store):
    """Every cell with its outputs, on a fresh store."""
    os.environ["STEPWELL_DEMO"] = store
    names = {}
    cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    for number, cell in enumerate(cells, 1):
        cell["execution_count"] = number
        cell["outputs"] = outputs_of("".join(cell["source"]), number, names)
    names["service"].close()
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def main():
    path = pathlib.Path(sys.argv[1]) / "examples" / "demo" / "morning.ipynb"
    kept = path.read_text()
    os.chdir(path.parent)
    played = play(json.loads(kept), "memory:")
    with tempfile.TemporaryDirectory() as work:
        on_file = play(json.loads(kept), f"sqlite:{work}/demo.db")
        play(json.loads(kept), f"sqlite:{work}/demo.db")  # opens what is there
    if played != on_file:
        sys.exit("the notebook shows something else on SQLite than in memory")
    if os.environ.get("STEPWELL_UPDATE_GOLDEN"):
        path.write_text(played)
    elif played != kept:
        sys.stdout.writelines(difflib.unified_diff(
            lines(kept), lines(played), "kept", "played"))
        sys.exit("the notebook shows something else than is kept in it")
    print("the notebook shows what is kept in it, in memory and on SQLite")


if __name__ == "__main__":
    main()
