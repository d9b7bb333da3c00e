/* A program that finds the library at run time, as bindings do.
 * usage: loaded LIBRARY */
#include <dlfcn.h>
#include <stdio.h>
#include <stepwell.h>
#include <string.h>

typedef const char *(*build_info)(void);
typedef stepwell_status (*protocol_check)(const char *, size_t, char **,
                                          size_t *, stepwell_error **);
typedef void (*string_free)(char *);

static void *find(void *library, const char *name) {
  void *found = dlsym(library, name);
  if (found == NULL) fprintf(stderr, "%s\n", dlerror());
  return found;
}

int main(int argc, char **argv) {
  build_info info;
  protocol_check check;
  string_free release;
  char *result = NULL;
  int ok;
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  *(void **)&info = find(library, "stepwell_build_info");
  *(void **)&check = find(library, "stepwell_protocol_check");
  *(void **)&release = find(library, "stepwell_string_free");
  if (info == NULL || check == NULL || release == NULL) return 1;
  ok = check("catalogue:minimal", 17, &result, NULL, NULL) == STEPWELL_OK &&
       strstr(result, "\"ok\":true") != NULL;
  release(result);
  puts(info());
  return ok ? 0 : 1;
}
