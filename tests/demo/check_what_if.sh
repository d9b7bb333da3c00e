#!/usr/bin/env bash
# Plays the second half of the demo twice, on one thread and on two: every
# section stands there, both runs print the same bytes. Few replications.
# usage: check_what_if.sh PATH_OF_STEPWELL_WHAT_IF
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" --replications 3 --threads 1 > "$work/1.txt"
"$1" --replications 3 --threads 2 > "$work/2.txt"
cmp "$work/1.txt" "$work/2.txt"
for words in \
  "== 9. A year at 1,500 applicants ==" \
  "== 10. What if self-referrals doubled? ==" \
  "== 11. What if a therapist is on leave in August? ==" \
  "From the referral to the assessment" \
  "From the assessment to the start of treatment" \
  "within 6 weeks" \
  "within 18 weeks" \
  "still waiting" \
  "minutes a week: appointment" \
  "minutes a week: alert" \
  "alerts a therapist and week: first of a patient" \
  "alerts a therapist and week: repeats" \
  "95 % interval" \
  "In a sentence: "; do
  grep -qF "$words" "$work/1.txt" || {
    echo "missing: $words" >&2
    exit 1
  }
done
# Each of the three says what it means, and the doubled service cannot keep up.
[ "$(grep -c '^  In a sentence: ' "$work/1.txt")" = 3 ]
grep -q "cannot keep up" "$work/1.txt"
echo "what if: three years, twice the same"
