/* A host that keeps its cases in its own tables, in its own transactions: the
 * kernel decides, SQLite stores, and a ROLLBACK takes all of it back.
 * usage: own_tables FILE */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepwell.h"

#define NOW INT64_C(1772442000000000) /* 2026-03-02T09:00:00Z */

static sqlite3 *db;
static stepwell_protocol *protocol;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static void run(const char *sql) {
  char *message = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
    fail(sql, message);
  }
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
    fail(sql, sqlite3_errmsg(db));
  }
  return statement;
}

static void finish(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) fail("step", sqlite3_errmsg(db));
  sqlite3_finalize(statement);
}

/* tutorial: tables */
static const char tables[] =
    "CREATE TABLE patient_case(patient TEXT PRIMARY KEY, state BLOB);"
    "CREATE TABLE case_log(patient TEXT, seq INTEGER, record BLOB,"
    "                      PRIMARY KEY(patient, seq));"
    "CREATE TABLE deadline(patient TEXT, clock INTEGER, due_us INTEGER,"
    "                      PRIMARY KEY(patient, clock));"
    "CREATE TABLE outbox(effect TEXT PRIMARY KEY, patient TEXT, json TEXT);"
    "CREATE TABLE worklist(patient TEXT, key TEXT, line TEXT,"
    "                      PRIMARY KEY(patient, key));";
/* tutorial end */

/* tutorial: rows */
/* The rows that a decision changes; SQLite itself reads the JSON. */
static const char *const rows[] = {
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
    " (SELECT value FROM json_each(?2, '$.work_removed'))"};

static void keep(const char *patient, const stepwell_decision *decision) {
  size_t i, len, count = stepwell_decision_record_count(decision);
  const void *bytes = stepwell_decision_state(decision, &len);
  sqlite3_stmt *s = prepare("INSERT OR REPLACE INTO patient_case VALUES(?,?)");
  sqlite3_bind_text(s, 1, patient, -1, SQLITE_STATIC);
  sqlite3_bind_blob(s, 2, bytes, (int)len, SQLITE_STATIC);
  finish(s);
  for (i = 0; i < count; ++i) {
    s = prepare(
        "INSERT INTO case_log SELECT ?1, count(*) + 1, ?2"
        " FROM case_log WHERE patient = ?1");
    bytes = stepwell_decision_record(decision, i, &len);
    sqlite3_bind_text(s, 1, patient, -1, SQLITE_STATIC);
    sqlite3_bind_blob(s, 2, bytes, (int)len, SQLITE_STATIC);
    finish(s);
  }
  for (i = 0; i < sizeof rows / sizeof *rows; ++i) {
    s = prepare(rows[i]);
    sqlite3_bind_text(s, 1, patient, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, stepwell_decision_json(decision, &len), -1,
                      SQLITE_STATIC);
    finish(s);
  }
}
/* tutorial end */

/* tutorial: decide */
/* Decides on the state as the tables have it. */
static stepwell_decision *decide(const char *patient, const char *command) {
  stepwell_kernel_input input;
  stepwell_decision *decision;
  stepwell_error *error;
  sqlite3_stmt *s = prepare("SELECT state FROM patient_case WHERE patient = ?");
  memset(&input, 0, sizeof input);
  input.struct_size = sizeof input;
  sqlite3_bind_text(s, 1, patient, -1, SQLITE_STATIC);
  if (sqlite3_step(s) == SQLITE_ROW) {
    input.state = sqlite3_column_blob(s, 0);
    input.state_len = (size_t)sqlite3_column_bytes(s, 0);
  }
  input.command_json = command;
  input.command_len = strlen(command);
  input.world_json = "{\"staff\":[{\"staff\":\"anna\",\"pools\":[\"team\"]}]}";
  input.world_len = strlen(input.world_json);
  if (stepwell_kernel_decide(protocol, &input, NOW, &decision, &error) !=
      STEPWELL_OK) {
    fail("decide", stepwell_error_message(error));
  }
  sqlite3_finalize(s);
  return decision;
}
/* tutorial end */

static void submit(const char *patient, const char *command, int commit) {
  stepwell_decision *decision;
  run("BEGIN");
  decision = decide(patient, command);
  keep(patient, decision);
  run(commit ? "COMMIT" : "ROLLBACK");
  stepwell_decision_free(decision);
}

/* What the tables hold, as one line. */
static void count(const char *when) {
  sqlite3_stmt *s = prepare(
      "SELECT format('%d records, %d deadlines, %d effects, %d lines of work,"
      " state %s', (SELECT count(*) FROM case_log),"
      " (SELECT count(*) FROM deadline), (SELECT count(*) FROM outbox),"
      " (SELECT count(*) FROM worklist), hex(substr(state, 6, 8)))"
      " FROM patient_case");
  if (sqlite3_step(s) != SQLITE_ROW) fail("count", sqlite3_errmsg(db));
  printf("%s: %s\n", when, (const char *)sqlite3_column_text(s, 0));
  sqlite3_finalize(s);
}

int main(int argc, char **argv) {
  static const char referral[] =
      "{\"id\":\"1\",\"actor\":{\"role\":\"integration\"},"
      "\"command\":\"receive_referral\",\"route\":\"self\","
      "\"person\":{\"system\":\"s\",\"value\":\"1\"}}";
  static const char answers[] =
      "{\"id\":\"2\",\"actor\":{\"role\":\"patient\"},"
      "\"command\":\"submit_response\",\"item\":\"form\","
      "\"answers\":[1,1,1,1,1,1,1,1,1]}";
  stepwell_error *error;
  if (sqlite3_open(argc > 1 ? argv[1] : "own_tables.db", &db) != SQLITE_OK) {
    fail("open", sqlite3_errmsg(db));
  }
  run(tables);
  if (stepwell_protocol_compile("catalogue:minimal", 17, &protocol, &error) !=
      STEPWELL_OK) {
    fail("protocol", stepwell_error_message(error));
  }
  /* tutorial: story */
  submit("p-1", referral, 1);
  count("after the referral");
  submit("p-1", answers, 0); /* something else in the transaction failed */
  count("after the rollback");
  submit("p-1", answers, 1); /* decided anew: the same again */
  count("after the answers");
  /* tutorial end */
  stepwell_protocol_free(protocol);
  sqlite3_close(db);
  return 0;
}
