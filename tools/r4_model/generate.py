#!/usr/bin/env python3
"""Writes src/fhir/r4_model_data.cc from the derived table of FHIR R4 types.

    generate.py R4_ELEMENTS_JSON [OUTPUT]

Without OUTPUT the text goes to standard output; a test compares it with the
file that is checked in. The input is derived from the FHIR R4 4.0.1
definitions (CC0-1.0).
"""
import json
import sys

# Fixed by fhirpath/value.h: System types stand below the model's.
SYSTEM_BASE = 0xFF00
SYSTEM = {"System.Boolean": 1, "System.Integer": 2, "System.Decimal": 3,
          "System.String": 4, "System.Date": 5, "System.DateTime": 6,
          "System.Time": 7}
PRIMITIVE, COMPLEX, RESOURCE, BACKBONE, CHOICE = range(5)
KINDS = {"primitive-type": PRIMITIVE, "complex-type": COMPLEX,
         "resource": RESOURCE}
MANY, REQUIRED, IS_CHOICE = 1, 2, 4
NONE = 0xFFFF


class Table:
    def __init__(self, source):
        self.source = {name: d for name, d in source.items()
                       if d["kind"] in KINDS}
        self.types = []      # [name, base, kind, abstract, owner, members]
        self.index = {}      # type name or backbone path -> row
        self.choices = {}    # tuple of type names -> row
        self.value_sets = []

    def build(self):
        names = sorted(self.source)
        for name in names:
            d = self.source[name]
            self.index[name] = len(self.types)
            self.types.append([name, None, KINDS[d["kind"]], d["abstract"],
                               None, []])
        for name in names:
            self.add_backbones(name)
        for name in names:
            base = self.source[name]["base"]
            self.types[self.index[name]][1] = self.index.get(base)
            self.add_members(name)

    def add_backbones(self, name):
        elements = self.source[name]["elements"]
        parents = sorted({path.rsplit(".", 1)[0] for path in elements} -
                         {name})
        for path in parents:
            base = elements[path]["types"][0]
            owner, last = path.rsplit(".", 1)
            self.index[path] = len(self.types)
            self.types.append([last, self.index[base], BACKBONE, False,
                               self.index[owner], []])

    def inherited(self, name, member):
        base = self.source[name]["base"]
        while base in self.source:
            found = self.source[base]["elements"].get(base + "." + member)
            if found is not None:
                return found
            base = self.source[base]["base"]
        return None

    def add_members(self, name):
        elements = self.source[name]["elements"]
        for path, element in sorted(elements.items()):
            owner, member = path.rsplit(".", 1)
            if element["max"] == "0":
                continue
            if owner == name:
                if self.inherited(name, member) == element:
                    continue
                if self.types[self.index[name]][2] == PRIMITIVE:
                    continue  # id and extension come from Element
            elif member in ("id", "extension", "modifierExtension"):
                continue      # from BackboneElement or Element
            self.add_member(self.index[owner], path, member, element)

    def add_member(self, row, path, member, element):
        flags = 0
        if element["max"] != "1":
            flags |= MANY
        if element["min"] > 0:
            flags |= REQUIRED
        if member.endswith("[x]"):
            member = member[:-3]
            flags |= IS_CHOICE
            kind = self.choice(tuple(element["types"]))
        elif "ref" in element:
            kind = self.index[element["ref"]]
        elif path in self.index:
            kind = self.index[path]
        else:
            kind = self.plain(path, element["types"])
        value_set = 0
        if "required" in element:
            url = element["required"]
            if url not in self.value_sets:
                self.value_sets.append(url)
            value_set = self.value_sets.index(url) + 1
        self.types[row][5].append((member, kind, flags, value_set))

    def plain(self, path, types):
        assert len(types) == 1, path
        name = types[0]
        if name.startswith("System."):
            if path == "Resource.id":
                return self.index["id"]
            if path == "Extension.url":
                return self.index["uri"]
            if path.endswith(".id"):
                return self.index["string"]
            return SYSTEM_BASE + SYSTEM[name]
        return self.index[name]

    def choice(self, types):
        if types not in self.choices:
            self.choices[types] = len(self.types)
            self.types.append(["", None, CHOICE, False, None,
                               [self.index[t] for t in types]])
        return self.choices[types]


def blob(strings):
    """A C string of all, each ended by \\0, and the offsets."""
    offsets, lines, position = [], [], 0
    for text in strings:
        offsets.append(position)
        position += len(text) + 1
        lines.append('    "%s\\0"' % text)
    return "\n".join(lines), offsets


def rows(numbers, width=13):
    out = []
    for i in range(0, len(numbers), width):
        out.append("    " + ", ".join(str(n) for n in numbers[i:i + width]) +
                   ",")
    return "\n".join(out)


def render(table):
    names = sorted({t[0] for t in table.types} |
                   {m[0] for t in table.types if t[2] != CHOICE
                    for m in t[5]})
    name_id = {name: i for i, name in enumerate(names)}
    text, offsets = blob(names)
    urls, url_offsets = blob(table.value_sets)
    members, choices, types = [], [], []
    for name, base, kind, abstract, owner, content in table.types:
        if kind == CHOICE:
            first = len(choices)
            choices.extend(content)
        else:
            first = len(members)
            # The VM and the reader search by name id.
            members.extend(sorted((name_id[m[0]],) + m[1:] for m in content))
        types.append("    {%d, %d, %d, %d, %d, %d, %d}," % (
            name_id[name], NONE if base is None else base,
            NONE if owner is None else owner, first, len(content), kind,
            int(abstract)))
    return f"""// Generated by tools/r4_model/generate.py from the FHIR R4 4.0.1 definitions
// (CC0-1.0). Do not edit; a test regenerates and compares it.
#include "fhir/r4_model_data.h"

// clang-format off
namespace stepwell::fhir::r4 {{

const char kNames[] =
{text};

const uint16_t kNameOffsets[] = {{
{rows(offsets)}
}};
const size_t kNameCount = {len(names)};

const TypeRow kTypes[] = {{
{chr(10).join(types)}
}};
const size_t kTypeCount = {len(types)};

const MemberRow kMembers[] = {{
{chr(10).join("    {%d, %d, %d, %d}," % m for m in members)}
}};
const size_t kMemberCount = {len(members)};

const uint16_t kChoices[] = {{
{rows(choices)}
}};

const char kValueSets[] =
{urls};

const uint16_t kValueSetOffsets[] = {{
{rows(url_offsets)}
}};
const size_t kValueSetCount = {len(table.value_sets)};

}}  // namespace stepwell::fhir::r4
"""


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        table = Table(json.load(source))
    table.build()
    text = render(table)
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            out.write(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
