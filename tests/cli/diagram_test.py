"""Pictures and differences of protocols, and what anybody may write in them."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

from cli_support import ROOT, CliTest, main

PROTOCOLS = sorted(p.stem for p in (ROOT / "catalogue/protocols").glob("*.json"))
HOSTILE = [
    '"><script>alert(1)</script>', "a\nb\tc", "]]></svg>", '"] --> x', "`md`",
    "%%{init: {'theme': 'x'}}%%", "&amp; &lt; &#35; #35; #quot;", "\\N \\G \\l \\",
    "end", "click x call y()", "\u202egnirts\u202c", "\u2066x\u2069", "\u0007\u001b[31m",
    "שלום עולם", "日本語の題名", "x" * 3000, "<b>not bold</b>", "{a|b} [c] (d)",
    "</text><text>", "-->", "<!--", "'; DROP", "a\u2028\u2029b", "a\ufeff\ufffeb",
]
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {SVG + name for name in ("svg", "title", "rect", "text", "path", "g",
                                    "circle")}
DOT_STRING = re.compile(r'"(?:[^"\\\n]|\\["\\nl])*"')
MERMAID_STRING = re.compile(
    r'"(?:[^\x00-\x7f]|[A-Za-z0-9 .,\-_/()+=:?!]|#\d+;|<br/>)*"')
MERMAID_LINE = re.compile(
    r" *(?:flowchart LR|end|subgraph \w+\[S\]|classDef risk stroke:#b3261e|"
    r"\w+(?:\[S\]|\(\[S\]\)|\(\(S\)\))(?::::risk)?|"
    r"\w+ (?:-->|-\.->)(?:\|S\|)? \w+)")


def shown(text):
    """What of a text may be seen: see ShownText."""
    text = re.sub("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff]",
                  "", text)
    return re.sub("[\x00-\x20\x7f-\xa0\u2028\u2029]+", " ", text).strip()


def titled(text):
    """The smallest protocol with this text wherever one may stand."""
    document = json.loads(
        (ROOT / "catalogue/protocols/minimal.json").read_text())
    document["title"] = {"en": text}
    for part in [*document["routes"], *document["tracks"],
                 *document["items_anywhere"], *document["clocks"],
                 *document["tracks"][0]["phases"],
                 *document["tracks"][0]["phases"][0]["items"]]:
        part["title"] = {"en": text}
    return document


class Diagrams(CliTest):

    def draw(self, protocol, *more):
        return self.run_cli("draw", protocol, *more, code=0).out

    def texts_of(self, drawn):
        root = ElementTree.fromstring(drawn)
        self.assertLessEqual({e.tag for e in root.iter()}, ELEMENTS)
        for element in root.iter():
            for name, value in element.attrib.items():
                self.assertNotRegex(name, "(?i)^on|href|style")
                self.assertNotIn("url(", value)
        return [e.text or "" for e in root.iter(SVG + "text")]

    def dot_is_well_formed(self, drawn):
        rest = DOT_STRING.sub("S", drawn)
        self.assertNotRegex(rest, r'[^A-Za-z0-9_ \[\]={};,>\n-]')
        if shutil.which("dot"):
            done = subprocess.run(["dot", "-Tplain"], input=drawn.encode(),
                                  capture_output=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)

    def mermaid_is_well_formed(self, drawn):
        for line in drawn.splitlines():
            self.assertRegex(MERMAID_STRING.sub("S", line),
                             "^" + MERMAID_LINE.pattern + "$")

    def test_every_shipped_protocol_in_every_format(self):
        for name in PROTOCOLS:
            protocol = f"catalogue:{name}"
            texts = self.texts_of(self.draw(protocol))
            self.assertTrue(any(name in text for text in texts))
            self.dot_is_well_formed(self.draw(protocol, "--as", "dot"))
            self.mermaid_is_well_formed(self.draw(protocol, "--as", "mermaid"))

    def test_what_is_written_in_a_title_is_text_and_nothing_else(self):
        for hostile in HOSTILE:
            path = self.file("hostile.json", json.dumps(titled(hostile)))
            texts = self.texts_of(self.draw(path))
            self.assertIn(shown(hostile)[:40], "\n".join(texts), hostile)
            dot = self.draw(path, "--as", "dot")
            self.dot_is_well_formed(dot)
            mermaid = self.draw(path, "--as", "mermaid")
            self.mermaid_is_well_formed(mermaid)
            for drawn in (dot, mermaid, "".join(texts)):
                self.assertNotRegex(drawn, "[\u202a-\u202e\u2066-\u2069\x1b]")

    def test_the_same_protocol_gives_the_same_bytes(self):
        for kind in ("svg", "dot", "mermaid"):
            first = self.draw("catalogue:icbt_base", "--as", kind)
            self.assertEqual(first,
                             self.draw("catalogue:icbt_base", "--as", kind))

    def test_the_language_of_texts(self):
        swedish = self.draw("catalogue:icbt_sweden")
        english = self.draw("catalogue:icbt_sweden", "--language", "en")
        self.assertIn("Anmälan", swedish)
        self.assertIn("Application", english)
        done = self.run_cli("draw", "catalogue:minimal", "--language", 'x"y',
                            code=2)
        self.assertIn("not written as a language", done.err)

    def test_drawing_as_json(self):
        value = self.json_of("draw", "catalogue:minimal", "--as", "dot")
        self.assertEqual(value["text"],
                         self.draw("catalogue:minimal", "--as", "dot"))

    def test_what_cannot_be_drawn(self):
        bad = self.file("bad.json", '{"protocol": "x"}')
        for arguments, says in ((("draw", bad), "bad.json"),
                                (("draw", "catalogue:none"), "none"),
                                (("draw", "catalogue:minimal", "--as", "png"),
                                 "png"),
                                (("diff", "catalogue:minimal", bad),
                                 "bad.json")):
            done = self.run_cli(*arguments, code=2)
            self.assertEqual(done.out, "")
            self.assertIn(says, done.err)


class Differences(CliTest):

    def test_nothing_differs(self):
        done = self.run_cli("diff", "catalogue:minimal", "catalogue:minimal",
                            code=0)
        self.assertEqual(done.out,
                         "minimal 1 (draft) -> minimal 1 (draft): the same\n")

    def test_an_overlay_and_its_base(self):
        done = self.run_cli("diff", "catalogue:icbt_base",
                            "catalogue:icbt_sweden", code=1)
        lines = done.out.splitlines()
        self.assertEqual(lines[0], "icbt_base 1 (draft) -> icbt_sweden 1 "
                                   "(draft): the logic differs")
        self.assertEqual(lines[1], "Risk")
        self.assertIn('  clock wait_to_start: the time allowed is "30 days" '
                      '(was "90 days")', lines)

    def test_differences_as_json(self):
        value = self.json_of("diff", "catalogue:icbt_base",
                             "catalogue:icbt_sweden", code=1)
        self.assertTrue(value["logic_changed"])
        self.assertTrue(value["changes"][0]["risk"])

    def test_a_document_may_not_steer_the_terminal(self):
        path = self.file("t.json", json.dumps(titled("a\x1b[31mb\u202e")))
        done = self.run_cli("diff", "catalogue:minimal", path, code=1)
        self.assertNotIn("\x1b", done.out)
        self.assertNotIn("\u202e", done.out)


if __name__ == "__main__":
    main()
