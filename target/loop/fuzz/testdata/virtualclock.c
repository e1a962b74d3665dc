/*
 * Virtual time for Node's main thread, to be preloaded. With it the order and
 * the time stamps of a program are the same every time.
 *
 *   - The monotonic clocks stand still, but for what follows.
 *   - epoll_pwait with a positive timeout and nothing ready lets the timeout
 *     pass on the virtual clock and returns at once.
 *   - access("/virtual-clock/advance/N") lets N ms pass (fs.accessSync).
 *   - access("/virtual-clock/over") says that the program has ended.
 *   - access("/virtual-clock/submit") announces a pool job; the job itself is
 *     access("/virtual-clock/job") on the pool's one thread. epoll_pwait first
 *     waits until the announced jobs are done and their thread is idle again,
 *     that is, until their completions have been handed to the loop.
 *
 * Other threads see the real clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char prefix[] = "/virtual-clock/";

/* The main thread's own: no lock. It starts above zero, as a real clock does. */
static long long now_ns = 1000LL * 1000 * 1000 * 1000;

static atomic_int submitted, finished;
static int over; /* the program has ended */
static atomic_int idle = 1; /* the pool's thread waits for work */
static __thread int is_pool, known, is_main;

static int on_main(void) {
  if (!known) {
    known = 1;
    is_main = syscall(SYS_gettid) == getpid();
  }
  return is_main;
}

int clock_gettime(clockid_t id, struct timespec *ts) {
  if (on_main() && (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE ||
                    id == CLOCK_MONOTONIC_RAW || id == CLOCK_BOOTTIME)) {
    ts->tv_sec = now_ns / 1000000000;
    ts->tv_nsec = now_ns % 1000000000;
    return 0;
  }
  return syscall(SYS_clock_gettime, id, ts);
}

static double real_seconds(void) {
  struct timespec ts;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
  return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* A program that ends drops the jobs that have not begun: do not wait then. */
static void wait_for_pool(void) {
  double begin = real_seconds();
  while (!over && (atomic_load(&finished) != atomic_load(&submitted) || !atomic_load(&idle))) {
    sched_yield();
    if (real_seconds() - begin > 2)
      over = 1; /* it ended without saying so */
  }
}

int epoll_pwait(int fd, struct epoll_event *events, int max, int timeout, const sigset_t *mask) {
  static int (*real)(int, struct epoll_event *, int, int, const sigset_t *);
  if (!real)
    real = dlsym(RTLD_NEXT, "epoll_pwait");
  if (!on_main())
    return real(fd, events, max, timeout, mask);
  wait_for_pool();
  if (timeout <= 0)
    return real(fd, events, max, timeout, mask);
  int n = real(fd, events, max, 0, mask);
  if (n == 0)
    now_ns += timeout * 1000000LL;
  return n;
}

static int command(const char *name) {
  if (strncmp(name, "advance/", 8) == 0) {
    now_ns += atoll(name + 8) * 1000000;
  } else if (strcmp(name, "submit") == 0) {
    atomic_fetch_add(&submitted, 1);
  } else if (strcmp(name, "over") == 0) {
    over = 1;
  } else if (strcmp(name, "job") == 0) {
    is_pool = 1;
    atomic_store(&idle, 0);
    atomic_fetch_add(&finished, 1);
  } else {
    errno = ENOENT;
    return -1;
  }
  return 0;
}

int access(const char *path, int mode) {
  if (strncmp(path, prefix, sizeof prefix - 1) == 0)
    return command(path + sizeof prefix - 1);
  return syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex) {
  static int (*real)(pthread_cond_t *, pthread_mutex_t *);
  if (!real) /* the version of today; dlsym may find the one of 1999 */
    real = dlvsym(RTLD_NEXT, "pthread_cond_wait", "GLIBC_2.3.2");
  if (!real)
    real = dlsym(RTLD_NEXT, "pthread_cond_wait");
  if (is_pool)
    atomic_store(&idle, 1);
  int result = real(cond, mutex);
  if (is_pool)
    atomic_store(&idle, 0);
  return result;
}
