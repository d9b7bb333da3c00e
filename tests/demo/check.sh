#!/usr/bin/env bash
# Plays the demo twice on SQLite and once in memory: every section stands there,
# all runs print the same bytes, the worklists are those that are kept here, and
# what is said to do next with the store works.
# usage: check.sh PATH_OF_STEPWELL_DEMO SOURCE_DIR PATH_OF_STEPWELL
set -euo pipefail
demo=$1
source=$2
cli=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for run in 1 2; do
  "$demo" "$source/examples/demo/referrals.json" "$work/$run.db" \
    > "$work/$run.txt"
done
cmp "$work/1.txt" "$work/2.txt"
# In memory it is the same service: nothing of it comes from the store.
"$demo" "$source/examples/demo/referrals.json" memory: > "$work/memory.txt"
cmp "$work/1.txt" "$work/memory.txt"
# What a therapist opens in the morning, with the keys that it is sorted by: of
# the demo, and of its referrals a week after they came in, as a new user has it.
# STEPWELL_UPDATE_GOLDEN=1 writes both lists: look at the difference.
golden=$source/tests/demo
sed -n '/^== 3/,/^== 4/p' "$work/1.txt" | sed '$d' > "$work/monday.txt"
(
  export STEPWELL_STORE=sqlite:$work/morning.db
  export STEPWELL_NOW=2026-03-02T09:00:00+01:00
  "$cli" service init --protocol catalogue:icbt_sweden --prototype
  "$cli" service submit "$source/examples/demo/staff.ndjson"
  # Some entries are refused: the answer is "no".
  "$cli" service import "$source/examples/demo/referrals.json" || [ $? = 1 ]
  export STEPWELL_NOW=2026-03-09T08:00:00+01:00
  "$cli" service advance
) > "$work/begin.txt"
"$cli" service worklist --store "sqlite:$work/morning.db" \
  --now 2026-03-09T08:00:00+01:00 --counts --limit 12 > "$work/morning.txt"
for list in monday morning; do
  if [ -n "${STEPWELL_UPDATE_GOLDEN:-}" ]; then
    cp "$work/$list.txt" "$golden/$list.txt"
  fi
  diff "$golden/$list.txt" "$work/$list.txt"
done
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
next=0
while read -r arguments; do
  # shellcheck disable=SC2086  # the words of a command
  "$cli" ${arguments//'$store'/$work/1.db} > "$work/next.txt"
  [ -s "$work/next.txt" ]
  next=$((next + 1))
done < <(sed -n 's#^  $build/bin/stepwell ##p' "$source/examples/demo/run")
[ "$next" = 2 ]
echo "the demo shows its eight sections, twice the same"
