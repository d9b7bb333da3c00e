#!/usr/bin/env python3
"""Plays the demo, then the cells of its notebook: each gives what is kept in it.

usage: check_notebook.py STEPWELL_DEMO SOURCE_DIR

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
import subprocess
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


def main():
    demo, source = sys.argv[1], pathlib.Path(sys.argv[2])
    path = source / "examples" / "demo" / "morning.ipynb"
    kept = path.read_text()
    notebook = json.loads(kept)
    with tempfile.TemporaryDirectory() as work:
        store = os.path.join(work, "demo.db")
        subprocess.run([demo, source / "examples/demo/referrals.json", store],
                       stdout=subprocess.DEVNULL, check=True)
        os.environ["STEPWELL_DEMO"] = store
        names = {}
        cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
        for number, cell in enumerate(cells, 1):
            cell["execution_count"] = number
            cell["outputs"] = outputs_of("".join(cell["source"]), number, names)
        names["service"].close()
    played = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("STEPWELL_UPDATE_GOLDEN"):
        path.write_text(played)
    elif played != kept:
        sys.stdout.writelines(difflib.unified_diff(
            lines(kept), lines(played), "kept", "played"))
        sys.exit("the notebook shows something else than is kept in it")
    print(f"{len(cells)} cells show what is kept in the notebook")


if __name__ == "__main__":
    main()
