"""What the generators of tables share: C string literals, and the way from a
JSON file to a C++ file or standard output."""
import json
import sys


def literal(text, indent):
    """`text` as adjacent C string literals that fit the line."""
    out, line = [], ""
    for word in text.split(" "):
        word = word.replace("\\", "\\\\").replace('"', '\\"')
        word = word.replace("?", "\\?")  # no trigraphs
        if line and len(indent) + len(line) + len(word) > 74:
            out.append(line)
            line = ""
        line += word + " "
    out.append(line[:-1])
    return ("\n" + indent).join('"%s"' % part for part in out)


def write(render):
    """render(JSON of the first argument) to the second, or to stdout."""
    with open(sys.argv[1], encoding="utf-8") as f:
        text = render(json.load(f))
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="utf-8") as f:
            f.write(text)
    else:
        sys.stdout.write(text)
