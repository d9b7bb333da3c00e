"""A host that keeps its cases in its own tables, in its own transactions: the
kernel decides, SQLite stores, and a rollback takes all of it back.

usage: own_tables.py FILE
"""

import sqlite3
import sys
from datetime import datetime, timezone
from typing import Any

import stepwell

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
WORLD = {"staff": [{"staff": "anna", "pools": ["team"]}]}
PERSON = {"system": "s", "value": "1"}
REFERRAL = {"id": "1", "actor": {"role": "integration"}, "person": PERSON,
            "command": "receive_referral", "route": "self"}
ANSWERS = {"id": "2", "actor": {"role": "patient"}, "item": "form",
           "command": "submit_response", "answers": [1] * 9}

# tutorial: tables
TABLES = """
CREATE TABLE patient_case(patient TEXT PRIMARY KEY, state BLOB);
CREATE TABLE case_log(patient TEXT, seq INTEGER, record BLOB,
                      PRIMARY KEY(patient, seq));
CREATE TABLE deadline(patient TEXT, clock INTEGER, due_us INTEGER,
                      PRIMARY KEY(patient, clock));
CREATE TABLE outbox(effect TEXT PRIMARY KEY, patient TEXT, json TEXT);
CREATE TABLE worklist(patient TEXT, key TEXT, line TEXT,
                      PRIMARY KEY(patient, key));
"""
# tutorial end

# tutorial: rows
# The rows that a decision changes; SQLite itself reads the JSON.
ROWS = (
    "INSERT OR REPLACE INTO deadline SELECT ?1, value->>'clock',"
    " value->>'due_us' FROM json_each(?2, '$.clocks_set')",
    "DELETE FROM deadline WHERE patient = ?1 AND clock IN"
    " (SELECT value FROM json_each(?2, '$.clocks_removed'))",
    "INSERT INTO outbox SELECT value->>'effect', ?1, value"
    " FROM json_each(?2, '$.effects')",
    "DELETE FROM outbox WHERE effect IN"
    " (SELECT value FROM json_each(?2, '$.effects_settled'))",
    "INSERT OR REPLACE INTO worklist SELECT ?1, value->>'key', value->'line'"
    " FROM json_each(?2, '$.work_set')",
    "DELETE FROM worklist WHERE patient = ?1 AND key IN"
    " (SELECT value FROM json_each(?2, '$.work_removed'))")


def keep(db: sqlite3.Connection, patient: str,
         decision: stepwell.Decision) -> None:
    db.execute("INSERT OR REPLACE INTO patient_case VALUES(?,?)",
               (patient, decision.state))
    db.executemany("INSERT INTO case_log SELECT ?1, count(*) + 1, ?2"
                   " FROM case_log WHERE patient = ?1",
                   [(patient, record) for record in decision.records])
    for row in ROWS:
        db.execute(row, (patient, decision.json))
# tutorial end


# tutorial: decide
def decide(db: sqlite3.Connection, protocol: stepwell.Protocol, patient: str,
           command: dict[str, Any]) -> stepwell.Decision:
    """Decides on the state as the tables have it."""
    row = db.execute("SELECT state FROM patient_case WHERE patient = ?",
                     (patient,)).fetchone()
    return stepwell.decide(protocol, row[0] if row else b"", command, NOW,
                           world=WORLD)
# tutorial end


class OtherTrouble(Exception):
    """Something else in the transaction failed."""


def submit(db: sqlite3.Connection, protocol: stepwell.Protocol, patient: str,
           command: dict[str, Any], trouble: bool = False) -> None:
    try:
        with db:  # commits, or rolls back when something is raised
            keep(db, patient, decide(db, protocol, patient, command))
            if trouble:
                raise OtherTrouble
    except OtherTrouble:
        pass


def count(db: sqlite3.Connection, when: str) -> None:
    """What the tables hold, as one line."""
    said, = db.execute(
        "SELECT format('%d records, %d deadlines, %d effects, %d lines of"
        " work, state %s', (SELECT count(*) FROM case_log),"
        " (SELECT count(*) FROM deadline), (SELECT count(*) FROM outbox),"
        " (SELECT count(*) FROM worklist), hex(substr(state, 6, 8)))"
        " FROM patient_case").fetchone()
    print(f"{when}: {said}")


def main() -> None:
    db = sqlite3.connect(sys.argv[1] if len(sys.argv) > 1 else "own_tables.db")
    db.executescript(TABLES)
    with stepwell.Protocol.load("catalogue:minimal") as protocol:
        # tutorial: story
        submit(db, protocol, "p-1", REFERRAL)
        count(db, "after the referral")
        submit(db, protocol, "p-1", ANSWERS, trouble=True)
        count(db, "after the rollback")
        submit(db, protocol, "p-1", ANSWERS)  # decided anew: the same again
        count(db, "after the answers")
        # tutorial end
    db.close()


if __name__ == "__main__":
    main()
