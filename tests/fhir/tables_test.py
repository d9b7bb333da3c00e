"""The generated tables that are checked in are what their scripts write."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHARED = os.environ.get("STEPWELL_SHARED", os.path.join(ROOT, "..", "shared"))

TABLES = [
    ("generate_codes.py", "r4-required-codes.json", "r4_codes_data.cc"),
    ("generate_invariants.py", "r4-invariants.json", "r4_invariants_data.cc"),
]


def main():
    failed = False
    for script, data, table in TABLES:
        source = os.path.join(SHARED, "data", "fhir", data)
        if not os.path.exists(source):
            if os.environ.get("STEPWELL_REQUIRE_SHARED") == "1":
                print("shared data is required and absent:", source)
                return 1
            print("skipped: shared data is absent:", source)
            continue
        made = subprocess.run(
            [sys.executable, "-B",
             os.path.join(ROOT, "tools", "r4_model", script), source],
            capture_output=True, text=True, check=True).stdout
        path = os.path.join(ROOT, "src", "fhir", table)
        with open(path, encoding="utf-8") as f:
            if f.read() != made:
                print("%s differs from what %s writes" % (table, script))
                failed = True
    return 1 if failed else 0


sys.exit(main())
