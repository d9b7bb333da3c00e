#!/usr/bin/env python3
"""Writes the contract test of the C interface from capi/api.json.

usage: capi_contract.py --out FILE

For every function that returns a status, each argument in turn is wrong, the
others are right: NULL, a handle of another kind, a closed one, a NULL text
with a length, invalid UTF-8, a huge length, a time out of range, a structure
of any size that is none. The status must be the one that the conventions name, every
out-parameter empty, and the error whole; the same again without an error
object. Getters and free functions get NULL and, getters, another kind.
"""

import argparse
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
OTHER = {"stepwell_protocol": "good_service"}  # else the protocol


def kind_of(parameter):
    return parameter["type"].replace("const", "").split()[0]


def good(function, parameter):
    """An expression for an argument that is right."""
    name, role = parameter["name"], parameter["role"]
    if parameter["direction"] == "out":
        return f"&{name}"
    if role == "arrow_input":
        return "NULL" if parameter["nullable"] else "contract_stream()"
    if role == "handle":
        return "good_" + kind_of(parameter).removeprefix("stepwell_")
    if role == "struct":
        return f"&good_{kind_of(parameter).removeprefix('stepwell_')}"
    if role in ("time", "time_or_never"):
        return "GOOD_NOW"
    if role == "callback":
        return f"good_{parameter['type'].removeprefix('stepwell_')}"
    if role in ("array", "bytes", "user_data"):
        return "NULL"
    if role == "length":
        of = parameter["length_of"]
        texts = [p["role"] for p in function["parameters"] if p["name"] == of]
        return "2" if texts == ["text"] else "0"
    return '"{}"' if role == "text" else "1"


def length_name(function, parameter):
    return next(p["name"] for p in function["parameters"]
                if p.get("length_of") == parameter["name"])


def other_handle(parameter):
    other = OTHER.get(kind_of(parameter), "good_protocol")
    const = "const " if "const" in parameter["type"] else ""
    return f"({const}{kind_of(parameter)} *)(const void *){other}"


def wrongs(function, parameter):
    """(what, {argument: expression}, status) for each way to be wrong."""
    name, role = parameter["name"], parameter["role"]
    if role == "error":
        return
    if role == "arrow_input":
        if parameter["nullable"]:
            return
        yield "NULL", {name: "NULL"}, "STEPWELL_MISUSE"
        return
    if parameter["direction"] == "out":
        if role in ("text", "bytes", "handle", "arrow_stream"):
            yield "NULL", {name: "NULL"}, "STEPWELL_MISUSE"
    elif role == "handle":
        yield "NULL", {name: "NULL"}, "STEPWELL_MISUSE"
        yield "other kind", {name: other_handle(parameter)}, "STEPWELL_MISUSE"
        closed = "closed_" + kind_of(parameter).removeprefix("stepwell_")
        yield "closed", {name: closed}, "CLOSED_STATUS"
    elif role in ("text", "bytes", "array"):
        length = length_name(function, parameter)
        yield "NULL with length", {name: "NULL", length: "3"}, "STEPWELL_MISUSE"
        yield "huge", {name: "(const void *)\"x\"" if role != "text" else '"x"',
                       length: "(size_t)-1 / 2"}, "STEPWELL_TOO_LARGE"
        if role == "text":
            yield ("no UTF-8", {name: '"{\\"a\\xff\\"}"', length: "6"},
                   "STEPWELL_INVALID")
            yield ("a surrogate", {name: '"\\xed\\xa0\\x80"', length: "3"},
                   "STEPWELL_INVALID")
            yield ("cut short", {name: '"abc\\xc3"', length: "4"},
                   "STEPWELL_INVALID")
    elif role in ("time", "time_or_never"):
        nevers = ("INT64_MAX",) if role == "time" else ()
        for value in ("INT64_MIN", *nevers):
            yield value, {name: value}, "STEPWELL_INVALID"
    elif role == "callback":
        yield "NULL", {name: "NULL"}, "STEPWELL_MISUSE"
    elif role == "struct":
        # Every other size is tried by sizes_test.
        if not parameter["nullable"]:
            yield "NULL", {name: "NULL"}, "STEPWELL_MISUSE"
        sized = "&unsized_" + kind_of(parameter).removeprefix("stepwell_")
        yield "struct_size 0", {name: sized}, "STEPWELL_MISUSE"
        flagged = "&flagged_" + kind_of(parameter).removeprefix("stepwell_")
        yield "unknown flag", {name: flagged}, "STEPWELL_MISUSE"


def declarations(function):
    """Variables for the out-parameters, poisoned, and checks afterwards."""
    lines, checks = [], []
    for p in function["parameters"]:
        if p["direction"] != "out" or p["role"] == "error":
            continue
        if p["role"] == "length":
            lines.append(f"size_t {p['name']} = 77;")
            checks.append(f"CONTRACT({p['name']} == 0);")
        elif p["role"] == "arrow_stream":
            lines.append(f"struct ArrowArrayStream {p['name']} = poisoned_stream;")
            checks.append(f"CONTRACT({p['name']}.release == NULL);")
        else:
            kind = kind_of(p)
            lines.append(f"{kind} *{p['name']} = ({kind} *)(void *)poison;")
            checks.append(f"CONTRACT({p['name']} == NULL);")
    return lines, checks


def call(function, changed, error):
    arguments = []
    for p in function["parameters"]:
        if p["role"] == "error":
            arguments.append(error)
        else:
            arguments.append(changed.get(p["name"], good(function, p)))
    return f"{function['name']}({', '.join(arguments)})"


def status_test(function):
    lines = [f"static void contract_{function['name']}(void) {{"]
    declared, checks = declarations(function)
    for parameter in function["parameters"]:
        for what, changed, status in wrongs(function, parameter):
            nulled = [c for c in checks
                      if not any(f"({name} ==" in c or f"({name}." in c
                                 for name, value in changed.items()
                                 if value == "NULL")]
            lines += ["  {", "    stepwell_error *error = NULL;"]
            lines += [f"    {line}" for line in declared]
            lines += [
                f'    contract_case = "{function["name"]}: '
                f'{parameter["name"]} {what}";',
                f"    CONTRACT_STATUS({call(function, changed, '&error')}, "
                f"{status});"]
            lines += [f"    {c}" for c in nulled]
            lines += ["    contract_error(&error);",
                      f"    CONTRACT_STATUS({call(function, changed, 'NULL')}, "
                      f"{status});"]
            lines += [f"    {c}" for c in nulled]
            lines += [f"    (void){p['name']};" for p in function["parameters"]
                      if p["direction"] == "out" and p["role"] != "error"]
            lines += ["  }"]
    return lines + ["}", ""]


def freed(parameter):
    """Frees what a call that may have succeeded gave."""
    name = parameter["name"]
    if parameter["role"] == "handle":
        return f"{kind_of(parameter)}_free({name});"
    return f"stepwell_string_free({name});"


def sizes_test(function, parameter, structs):
    """One structure of a function at every size: each in memory that ends
    where it says. What lies behind the known fields is of a newer caller."""
    kind, what = kind_of(parameter), parameter["name"]
    ends = ", ".join(f"CONTRACT_END({kind}, {field['name']})"
                     for field in structs[kind]["fields"][1:])
    outs = [p for p in function["parameters"] if p["direction"] == "out"
            and p["role"] not in ("error", "length")]
    declared, _ = declarations(function)
    return [
        f"static void sizes_{function['name']}_{what}(void) {{",
        f"  static const size_t ends[] = {{{ends}}};",
        f"  const size_t whole = sizeof({kind});",
        "  size_t size;",
        f'  contract_case = "{function["name"]}: every size of {what}";',
        "  for (size = 0; size <= whole + 64; ++size) {",
        "    const int fits = contract_fits(ends, sizeof ends / sizeof *ends,",
        "                                   size);",
        f"    {kind} *sized = contract_sized(",
        f"        &good_{kind.removeprefix('stepwell_')}, whole, size);",
        "    stepwell_error *error = NULL;",
        "    stepwell_status status;",
        *[f"    {line}" for line in declared],
        f"    status = {call(function, {what: 'sized'}, '&error')};",
        "    CONTRACT((status == STEPWELL_MISUSE) == !fits);",
        "    CONTRACT((error == NULL) == (status == STEPWELL_OK));",
        *[f"    CONTRACT((status == STEPWELL_OK) == ({p['name']} != NULL));"
          for p in outs],
        *[f"    {freed(p)}" for p in outs],
        *[f"    (void){p['name']};" for p in function["parameters"]
          if p["role"] == "length" and p["direction"] == "out"],
        "    stepwell_error_free(error);",
        "    free(sized);",
        "  }", "}", ""]


def sized(function, structs):
    """Its parameters that are structures which say their size."""
    return [p for p in function["parameters"] if kind_of(p) in structs
            and structs[kind_of(p)]["fields"][0]["name"] == "struct_size"]


def plain_test(function):
    """Getters and free functions."""
    lines = [f"static void contract_{function['name']}(void) {{",
             f'  contract_case = "{function["name"]}: NULL";']
    handle = next((p for p in function["parameters"] if p["role"] == "handle"),
                  None)
    arguments = ["NULL" if "*" in p["type"] else "1"
                 for p in function["parameters"]]
    statement = f"{function['name']}({', '.join(arguments)})"
    lines.append(f"  (void)({statement});" if function["returns"] != "void"
                 else f"  {statement};")
    if handle and not function["name"].endswith("_free"):
        arguments[function["parameters"].index(handle)] = other_handle(handle)
        lines.append(f"  (void)({function['name']}({', '.join(arguments)}));")
    return lines + ["  ++contract_checks;", "}", ""]


def program(api):
    lines = ['#include "capi/contract.h"', ""]
    structs = {struct["name"]: struct for struct in api["structs"]}
    for function in api["functions"]:
        has_error = any(p["role"] == "error" for p in function["parameters"])
        lines += status_test(function) if has_error else plain_test(function)
        for parameter in sized(function, structs):
            lines += sizes_test(function, parameter, structs)
    lines += ["int main(void) {", "  contract_begin();"]
    lines += [f"  contract_{f['name']}();" for f in api["functions"]]
    lines += [f"  sizes_{f['name']}_{p['name']}();" for f in api["functions"]
              for p in sized(f, structs)]
    return "\n".join(lines + ["  return contract_end();", "}", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    api = json.loads((ROOT / "capi" / "api.json").read_text())
    args.out.write_text(program(api))


if __name__ == "__main__":
    main()
