"""Fitting a linear predictor to what a service has seen, with honest metrics.

The library ships no coefficients. This makes them from a service's own cases,
as the `linear` part of a decision (docs/formats/protocol.md), together with how
well it tells apart those for whom the treatment will fail: by cross-validation,
in which means, coefficients and the cut are found anew without the part that is
judged. Plain Python, so that nothing else need be installed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

# Below this balanced accuracy a predictor is hardly of use (Forsell and others
# 2022, PMC9253627).
USEFUL = 0.67

# A document's numbers have at most 38 digits, and a sum of squares must not
# overflow.
_GREATEST = 1e15


@dataclass(frozen=True)
class Term:
    """One predictor: `id` is its column in the rows, `value` what the protocol
    reads for it. A row without it is left out; with `impute` the mean of those
    who have it stands in. `max_age` ("14 days") says how old the score may be
    that `value` reads: the checker wants it of every score but the first."""

    id: str
    value: str
    title: str = ""
    impute: bool = False
    max_age: str = ""


@dataclass(frozen=True)
class Accuracy:
    """How well those who fail are told apart."""

    n: int
    failed: int
    sensitivity: float
    specificity: float

    @property
    def balanced(self) -> float:
        """The mean of sensitivity and specificity; 0.5 is chance."""
        return (self.sensitivity + self.specificity) / 2


@dataclass(frozen=True)
class Fit:
    """A linear predictor. `accuracy` is cross-validated; `apparent` is that of
    the rows it was made from, which is too good; the difference between the two
    is what it has learnt by heart."""

    linear: dict[str, Any]  # the part of a decision's `predict`
    accuracy: Accuracy
    apparent: Accuracy
    folds: int
    left_out: dict[str, int]  # rows without an outcome, or without a term

    @property
    def useful(self) -> bool:
        return self.accuracy.balanced >= USEFUL

    def predict(self, row: Mapping[str, float | None]) -> float | None:
        """The sum, as the engine makes it; None when a value is missing that
        nothing stands in for."""
        total: float = self.linear["intercept"]
        for term in self.linear["terms"]:
            value = _number(row.get(term["id"]))
            if value is None:
                if term["missing"] == "unknown":
                    return None
                value = term["missing"]["mean"]
            total += term["coefficient"] * value
        return total


@dataclass
class _Model:
    """What is found from the rows of one training."""

    means: list[float] = field(default_factory=list)
    intercept: float = 0.0
    coefficients: list[float] = field(default_factory=list)
    cut: float = 0.0

    def sum_of(self, values: Sequence[float | None]) -> float:
        return self.intercept + sum(
            c * (m if v is None else v)
            for c, m, v in zip(self.coefficients, self.means, values))


_Row = tuple[list[float | None], float]  # values of the terms, the outcome


def _number(value: Any) -> float | None:
    """None for what is missing: None, or NaN, which data frames have for it."""
    if value is None:
        return None
    number = float(value)
    if math.isnan(number):
        return None
    if abs(number) > _GREATEST:
        raise ValueError(f"{number!r} is beyond what a document can hold")
    return number


def _read(row: Mapping[str, Any], column: str, place: int) -> float | None:
    try:
        return _number(row[column])
    except (TypeError, ValueError) as error:
        raise ValueError(f"row {place}, {column!r}: {error}") from None


def _written(number: float) -> float:
    """As the document says it. What is judged are the numbers of the document,
    so they are cut to their digits before anything is summed up. Digits that
    count, not decimals: the predictor may be a million or a millionth."""
    return float(f"{number:.12g}") if abs(number) > 1e-24 else 0.0


def _between(low: float, high: float) -> float:
    """The shortest number above `low` and not above `high`, near the middle."""
    for digits in range(1, 17):
        middle = float(f"{(low + high) / 2:.{digits}g}")
        if low < middle <= high:
            return middle
    return high


def _solve(matrix: list[list[float]], right: list[float],
           names: Sequence[str]) -> list[float]:
    """Gauss with pivots; a term that others determine is named."""
    size = len(right)
    for i in range(size):
        best = max(range(i, size), key=lambda r: abs(matrix[r][i]))
        if abs(matrix[best][i]) < 1e-9:
            raise ValueError(f"the term {names[i]!r} says nothing that the "
                             "others do not, or is the same in all rows")
        matrix[i], matrix[best] = matrix[best], matrix[i]
        right[i], right[best] = right[best], right[i]
        for r in range(i + 1, size):
            factor = matrix[r][i] / matrix[i][i]
            right[r] -= factor * right[i]
            for c in range(i, size):
                matrix[r][c] -= factor * matrix[i][c]
    found = [0.0] * size
    for i in reversed(range(size)):
        rest = sum(matrix[i][c] * found[c] for c in range(i + 1, size))
        found[i] = (right[i] - rest) / matrix[i][i]
    return found


def _judge(sums: Sequence[float], failed: Sequence[bool],
           red: Sequence[bool]) -> Accuracy:
    bad = sum(failed)
    hits = sum(f and r for f, r in zip(failed, red))
    rests = sum(not f and not r for f, r in zip(failed, red))
    return Accuracy(len(sums), bad, hits / bad, rests / (len(sums) - bad))


def _cut(sums: Sequence[float], failed: Sequence[bool]) -> float:
    """The cut of the best balanced accuracy, of several the highest: between
    two sums, so that it does not hang on the last digit of either."""
    bad = sum(failed)
    good = len(failed) - bad
    order = sorted(zip(sums, failed), reverse=True)
    best, found = -1.0, order[0][0]
    hits = alarms = 0
    for i, (value, is_bad) in enumerate(order):
        hits += is_bad
        alarms += not is_bad
        following = order[i + 1][0] if i + 1 < len(order) else value - 1
        if value - following <= 1e-9 * max(1.0, abs(value)):
            continue  # equal sums fall on one side
        balanced = hits / bad + (good - alarms) / good
        if balanced > best:
            best, found = balanced, _between(following, value)
    return found


def _train(rows: Sequence[_Row], names: Sequence[str],
           fails: float) -> _Model:
    """Least squares on centred and scaled values; the numbers are those that
    are written."""
    model = _Model()
    scales = []
    for k in range(len(names)):
        known = [v for v in (row[0][k] for row in rows) if v is not None]
        mean = _written(sum(known) / len(known)) if known else 0.0
        model.means.append(mean)
        spread = sum((v - mean) ** 2 for v in known) / max(len(known), 1)
        scales.append(spread ** 0.5 or 1.0)
    centred = [[0.0 if v is None else (v - m) / s
                for v, m, s in zip(values, model.means, scales)]
               for values, _ in rows]
    middle = sum(outcome for _, outcome in rows) / len(rows)
    size = len(names)
    matrix = [[sum(x[i] * x[j] for x in centred) / len(rows)
               for j in range(size)] for i in range(size)]
    right = [sum(x[i] * (row[1] - middle)
                 for x, row in zip(centred, rows)) / len(rows)
             for i in range(size)]
    model.coefficients = [
        _written(c / s) for c, s in zip(_solve(matrix, right, names), scales)]
    model.intercept = _written(middle - sum(
        c * m for c, m in zip(model.coefficients, model.means)))
    model.cut = _cut([model.sum_of(values) for values, _ in rows],
                     [outcome >= fails for _, outcome in rows])
    return model


def _validate(rows: Sequence[_Row], names: Sequence[str], fails: float,
              folds: int, seed: int) -> Accuracy:
    """Each row judged by a model that has not seen it; folds have the same
    share of failures."""
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    order.sort(key=lambda i: rows[i][1] >= fails)  # stable: shuffled within
    fold = {row: place % folds for place, row in enumerate(order)}
    sums: list[float] = []
    failed: list[bool] = []
    red: list[bool] = []
    for part in range(folds):
        model = _train([row for i, row in enumerate(rows) if fold[i] != part],
                       names, fails)
        for i, (values, outcome) in enumerate(rows):
            if fold[i] != part:
                continue
            sums.append(model.sum_of(values))
            failed.append(outcome >= fails)
            red.append(sums[-1] >= model.cut)
    return _judge(sums, failed, red)


def fit_linear(rows: Iterable[Mapping[str, Any]], terms: Sequence[Term], *,
               outcome: str, fails: float, name: str, population: str,
               on: date, folds: int = 10, seed: int = 0) -> Fit:
    """Fits a linear predictor of how a treatment ends.

    rows: one a person: the columns of the terms and `outcome`, numbers or None
        (NaN is None).
    outcome: the higher, the worse: a score after treatment.
    fails: an outcome of at least this is a failure.
    name, population, on: what the document says of the model, and its date.
    folds, seed: of the cross-validation; the same rows and seed give the same.

    A row without an outcome is left out and counted: the accuracy is that of
    people who were measured at the end. The accuracies are those of the numbers
    as they are written. ValueError when there are fewer failures or successes
    than folds, a term says nothing, or a value is no number (which row)."""
    if not terms:
        raise ValueError("a predictor needs a term")
    if folds < 2:
        raise ValueError(f"folds is {folds}: it must be 2 or more")
    names = [term.id for term in terms]
    left_out = dict.fromkeys(["outcome", *names], 0)
    kept: list[_Row] = []
    for place, row in enumerate(rows):
        ended = _read(row, outcome, place)
        if ended is None:
            left_out["outcome"] += 1
            continue
        values = [_read(row, name, place) for name in names]
        absent = [t.id for t, v in zip(terms, values)
                  if v is None and not t.impute]
        if absent:
            left_out[absent[0]] += 1
            continue
        kept.append((values, ended))
    bad = sum(value >= fails for _, value in kept)
    if min(bad, len(kept) - bad) < folds:
        raise ValueError(
            f"of {len(kept)} rows {bad} are failures: each of {folds} folds "
            "needs a failure and a success")
    model = _train(kept, names, fails)
    accuracy = _validate(kept, names, fails, folds, seed)
    document = {
        "model": {"name": name, "training_n": len(kept),
                  "population": population,
                  "balanced_accuracy": round(accuracy.balanced, 3),
                  "date": on.isoformat()},
        "intercept": model.intercept,
        "terms": [
            {"id": term.id, **({"title": term.title} if term.title else {}),
             "value": term.value,
             **({"max_age": term.max_age} if term.max_age else {}),
             "coefficient": coefficient,
             "missing": {"mean": mean} if term.impute else "unknown"}
            for term, coefficient, mean in zip(terms, model.coefficients,
                                               model.means)],
        "red": model.cut}
    sums = [model.sum_of(values) for values, _ in kept]
    apparent = _judge(sums, [value >= fails for _, value in kept],
                      [total >= model.cut for total in sums])
    return Fit(document, accuracy, apparent, folds, left_out)
