#!/usr/bin/env bash
# Plays the second half of the demo twice, on one thread and on two: every
# section stands there, both runs print the same bytes, and its sentences say
# what the JSON of the same simulations says. Few replications.
# usage: check_what_if.sh PATH_OF_STEPWELL_WHAT_IF PATH_OF_STEPWELL
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
  "% who get there" \
  "within 6 weeks" \
  "within 18 weeks" \
  "still waiting" \
  "minutes a week: team therapists/check" \
  "minutes a week: team therapists " \
  "alerts a member and week: pool duty/first" \
  "alerts a member and week: pool duty/repeated" \
  "alerts a member and week: pool therapists" \
  "95 % interval" \
  "In a sentence: "; do
  grep -qF "$words" "$work/1.txt" || {
    echo "missing: $words" >&2
    exit 1
  }
done
simulate() {
  "$2" simulate catalogue:icbt_sweden --plan catalogue:icbt_sweden \
    --replications 3 --threads 2 --format json "${@:3}" > "$work/$1.json"
}
simulate base "$2"
simulate doubled "$2" --set arrivals.self.per_year=2700
simulate leave "$2" --set \
  'staff.therapist_1.leave=[{"from": "2026-08-01", "to": "2026-09-01"}]'
python3 "$(dirname "$0")/check_sentences.py" "$work"
echo "what if: three years, twice the same"
