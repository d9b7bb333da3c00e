#!/usr/bin/env python3
"""The JSON Schema of an overlay, made from that of a protocol.

usage: overlay_schema.py [--write]

An overlay is a patch: objects merge by key and null takes a member out, arrays
of objects with an id merge by it, everything else is replaced
(docs/formats/protocol.md, "Overlays"). So its schema says the same as the one
it patches, less what must be there. Without --write: exit 1 when
catalogue/schema/overlay.schema.json is not what this makes.
"""

import json
import pathlib
import sys

SCHEMAS = pathlib.Path(__file__).resolve().parents[1] / "catalogue" / "schema"
OVERLAY = SCHEMAS / "overlay.schema.json"
# What an overlay says itself and takes from no base.
OWN = ["protocol", "base", "version", "status"]


class Maker:
    def __init__(self, protocol):
        self.given = protocol["$defs"]
        self.made = {}

    def patch(self, schema):
        """What may stand in a patch where `schema` stands in a protocol."""
        name = schema.get("$ref", "").removeprefix("#/$defs/")
        whole = self.given[name] if name else schema
        if whole.get("type") == "object":
            return self.named(name, whole) if name else self.object(whole)
        if whole.get("type") == "array":
            return self.array(whole)
        return schema

    def named(self, name, whole):
        key = f"{name}_patch"
        if key not in self.made:
            self.made[key] = {}  # it may contain itself
            self.made[key] = self.object(whole)
        return {"$ref": f"#/$defs/{key}"}

    def object(self, whole):
        made = {key: value for key, value in whole.items()
                if key not in ("required", "oneOf", "anyOf", "minProperties")}
        if "properties" in whole:
            made["properties"] = {
                key: value if key == "id" else self.member(value)
                for key, value in whole["properties"].items()}
        if isinstance(whole.get("additionalProperties"), dict):
            made["additionalProperties"] = self.member(
                whole["additionalProperties"])
        return made

    def member(self, schema):
        return {"anyOf": [self.patch(schema), {"type": "null"}]}

    def array(self, whole):
        items = whole["items"]
        name = items.get("$ref", "").removeprefix("#/$defs/")
        element = self.given[name] if name else items
        if "id" not in element.get("properties", {}):
            return whole  # replaced as a whole
        key = f"{name}_element"
        if key not in self.made:
            self.made[key] = {}
            patch = self.object(element)
            patch["properties"]["remove"] = {
                "description": "true: the element of the base is left out.",
                "const": True}
            patch["properties"]["before"] = {
                "description": "The entry of the base that it stands before.",
                "$ref": "#/$defs/name"}
            patch["required"] = ["id"]
            self.made[key] = patch
        return {"type": "array", "items": {"$ref": f"#/$defs/{key}"}}


def used(schema, found):
    """Names of the definitions that a schema needs."""
    if isinstance(schema, list):
        for element in schema:
            used(element, found)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            found.add(schema["$ref"].removeprefix("#/$defs/"))
        for value in schema.values():
            used(value, found)
    return found


def make(protocol):
    maker = Maker(protocol)
    properties = {
        key: value if key in OWN else
        maker.member(value) for key, value in protocol["properties"].items()}
    every = {**maker.given, **maker.made}
    needed, before = used(properties, set()), set()
    while needed != before:
        before = set(needed)
        needed |= used([every[name] for name in before], set())
    return {
        "$schema": protocol["$schema"],
        "$id": protocol["$id"].replace("protocol.schema", "overlay.schema"),
        "title": "An overlay: a patch of a protocol",
        "description": "Made from protocol.schema.json by "
                       "tools/overlay_schema.py.",
        "type": "object",
        "properties": properties,
        "required": OWN,
        "additionalProperties": False,
        "$defs": {name: every[name] for name in sorted(needed)},
    }


def written(schema):
    """A line a property and a definition."""
    def line(value):
        return json.dumps(value, ensure_ascii=False)
    parts = []
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            inner = ",\n".join(f"  {line(name)}: {line(part)}"
                               for name, part in value.items())
            parts.append(f" {line(key)}: {{\n{inner}}}")
        else:
            parts.append(f" {line(key)}: {line(value)}")
    return "{\n" + ",\n".join(parts) + "}\n"


def main():
    protocol = json.loads((SCHEMAS / "protocol.schema.json").read_text())
    text = written(make(protocol))
    if sys.argv[1:] == ["--write"]:
        OVERLAY.write_text(text)
        return 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    if not OVERLAY.exists() or OVERLAY.read_text() != text:
        print(f"{OVERLAY.name} is not what protocol.schema.json makes of it: "
              "run tools/overlay_schema.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
