#!/usr/bin/env bash
# Plays the demo twice: every section stands there, both runs print the same
# bytes. usage: check.sh PATH_OF_STEPWELL_DEMO SOURCE_DIR
set -euo pipefail
demo=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for run in 1 2; do
  "$demo" "$source/examples/demo/referrals.json" "$work/$run.db" \
    > "$work/$run.txt"
done
cmp "$work/1.txt" "$work/2.txt"
for section in \
  "== 1. Intake: a Bundle of referrals comes in ==" \
  "== 2. An alert and its ladder: nobody acknowledges for six hours ==" \
  "== 3. The worklist of one Monday ==" \
  "== 4. One patient's portal ==" \
  "== 5. The case behind it, and why a module is blocked ==" \
  "== 6. A wrong-patient questionnaire, voided without a trace ==" \
  "== 7. The service after nine months ==" \
  "== 8. The log is the truth =="; do
  grep -qF "$section" "$work/1.txt" || {
    echo "missing: $section" >&2
    exit 1
  }
done
# What the sections must say: a refused entry with its path, the import again
# without a change, a climbed ladder, a blocked module, a void without trace, a
# missing share, an equal replay.
for words in \
  "refused Bundle.entry[" \
  "the same Bundle once more: 0 new" \
  "AlertEscalated" \
  "m10 is blocked" \
  "as before; the log keeps both events" \
  "still waiting" \
  "missing for" \
  "broken invariants 0" \
  "equal to the stored state"; do
  grep -qF "$words" "$work/1.txt" || {
    echo "missing: $words" >&2
    exit 1
  }
done
echo "the demo shows its eight sections, twice the same"
