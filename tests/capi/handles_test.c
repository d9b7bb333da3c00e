/* Handles that are misused: freed twice, freed by another kind, across fork,
 * while others call. POSIX: this file forks and starts threads. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capi/support.h"

#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#else
#define UNDER_TSAN 0
#endif

/* Runs `body` in a child process; its exit status, or -signal. */
static int in_child(void (*body)(void)) {
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(check_failures == 0 ? 0 : 1);
  }
  CHECK(child > 0);
  CHECK(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static stepwell_service *parents_service;
static stepwell_error *parents_error;

static void use_in_child(void) {
  stepwell_error *error = NULL;
  stepwell_service *own;
  CHECK(stepwell_service_health(parents_service, NOW, &support_text, NULL,
                                &error) == STEPWELL_MISUSE);
  HAS(stepwell_error_message(error), "before fork()");
  stepwell_error_free(error);
  stepwell_service_free(parents_service); /* does nothing */
  HAS(stepwell_error_message(parents_error), "NULL");
  own = support_create("memory:", "catalogue:minimal");
  HAS(JSON(stepwell_service_health, own, NOW), "\"violations\":[]");
  stepwell_service_free(own);
}

static void test_handles_do_not_cross_a_fork(void) {
  parents_service = support_create("memory:", "catalogue:minimal");
  CHECK(stepwell_service_health(NULL, NOW, &support_text, NULL,
                                &parents_error) == STEPWELL_MISUSE);
  CHECK(in_child(use_in_child) == 0);
  /* The parent's handle is as it was. */
  HAS(JSON(stepwell_service_health, parents_service, NOW), "\"violations\":[]");
  stepwell_error_free(parents_error);
  stepwell_service_free(parents_service);
}

static void free_twice(void) {
  stepwell_protocol *protocol = NULL;
  fclose(stderr); /* the message of the abort */
  if (stepwell_protocol_compile(T("catalogue:minimal"), &protocol, NULL) !=
      STEPWELL_OK) {
    _exit(2);
  }
  stepwell_protocol_free(protocol);
  stepwell_protocol_free(protocol);
}

static void free_as_another_kind(void) {
  stepwell_protocol *protocol = NULL;
  fclose(stderr);
  if (stepwell_protocol_compile(T("catalogue:minimal"), &protocol, NULL) !=
      STEPWELL_OK) {
    _exit(2);
  }
  stepwell_service_free((stepwell_service *)(void *)protocol);
}

static void free_an_error_twice(void) {
  stepwell_error *error = NULL;
  fclose(stderr);
  if (stepwell_service_verify(NULL, &support_text, NULL, &error) !=
      STEPWELL_MISUSE) {
    _exit(2);
  }
  stepwell_error_free(error);
  stepwell_error_free(error);
}

static void test_wrong_frees_end_a_debug_build(void) {
#ifndef NDEBUG
  CHECK(in_child(free_twice) == -SIGABRT);
  CHECK(in_child(free_as_another_kind) == -SIGABRT);
  CHECK(in_child(free_an_error_twice) == -SIGABRT);
#else
  /* Memory that is still there is recognised, and left alone. */
  CHECK(in_child(free_as_another_kind) == 0);
  (void)free_twice;
  (void)free_an_error_twice;
#endif
}

/* ---- Threads ---- */

enum { kThreads = 4, kCalls = 50 };

static void *work_alone(void *unused) {
  int i;
  (void)unused;
  for (i = 0; i < 5; ++i) {
    stepwell_service *own = support_create("memory:", "catalogue:minimal");
    char *text = NULL;
    CHECK(stepwell_service_health(own, NOW, &text, NULL, NULL) == STEPWELL_OK);
    stepwell_string_free(text);
    stepwell_service_free(own);
  }
  return NULL;
}

static stepwell_expression *shared_expression;
static stepwell_service *shared_service;

static void *work_together(void *number) {
  int i;
  for (i = 0; i < kCalls; ++i) {
    char command[256];
    char *text = NULL;
    snprintf(command, sizeof command,
             "{\"id\":\"t%p-%d\",\"actor\":{\"role\":\"integration\"},"
             "\"command\":\"register_person\",\"person\":{\"system\":\"s\","
             "\"value\":\"%p-%d\"}}",
             number, i, number, i);
    CHECK(stepwell_service_submit(shared_service, NOW, T(command), &text, NULL,
                                  NULL) == STEPWELL_OK);
    stepwell_string_free(text);
    CHECK(stepwell_expression_evaluate(
              shared_expression, NOW,
              T("{\"resourceType\":\"Patient\",\"active\":true}"), &text, NULL,
              NULL) == STEPWELL_OK);
    stepwell_string_free(text);
  }
  return NULL;
}

static void run_threads(void *(*body)(void *)) {
  pthread_t threads[kThreads];
  char numbers[kThreads];
  int i;
  for (i = 0; i < kThreads; ++i) {
    CHECK(pthread_create(&threads[i], NULL, body, &numbers[i]) == 0);
  }
  for (i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
}

static void test_threads_use_their_own_handles_and_shared_ones(void) {
  run_threads(work_alone);
  shared_service = support_create("memory:", "catalogue:minimal");
  CHECK(stepwell_expression_compile(T("active"), NULL, 0, &shared_expression,
                                    NULL) == STEPWELL_OK);
  run_threads(work_together);
  HAS(JSON(stepwell_service_verify, shared_service), "\"differences\":[]");
  stepwell_expression_free(shared_expression);
  stepwell_service_free(shared_service);
}

/* In a debug build a handle may be freed while others call: what has begun
 * finishes, what comes later is told that the handle is closed. */
#ifndef NDEBUG
static pthread_barrier_t all_there;
static const struct timespec a_moment = {0, 20000000};

static void *call_until_closed(void *unused) {
  stepwell_status status = STEPWELL_OK;
  (void)unused;
  pthread_barrier_wait(&all_there);
  while (status == STEPWELL_OK) {
    char *text = NULL;
    status = stepwell_service_verify(shared_service, &text, NULL, NULL);
    CHECK((text != NULL) == (status == STEPWELL_OK));
    stepwell_string_free(text);
  }
  CHECK(status == STEPWELL_MISUSE);
  return NULL;
}

static void test_a_handle_is_closed_while_others_call(void) {
  pthread_t threads[kThreads];
  int i;
  shared_service = support_create("memory:", "catalogue:minimal");
  CHECK(pthread_barrier_init(&all_there, NULL, kThreads + 1) == 0);
  for (i = 0; i < kThreads; ++i) {
    CHECK(pthread_create(&threads[i], NULL, call_until_closed, NULL) == 0);
  }
  pthread_barrier_wait(&all_there);
  nanosleep(&a_moment, NULL);
  stepwell_service_free(shared_service);
  for (i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  pthread_barrier_destroy(&all_there);
}
#endif

int main(void) {
  stepwell_service_free(NULL);
  stepwell_protocol_free(NULL);
  stepwell_error_free(NULL);
  stepwell_string_free(NULL);
  if (!UNDER_TSAN) { /* which does not follow a fork with threads */
    test_handles_do_not_cross_a_fork();
    test_wrong_frees_end_a_debug_build();
  }
  test_threads_use_their_own_handles_and_shared_ones();
#ifndef NDEBUG
  test_a_handle_is_closed_while_others_call();
#endif
  support_finish();
  return CHECK_RESULT;
}
