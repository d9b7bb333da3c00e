/* stepwell.h: the C interface of Stepwell, and its only binary promise.
 *
 * Stepwell runs stepped-care services: a service is written down once, as a
 * document, and the library decides what happens to each patient, when, and
 * whose work it is.
 *
 *     #include <stdio.h>
 *     #include <stepwell.h>
 *
 *     int main(void) {
 *       puts(stepwell_build_info());
 *       return stepwell_version_number() < STEPWELL_VERSION_NUMBER;
 *     }
 *
 * Conventions
 *
 *  1. Names are stepwell_noun_verb. Nothing else is exported.
 *  2. Handles are pointers to structures that are never defined here. Each
 *     kind has one free function; to free NULL does nothing.
 *  3. What a function returns directly is borrowed: it lives as long as what
 *     it came from. What comes through an out-parameter (T **out) is owned by
 *     the caller and is freed by this library's function for it, never by
 *     free().
 *  4. A function that can fail returns a stepwell_status and takes a
 *     stepwell_error ** as its last parameter, which may be NULL. There is no
 *     "last error" kept per thread or per process.
 *  5. On failure every other out-parameter is NULL or 0.
 *  6. Text is UTF-8, given as pointer and length and copied before the call
 *     returns. It need not end in NUL; text that is returned always does.
 *     Invalid UTF-8 is an error, never repaired.
 *  7. Time is an argument: int64_t microseconds since 1970-01-01T00:00:00Z.
 *     The library reads no clock.
 *  8. Rich values are JSON with a published schema. What is wrong with a
 *     document (issues), and that the service's rules refuse a command (a
 *     rejection), are results: the call returns STEPWELL_OK and the JSON says
 *     so.
 *  9. Option structures begin with their own size, are zeroed by the caller
 *     and only grow at the end.
 * 10. A callback gets the void *user_data it was given with; it returns 0 to
 *     go on and anything else to stop. It must neither throw nor longjmp.
 * 11. Threads: each function says "any-thread", "serialized-per-handle" (one
 *     call at a time on one handle; different handles are independent) or
 *     "immutable-shareable".
 * 12. Each function says since which version it exists. A function is never
 *     taken away, nor its meaning changed, within one soname.
 *
 * What it does not support
 *
 *  - Use of a handle in a child process after fork(): open it there anew.
 *  - Unloading with dlclose(), and two copies of the library in one process.
 *  - An allocator of the host's: what lies below the library has its own.
 *  - Signals: no function is safe to call from a signal handler.
 *  - Time zones of the host: zones are compiled in, see stepwell_build_info.
 *  - Networks, threads of its own, printing, and ending the process.
 *
 * Stepwell is a component, no medical device: whoever builds a service with
 * it answers for that service.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef STEPWELL_H_
#define STEPWELL_H_

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

/* No function lets an exception out. C++98 has no word for it. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define STEPWELL_NOEXCEPT noexcept
#else
#define STEPWELL_NOEXCEPT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is loaded, to be compared with
 * STEPWELL_VERSION_NUMBER, the version of this header.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API int32_t stepwell_version_number(void) STEPWELL_NOEXCEPT;

/* What the loaded library was built from, as a JSON object: version, compiler,
 * features, the versions of its dependencies and of the time zone data. The
 * text lives as long as the library; NULL only when memory has run out.
 * Thread-safety: any-thread. Since 0.1. */
STEPWELL_API const char *stepwell_build_info(void) STEPWELL_NOEXCEPT;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* STEPWELL_H_ */
