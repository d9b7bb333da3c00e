/* stepwell.h: the C interface of Stepwell, and its only binary promise.
 *
 * Stepwell runs stepped-care services: a service is written down once, as a
 * document, and the library decides what happens to each patient, when, and
 * whose work it is.
 *
 *     #include <stepwell.h>
 *
 *     stepwell_service_options options = {sizeof options};
 *     stepwell_service *service;
 *     stepwell_error *error;
 *     options.store_url = "sqlite:clinic.db";
 *     options.store_url_len = strlen(options.store_url);
 *     if (stepwell_service_open(&options, &service, &error) != STEPWELL_OK) {
 *       fputs(stepwell_error_message(error), stderr);
 *       stepwell_error_free(error);
 *       return 1;
 *     }
 *     char *reply;
 *     if (stepwell_service_submit(service, now_us, command, strlen(command),
 *                                 &reply, NULL, NULL) == STEPWELL_OK) {
 *       puts(reply);
 *       stepwell_string_free(reply);
 *     }
 *     stepwell_service_free(service);
 *
 * Conventions
 *
 *  1. Names are stepwell_noun_verb. Nothing else is exported.
 *  2. Handles are pointers to structures that are never defined here. Each
 *     kind has one free function; to free NULL does nothing.
 *  3. What a function returns directly is borrowed: it lives as long as what
 *     it came from. What comes through an out-parameter (T **out) is owned by
 *     the caller and is freed by this library's function for it, never by
 *     free(): a char * by stepwell_string_free.
 *  4. A function that can fail returns a stepwell_status and takes a
 *     stepwell_error ** as its last parameter, which may be NULL. There is no
 *     "last error" kept per thread or per process.
 *  5. On failure every other out-parameter is NULL or 0; on success *error is
 *     NULL.
 *  6. Text is UTF-8, given as pointer and length and copied before the call
 *     returns. It need not end in NUL; text that is returned always does, and
 *     its length may be asked for (NULL: not wanted). NULL with length 0 is
 *     the empty text. Invalid UTF-8 is an error, never repaired; so is a text
 *     of more than STEPWELL_TEXT_BYTES_MAX bytes.
 *  7. Time is an argument: int64_t microseconds since 1970-01-01T00:00:00Z.
 *     The library reads no clock. STEPWELL_NEVER is "no such time".
 *  8. Rich values are JSON with a published schema (catalogue/schema). What is
 *     wrong with a document (issues), and that the service's rules refuse a
 *     command (a rejection), are results: the call returns STEPWELL_OK and
 *     the JSON says so.
 *  9. Option structures begin with their own size, are zeroed by the caller
 *     and only grow at the end. A size that ends inside a field, or before
 *     `flags`, is a misuse; what a newer caller has beyond it is not read.
 *     NULL, where it is allowed, means the defaults.
 * 10. A callback gets the void *user_data it was given with; it returns 0 to
 *     go on and anything else to stop (STEPWELL_CANCELLED). It must neither
 *     throw nor longjmp; an exception that leaves it all the same is caught
 *     and ends the call with STEPWELL_CALLBACK_FAILED.
 * 11. Threads: each function says "any-thread", "serialized-per-handle" (one
 *     call at a time on one handle; different handles are independent) or
 *     "immutable-shareable" (the handle never changes: any number of threads
 *     may use it at once). A handle is freed once, by one thread, and no call
 *     on it may begin after that; calls that have begun finish first.
 * 12. Each function says since which version it exists. A function is never
 *     taken away, nor its meaning changed, within one soname.
 * 13. NULL where it is not allowed, a handle of another kind, a closed handle
 *     and one that was made before fork() give STEPWELL_MISUSE. A closed
 *     handle is recognised for certain in debug builds of the library (which
 *     abort when one is freed twice); in release builds its memory may have
 *     been used again, and the behaviour is undefined as for free().
 *
 * What it does not support
 *
 *  - Use of a handle in a child process after fork(): the call is refused, and
 *    to free the handle there does nothing. Open it there anew.
 *  - Unloading with dlclose(), and two copies of the library in one process.
 *  - An allocator of the host's: what lies below the library has its own.
 *  - Signals: no function is safe to call from a signal handler.
 *  - Time zones of the host: zones are compiled in, see stepwell_build_info.
 *  - Networks, printing, and ending the process. Threads of its own but those
 *    that a simulation asks for and joins before it returns.
 *
 * Stepwell is a component, no medical device: whoever builds a service with
 * it answers for that service.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef STEPWELL_H_
#define STEPWELL_H_

#include <stddef.h>
#include <stdint.h>

#define STEPWELL_VERSION_MAJOR 0
#define STEPWELL_VERSION_MINOR 1
#define STEPWELL_VERSION_PATCH 0
/* Major * 1,000,000 + minor * 1,000 + patch. */
#define STEPWELL_VERSION_NUMBER                                       \
  (STEPWELL_VERSION_MAJOR * 1000000 + STEPWELL_VERSION_MINOR * 1000 + \
   STEPWELL_VERSION_PATCH)

/* Defined by the library's own build only. */
#if defined(STEPWELL_BUILDING) && defined(__GNUC__)
#define STEPWELL_API __attribute__((visibility("default")))
#else
#define STEPWELL_API
#endif

/* A status that nobody looks at is a mistake. */
#if defined(__GNUC__)
#define STEPWELL_MUST_USE __attribute__((warn_unused_result))
#else
#define STEPWELL_MUST_USE
#endif

/* No function lets an exception out. C++98 has no word for it. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define STEPWELL_NOEXCEPT noexcept
#else
#define STEPWELL_NOEXCEPT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Values ------------------------------------------------------------ */

/* How a call went. Fixed width in every language; new ones may be added. */
typedef int32_t stepwell_status;
enum {
  STEPWELL_OK = 0,
  STEPWELL_INVALID = 1,      /* bad bytes, or text that says nothing */
  STEPWELL_NOT_FOUND = 2,    /* no such case, person, document */
  STEPWELL_CONFLICT = 3,     /* somebody else wrote first; try again */
  STEPWELL_ID_USED = 4,      /* a command id with other content */
  STEPWELL_PRECONDITION = 5, /* not now: the message says what first */
  STEPWELL_TOO_LARGE = 6,    /* beyond a limit (docs/reference/limits.md) */
  STEPWELL_CORRUPT = 7,      /* stored bytes are damaged */
  STEPWELL_UNAVAILABLE = 8,  /* store locked, disk full */
  STEPWELL_CANCELLED = 9,    /* a callback said so */
  STEPWELL_UNSUPPORTED = 10, /* written by a newer version, not built in */
  STEPWELL_NO_MEMORY = 11,
  STEPWELL_MISUSE = 12,          /* NULL, closed handle, wrong kind, fork */
  STEPWELL_CALLBACK_FAILED = 13, /* a callback threw */
  STEPWELL_INTERNAL = 14         /* a mistake of the library's */
};

/* "No such time": no deadline, no clock that runs. */
#define STEPWELL_NEVER INT64_MAX
/* The longest text that any function takes, in bytes. */
#define STEPWELL_TEXT_BYTES_MAX 268435456

/* The Arrow C stream interface; a consumer of Arrow has its definition. */
struct ArrowArrayStream;

typedef struct stepwell_error stepwell_error;
typedef struct stepwell_protocol stepwell_protocol;
typedef struct stepwell_instrument stepwell_instrument;
typedef struct stepwell_expression stepwell_expression;
typedef struct stepwell_service stepwell_service;
typedef struct stepwell_decision stepwell_decision;
typedef struct stepwell_simulation stepwell_simulation;

/* ---- The library ------------------------------------------------------- */

/* The version of the library that is loaded, to be compared with
 * STEPWELL_VERSION_NUMBER, the version of this header.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API int32_t stepwell_version_number(void) STEPWELL_NOEXCEPT;

/* What the loaded library was built from, as a JSON object: version, compiler,
 * features, the versions of its dependencies and of the time zone data. The
 * text lives as long as the library; NULL only when memory has run out.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API const char *stepwell_build_info(void) STEPWELL_NOEXCEPT;

/* Frees a text that came through an out-parameter.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API void stepwell_string_free(char *text) STEPWELL_NOEXCEPT;

/* ---- Errors ------------------------------------------------------------ */

/* What the failed call returned; STEPWELL_OK for NULL.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API stepwell_status stepwell_error_status(const stepwell_error *error)
    STEPWELL_NOEXCEPT;

/* The stable word for the status: "not_found". "" for NULL.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API const char *stepwell_error_code(const stepwell_error *error)
    STEPWELL_NOEXCEPT;

/* What went wrong and what would be right, for people. "" for NULL.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API const char *stepwell_error_message(const stepwell_error *error)
    STEPWELL_NOEXCEPT;

/* All of it as a JSON object: "code", "message"; where it is known, "pointer"
 * (the JSON pointer of the place in the text that was given) and "offset" (the
 * byte of that text, from 0); and what only some errors have: "issues" of a
 * document, "expression" with kind and column.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API const char *stepwell_error_json(const stepwell_error *error)
    STEPWELL_NOEXCEPT;

/* Frees an error; what was borrowed from it ends with it.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API void stepwell_error_free(stepwell_error *error) STEPWELL_NOEXCEPT;

/* ---- The catalogue ----------------------------------------------------- */

/* One document of those that are compiled in by its path:
 * "protocols/icbt_base.json"; with an empty path all their paths as a JSON
 * array, sorted.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_catalogue_document(
    const char *path, size_t path_len, char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* ---- Protocols --------------------------------------------------------- */

/* Checks a protocol document, or one of the catalogue ("catalogue:icbt_base"):
 * {"ok", "protocol", "version", "hash", "logic_hash", "issues":
 * [{"severity", "code", "pointer", "message", "hint"}]}. A document with
 * mistakes is a result; an error means that the text is no JSON.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_protocol_check(
    const char *document, size_t document_len, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Compiles a protocol document, or one of the catalogue, into an immutable
 * value. STEPWELL_INVALID when it has mistakes: the error's JSON lists them.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_protocol_compile(
    const char *document, size_t document_len, stepwell_protocol **protocol,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* What the protocol is made of, as a JSON object: id, version, title, status,
 * hash (of the document with all that it imports: what a case is pinned to),
 * logic_hash, routes, tracks with phases, elements, clocks, instruments, pools,
 * and the rendered "document", overlays applied, which JSON pointers lead into.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_protocol_info(
    const stepwell_protocol *protocol, char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* Draws a protocol: its tracks as lanes of phases with their items, moves, ways
 * in, modules, clocks and alerts. options_json may be empty or {"as": "svg" |
 * "dot" | "mermaid", "language": "sv"}; without, it is SVG in the protocol's
 * own language. The result is the text of the picture, no JSON.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_protocol_draw(
    const stepwell_protocol *protocol, const char *options_json,
    size_t options_len, char **result_text, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* What differs between two protocols, those of risk first: {"before": {...},
 * "after": {"protocol", "version", "status", "hash", "logic_hash"},
 * "logic_changed", "changes": [{"what", "kind", "subject", "words", "pointer",
 * "before", "after", "logic", "risk"}], "migration", "text"}; "text" is all of
 * it for people. A change inside an imported document says its "document". Of
 * two versions of one protocol "migration" is a draft of how open cases go
 * over, {"document", "unmapped"}.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_protocol_diff(
    const stepwell_protocol *before, const stepwell_protocol *after,
    char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* Frees a protocol. What was made with it keeps what it needs.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API void stepwell_protocol_free(stepwell_protocol *protocol)
    STEPWELL_NOEXCEPT;

/* ---- Instruments ------------------------------------------------------- */

/* Loads a questionnaire: an id of the catalogue ("phq-9"), a document, which
 * begins with a brace, or a FHIR R4 Questionnaire. STEPWELL_INVALID when the
 * document has mistakes: the error's JSON lists them. Thread-safety:
 * any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_instrument_load(
    const char *instrument, size_t instrument_len, stepwell_instrument **out,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* What the questionnaire is, as a JSON object: id, version, title, hash, items
 * with their values, scales, bands, licence.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_instrument_info(
    const stepwell_instrument *instrument, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Scores answers: a JSON array in item order (null = not answered) or an
 * object by item. options_json may be empty or {"context": {"sex": ...},
 * "coding", "profile", "missing": "strict"|"prorate", "risk_threshold": n}.
 * The result is what `stepwell score` prints: "score" is null when there is
 * none.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_instrument_score(
    const stepwell_instrument *instrument, const char *answers_json,
    size_t answers_len, const char *options_json, size_t options_len,
    char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* Scores many responses: `answers` is a stream of batches with a column an
 * item, by its id or LOINC code; integers, whole floats or booleans, null = not
 * answered; an item that concerns everybody must have one. Columns of other
 * names are not read, but "sex" (female, male, other or unknown). The stream is
 * taken: the call releases it, whatever comes of it. options_json as for
 * stepwell_instrument_score, its context for all rows. The result has a row a
 * response: score, score_exact, band, a column a subscale (subscale_ID), flag
 * (flag_ID) and risk marker (null = unknown), tier, missing and out_of_range
 * (how many items), complete, prorated, and where the form has such items
 * against_skip and ignored (how many). `sex` is a column of text, and what does
 * not apply a column of true and false by the name of its context
 * (work_not_applicable). `out` is zeroed on failure.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status
stepwell_instrument_score_columns(const stepwell_instrument *instrument,
                                  struct ArrowArrayStream *answers,
                                  const char *options_json, size_t options_len,
                                  struct ArrowArrayStream *out,
                                  stepwell_error **error) STEPWELL_NOEXCEPT;

/* The change between two scores: request_json is {"pre": 18, "post": 9,
 * "profile": ..., "subscale": ...}, null or absent = missing, without a
 * subscale total scores. Or that of a cohort: {"csv": the table, "pre": column,
 * "post": column, "method", "better", "reliability", "reliability_post", "sd",
 * "mean", "critical", "cutoff", "clinical": {"mean", "sd"}, "functional", "by",
 * "remission", "subscale"}; better and reliability are the document's when left
 * out. The table may come as `table` in place of "csv": a stream of batches
 * whose columns hold numbers, null = missing; it is taken: the call releases
 * it, whatever comes of it. The result is what `stepwell change` prints.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_instrument_change(
    const stepwell_instrument *instrument, const char *request_json,
    size_t request_len, struct ArrowArrayStream *table, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Frees a questionnaire.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API void stepwell_instrument_free(stepwell_instrument *instrument)
    STEPWELL_NOEXCEPT;

/* Counts a table of courses by a published definition, one row a course: `csv`,
 * or, while that is empty, `columns`: a stream of batches whose columns hold
 * numbers, text, and dates (or timestamps at midnight), null = missing. Others
 * than those of docs/reference/measures.md are not read. The stream is taken:
 * the call releases it, whatever comes of it. options_json may be empty or
 * {"definition": "nhs-tt" | "nhs-tt-counts", "by": column, "from": day, "to":
 * day, "suppress_below": n}. The result is what `stepwell outcomes` prints
 * (docs/reference/measures.md).
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_outcomes_count(
    const char *csv, size_t csv_len, struct ArrowArrayStream *columns,
    const char *options_json, size_t options_len, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* ---- Expressions ------------------------------------------------------- */

/* Compiles a FHIRPath expression. options_json may be empty or {"model":
 * "r4"|"none", "context": "expression", "questionnaire": {...},
 * "variables": {"name": value}, "offset_minutes": 60}. STEPWELL_INVALID when
 * it is no expression: the error's JSON has kind and column.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_expression_compile(
    const char *expression, size_t expression_len, const char *options_json,
    size_t options_len, stepwell_expression **out,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* Evaluates it on a resource (JSON; empty = on nothing). now_us is what now()
 * and today() give; with STEPWELL_NEVER an expression that asks for the time is
 * STEPWELL_INVALID. The result is a JSON array of {"type", "value"}.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_expression_evaluate(
    const stepwell_expression *expression, int64_t now_us,
    const char *resource_json, size_t resource_len, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Why it gives what it gives: the tree of its parts, each with its value:
 * {"text", "column", "evaluated", "truth", "values", "error", "parts"}. The
 * root also says what the expression reads ("reads"), where it turns what is
 * missing into something definite ("definite") and whether it asks for the
 * time ("uses_now"). now_us as for stepwell_expression_evaluate.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_expression_explain(
    const stepwell_expression *expression, int64_t now_us,
    const char *resource_json, size_t resource_len, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Frees an expression.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API void stepwell_expression_free(stepwell_expression *expression)
    STEPWELL_NOEXCEPT;

/* ---- FHIR -------------------------------------------------------------- */

/* Is a text legal FHIR R4: one resource (a Bundle with its entries), or NDJSON.
 * Structure, formats, codes of required bindings and the invariants of the
 * definitions (docs/guides/fhir-validate.md). {"valid", "resources", "errors",
 * "warnings", "results": [{"line", "resource", "outcome": {OperationOutcome}}]}
 * with a result for each resource that has issues. Any bytes of UTF-8 give a
 * result; that they are no JSON is an issue.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_fhir_validate(
    const char *text, size_t text_len, char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* ---- Services ---------------------------------------------------------- */

/* Where a service lives and, when it is created, what it is. */
typedef struct stepwell_service_options {
  uint32_t struct_size;  /* sizeof this structure as the caller knows it */
  uint32_t flags;        /* STEPWELL_SERVICE_PROTOTYPE (create only) or 0 */
  const char *store_url; /* "memory:" or "sqlite:PATH" */
  size_t store_url_len;
  const char *protocol; /* create only: a document or "catalogue:icbt_base" */
  size_t protocol_len;
  const char *tenant; /* create only; empty = "default" */
  size_t tenant_len;
} stepwell_service_options;
/* Lets a service begin with a protocol that is a draft or under review: for
 * trying it out, never for patients. */
#define STEPWELL_SERVICE_PROTOTYPE 1

/* A new service in an empty store. STEPWELL_INVALID when the protocol has
 * mistakes: the error's JSON lists them; STEPWELL_PRECONDITION when it is not
 * approved and the flags do not say prototype, or when it is retired.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_create(
    const stepwell_service_options *options, int64_t now_us,
    stepwell_service **service, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Opens a service that exists, whatever the status of its protocol; protocol
 * and tenant must be empty, and flags 0.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_open(
    const stepwell_service_options *options, stepwell_service **service,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* Closes a service. What was acknowledged is stored.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API void stepwell_service_free(stepwell_service *service)
    STEPWELL_NOEXCEPT;

/* Submits one command (docs/formats/command.md). The reply says what became of
 * it: accepted, rejected with a code, or parked; the same command again gets
 * the same reply.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_submit(
    stepwell_service *service, int64_t now_us, const char *command_json,
    size_t command_len, char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* How far and how to advance. */
typedef struct stepwell_advance_options {
  uint32_t struct_size;
  uint32_t flags;      /* STEPWELL_ADVANCE_..., or 0 */
  uint64_t clocks_max; /* stop after so many clocks; 0 = 1,000,000 */
} stepwell_advance_options;
/* Allows an advance over more than 60 days: look at the preview first. */
#define STEPWELL_ADVANCE_CATCH_UP 1
/* Only says what an advance would do, by clock; changes nothing. */
#define STEPWELL_ADVANCE_PREVIEW 2

/* Fires the clocks that are due: {"fired", "more", "next_due", "failed"}. While
 * "more", others are due and can be fired: advance again. What is in "failed"
 * could not be fired; the others went on, and the next advance tries it again.
 * With PREVIEW: {"due", "oldest_due", "last_advance", "needs_catch_up",
 * "by_clock"}.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_advance(
    stepwell_service *service, int64_t now_us,
    const stepwell_advance_options *options, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* A newer version of the service's protocol, and how cases go over to it. */
typedef struct stepwell_version_options {
  uint32_t struct_size;
  uint32_t flags;       /* STEPWELL_VERSION_..., or 0: a dry run */
  const char *document; /* a migration; with DEPLOY a protocol */
  size_t document_len;
  const char *actor; /* who answers for it: the host's reference */
  size_t actor_len;
  const char *reason; /* DEPLOY only: recorded with it */
  size_t reason_len;
  const char *after; /* "next" of an earlier batch; empty = from the start */
  size_t after_len;
  uint64_t cases_max; /* stop after so many cases; 0 = all */
} stepwell_version_options;
/* The document is a protocol that new cases begin with from here on. */
#define STEPWELL_VERSION_DEPLOY 1
/* With DEPLOY: also a protocol that is not approved; never for patients. */
#define STEPWELL_VERSION_PROTOTYPE 2
/* The migration, or the amendment, is carried out. */
#define STEPWELL_VERSION_APPLY 4
/* The migration is a safety amendment (docs/formats/look_back.md). */
#define STEPWELL_VERSION_AMEND 8
/* With AMEND: the look-back goes over closed cases too. */
#define STEPWELL_VERSION_CLOSED 16

/* Says which open cases can go over to another version by a migration
 * (docs/formats/migration.md) and why others cannot: {"from", "to", "applied",
 * "fine", "choice", "refused", "there", "not_concerned", "reasons", "next"}.
 * Nothing is written unless the flags say APPLY; each case is a transaction of
 * its own, so that the same call again goes on where the last one stopped. With
 * DEPLOY: {"protocol", "version", "hash", "deployed", "open_cases_elsewhere",
 * "pools_elsewhere"}; STEPWELL_PRECONDITION when the protocol is not approved
 * or is another service's. With AMEND: what would have been otherwise in each
 * case,
 * {"amendment", "from", "to", "approver", "reason", "applied", "fine",
 * "choice", "refused", "there", "closed", "elsewhere", "alerts", "tasks",
 * "asked", "not_asked", "reasons", "cases"}; carried out when no case is in the
 * way, and then alerts that were missed are raised.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_change_version(
    stepwell_service *service, int64_t now_us,
    const stepwell_version_options *options, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* One page of a worklist. query_json may be empty (everybody's) or {"owner":
 * "anna", "include_pools": true, "overdue_only": false, "kind":
 * "item"|"homework"|"letter"|"alert"|"message"|"unread"|"parked"|"waiting"|
 * "patient", "limit": 50, "after": "cursor", "with_text": false, "viewer":
 * "anna", "whose": "mine"|"team"|"unowned", "due": "overdue"|"today",
 * "priority_min": -100, "priority_max": 100, "deferred": false, "with_counts":
 * false} (docs/formats/worklist.md). With text, the lines of messages and of
 * parked input hold what the patient wrote (64 KiB at most, then "text_cut"),
 * and a page has at most 100 lines. Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_worklist(
    stepwell_service *service, int64_t now_us, const char *query_json,
    size_t query_len, char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* What a patient has open now. `who` is a case id, a person id, or an
 * identifier "system|value".
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_portal(
    stepwell_service *service, int64_t now_us, const char *who, size_t who_len,
    char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* The time that is looked back to. */
typedef struct stepwell_past_options {
  uint32_t struct_size;
  uint32_t flags;   /* STEPWELL_PAST_..., or 0: as it was known then */
  int64_t as_of_us; /* STEPWELL_NEVER: as it stands */
} stepwell_past_options;
/* As it was then, by what is known now: what had happened by that time. */
#define STEPWELL_PAST_CLINICAL 1

/* One case: phases, open work, scores, decisions, timeline. `who` as for the
 * portal. `past`: as it was known then, from what had been recorded by that
 * time, or as it was; NULL: as it stands. STEPWELL_NOT_FOUND when there was no
 * case yet.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status
stepwell_service_case(stepwell_service *service, int64_t now_us,
                      const stepwell_past_options *past, const char *who,
                      size_t who_len, char **result_json, size_t *result_len,
                      stepwell_error **error) STEPWELL_NOEXCEPT;

/* Why an item of a case is where it is, what would unblock it, and what it
 * decided; `past` as for stepwell_service_case.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_explain(
    stepwell_service *service, int64_t now_us,
    const stepwell_past_options *past, const char *who, size_t who_len,
    const char *item, size_t item_len, char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* Effects that wait to be delivered, from position `after` on (0 = all), at
 * most `limit` (1 to 10,000): {"effects": [...], "next": n}. An effect is
 * offered again until a settle_effect command says what became of it. A letter
 * to a service holds what was written to it, and ends the page when its letters
 * come to 1 MiB. Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status
stepwell_service_outbox(stepwell_service *service, uint64_t after,
                        uint64_t limit, char **result_json, size_t *result_len,
                        stepwell_error **error) STEPWELL_NOEXCEPT;

/* Counts of what is open and overdue, and broken invariants (none: well).
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_health(
    stepwell_service *service, int64_t now_us, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Replays every stream and compares with what is stored: {"streams",
 * "events", "differences"}.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_verify(
    stepwell_service *service, char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* Waits, modules, changes, minutes: the figures of the service so far.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_summary(
    stepwell_service *service, int64_t now_us, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Takes in FHIR R4: a Bundle, a resource or NDJSON. `source` names the sender
 * and is part of the derived command ids, so that an import may be repeated.
 * Good entries go in, bad ones are reported.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_import(
    stepwell_service *service, int64_t now_us, const char *text,
    size_t text_len, const char *source, size_t source_len, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Case ids in ascending order after `after` (empty = from the first), at most
 * `limit` (1 to 100,000), as a JSON array.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_list_cases(
    stepwell_service *service, const char *after, size_t after_len,
    uint64_t limit, char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* Takes a piece of a long text, which is borrowed for the call; 0 goes on. */
typedef int32_t (*stepwell_piece_callback)(void *user_data, const char *piece,
                                           size_t len);

/* Gets out what the service holds, as FHIR R4, piece by piece and with one
 * person in memory at a time (docs/guides/fhir-export.md). options_json may be
 * empty or {"format": "fhir", "layout": "bundle"|"bundles"|"ndjson", "who",
 * "types": [...], "base_url", "after", "persons_max"}. The result is the
 * report: persons, cases, resources, by_type, left_out, next. The same state
 * gives the same bytes. The callback may call the service.
 * Or the outcomes of its courses (docs/reference/measures.md): {"format":
 * "outcomes", "definition": "nhs-tt", "by": "route"|"program"|"therapist"|
 * "month"|"quarter"|"year", "from": day, "to": day, "suppress_below": n,
 * "complaint": fact, "core_modules": n, "as_known_at": time, "log_head": of a
 * stamp, "as_corrected": bool}. The result is what `stepwell outcomes --store`
 * prints; the callback is not called and may be NULL. Thread-safety:
 * any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_export(
    stepwell_service *service, int64_t now_us, const char *options_json,
    size_t options_len, stepwell_piece_callback callback, void *user_data,
    char **result_json, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* One of the service's tables as an Arrow C stream: "worklist" (query_json as
 * for stepwell_service_worklist; every page), "timeline" ({"who": ...}),
 * "summary" and "service_log" (no query: staff, versions, safe mode),
 * "outcomes" (options as for stepwell_service_export) or one of the log:
 * "referral", "episode", "enrolment", "response", "answer",
 * "score", "subscale", "alert", "contact_minutes", "clock_interval",
 * "assignment", "staff_week", "alert_week", "checklist", "worklist_line", "course"
 * ({"as_known_at": time}), "rescored" ({"instrument": {...}});
 * docs/formats/tables.md. `out` points at a structure of the caller's, which is
 * zeroed on failure; its release callback frees what it holds.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_service_table(
    stepwell_service *service, int64_t now_us, const char *table,
    size_t table_len, const char *query_json, size_t query_len,
    struct ArrowArrayStream *out, stepwell_error **error) STEPWELL_NOEXCEPT;

/* ---- The kernel -------------------------------------------------------- */

/* Bytes that somebody else keeps alive for the call. */
typedef struct stepwell_bytes {
  const void *data; /* may be NULL when len is 0 */
  size_t len;
} stepwell_bytes;

/* What a decision is about. Start with {sizeof (stepwell_kernel_input)}. */
typedef struct stepwell_kernel_input {
  uint32_t struct_size; /* sizeof this structure as the caller knows it */
  uint32_t flags;       /* none yet: 0 */
  const void *state;    /* of the case, as the last decision gave it */
  size_t state_len;     /* 0 = there is no case yet */
  const char *command_json;
  size_t command_len;
  const char *world_json; /* staff, their caseload and leave; may be empty */
  size_t world_len;
  const stepwell_bytes *history; /* void_event only: records of the log that
                                    hold the command of its target */
  size_t history_count;
} stepwell_kernel_input;

/* Decides what a command means for a case, and stores nothing: a host may keep
 * cases in its own tables (docs/reference/kernel.md). Pure: the same input
 * gives the same bytes. That the rules refuse the command is a result; an
 * error means that it could not be decided: a damaged state, a state that
 * another protocol made, a command that cannot be read.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_kernel_decide(
    const stepwell_protocol *protocol, const stepwell_kernel_input *input,
    int64_t now_us, stepwell_decision **decision,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* The state after `count` records of a case's log, starting from `state`
 * (empty = from the beginning): replay. The result is bytes; free them with
 * stepwell_string_free.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_kernel_fold(
    const void *state, size_t state_len, const stepwell_bytes *records,
    size_t count, char **result_state, size_t *result_len,
    stepwell_error **error) STEPWELL_NOEXCEPT;

/* A state as JSON, for people to look into: its members are no promise.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_kernel_show(
    const stepwell_protocol *protocol, const void *state, size_t state_len,
    const char *world_json, size_t world_len, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* 1 when the command was accepted, 0 when the rules refuse it, -1 for a handle
 * that is none.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API int32_t
stepwell_decision_accepted(const stepwell_decision *decision) STEPWELL_NOEXCEPT;

/* The decision as JSON: reply, events, effects, clocks_set, clocks_removed,
 * work_set, work_removed, counters, texts, texts_erased, warnings (catalogue/
 * schema/decision.schema.json). NULL for a handle that is none.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API const char *stepwell_decision_json(
    const stepwell_decision *decision, size_t *len) STEPWELL_NOEXCEPT;

/* The state of the case afterwards; after a refusal the one from before. NULL
 * for a handle that is none.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API const void *stepwell_decision_state(
    const stepwell_decision *decision, size_t *len) STEPWELL_NOEXCEPT;

/* How many records the case's log grows by.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API size_t stepwell_decision_record_count(
    const stepwell_decision *decision) STEPWELL_NOEXCEPT;

/* One of them, from 0. NULL when there is none of this number.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API const void *stepwell_decision_record(
    const stepwell_decision *decision, size_t index,
    size_t *len) STEPWELL_NOEXCEPT;

/* Frees a decision; what was borrowed from it ends with it.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API void stepwell_decision_free(stepwell_decision *decision)
    STEPWELL_NOEXCEPT;

/* ---- Simulation -------------------------------------------------------- */

/* Told now and then how much is done; 0 goes on. Called on the thread that
 * called, never by two threads at once. */
typedef int32_t (*stepwell_progress_callback)(void *user_data, uint64_t done,
                                              uint64_t total);

/* What is simulated. Start with {sizeof (stepwell_simulation_options)}. */
typedef struct stepwell_simulation_options {
  uint32_t struct_size; /* sizeof this structure as the caller knows it */
  uint32_t flags;       /* none yet: 0 */
  const char *protocol; /* a document or "catalogue:icbt_sweden" */
  size_t protocol_len;
  const char *plan; /* a document or "catalogue:icbt_sweden" */
  size_t plan_len;
  const char *set_json; /* {"arrivals.self.per_year": 3000, ...}: values put
                           into the plan, in order; may be empty */
  size_t set_len;
  uint64_t seed;         /* below 2^32: names the experiment */
  uint32_t replications; /* 1 to 10,000; 0 = 20 */
  uint32_t threads;      /* 1 to 256; 0 = 1. The result does not depend on it */
  stepwell_progress_callback progress; /* may be NULL */
  void *user_data;                     /* of the callback */
  const stepwell_simulation *against;  /* may be NULL: an earlier result of the
                                          same seed and replications, so of the
                                          same people; the new one then says how
                                          it differs ("against") */
} stepwell_simulation_options;

/* Checks a plan against its protocol without simulating: {"ok", "plan",
 * "hash", "protocol_issues", "plan_issues"}. Reads protocol, plan and set_json
 * only.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_simulation_check(
    const stepwell_simulation_options *options, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Simulates; blocks until done. STEPWELL_CANCELLED when the callback said so.
 * Mistakes in the documents are a result whose "ok" is false. A simulated
 * effect reaches nobody, and no store is touched.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_simulation_run(
    const stepwell_simulation_options *options,
    stepwell_simulation **simulation, stepwell_error **error) STEPWELL_NOEXCEPT;

/* The result as JSON, the same that `stepwell simulate` prints: measures with
 * their intervals, sentences, manifest.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_simulation_result(
    const stepwell_simulation *simulation, char **result_json,
    size_t *result_len, stepwell_error **error) STEPWELL_NOEXCEPT;

/* "measures" (one figure over all replications a row), "replications" (the
 * figure of one replication a row) or, of one that was compared, "differences"
 * as an Arrow C stream. `out` as for stepwell_service_table.
 * Thread-safety: immutable-shareable. Since 0.1. */
STEPWELL_API STEPWELL_MUST_USE stepwell_status stepwell_simulation_table(
    const stepwell_simulation *simulation, const char *table, size_t table_len,
    struct ArrowArrayStream *out, stepwell_error **error) STEPWELL_NOEXCEPT;

/* Frees a result.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API void stepwell_simulation_free(stepwell_simulation *simulation)
    STEPWELL_NOEXCEPT;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* STEPWELL_H_ */
