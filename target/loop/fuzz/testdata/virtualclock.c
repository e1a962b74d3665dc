/*
 * Virtual time for Node's main thread and its workers, to be preloaded. With it
 * the order and the time stamps of a program are the same every time. Each of
 * these threads has a clock of its own.
 *
 *   - The monotonic clocks stand still, but for what follows.
 *   - epoll_pwait with a positive timeout and nothing ready lets the timeout
 *     pass on the virtual clock and returns at once.
 *   - access("/virtual-clock/advance/N") lets N ms pass (fs.accessSync).
 *   - access("/virtual-clock/over") says that the thread's program has ended.
 *   - access("/virtual-clock/submit") announces a pool job; the job itself is
 *     access("/virtual-clock/job/THREAD") on the pool's one thread. epoll_pwait
 *     first waits until the jobs that its thread has announced are done and the
 *     pool is idle again, that is, until their completions have been handed to
 *     the loop.
 *
 * Workers: THREAD is 0 for the main thread and a small number for a worker. The
 * main thread's epoll_pwait also waits until no worker is running, so that what
 * a worker has sent is there at once, in a known poll.
 *
 *   - access("/virtual-clock/start") announces a worker, which runs from then on.
 *   - access("/virtual-clock/thread/THREAD") is the first thing a worker does: its
 *     virtual time begins.
 *   - access("/virtual-clock/park") by a worker: it waits for its release.
 *   - access("/virtual-clock/release") by the parent: the worker goes on at the
 *     parent's next poll. Node would hear of its end in the check phase too, if it
 *     came before that.
 *   - access("/virtual-clock/join") waits as epoll_pwait does.
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

enum { threads = 16, unknown = -1, others = -2, ms = 1000000 };

/* Each thread's own: no lock. Main's clock starts above zero, as a real one does. */
static __thread long long now_ns = 1000LL * 1000 * ms;
static __thread int thread = unknown; /* 0 main, then workers; or others */
static __thread int over;             /* its program has ended */
static __thread int is_pool;

static atomic_int submitted[threads], finished[threads]; /* jobs, by thread */
static atomic_int idle = 1; /* the pool's thread waits for work */
static atomic_int running;  /* workers that neither are parked nor have ended */
static atomic_int gate;     /* open for the parked worker, of which there is one at most */
static int released;        /* the gate opens at main's next poll */

static pthread_key_t at_end; /* calls worker_ended when a worker's thread is at its end */

static int is_virtual(void) {
  if (thread == unknown)
    thread = syscall(SYS_gettid) == getpid() ? 0 : others;
  return thread >= 0;
}

int clock_gettime(clockid_t id, struct timespec *ts) {
  if (is_virtual() && (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE ||
                       id == CLOCK_MONOTONIC_RAW || id == CLOCK_BOOTTIME)) {
    ts->tv_sec = now_ns / 1000000000;
    ts->tv_nsec = now_ns % 1000000000;
    return 0;
  }
  return syscall(SYS_clock_gettime, id, ts);
}

static long long real_ns(void) {
  struct timespec ts;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* A program that ends drops the jobs that have not begun: do not wait then. */
static void wait_for_pool(void) {
  long long begin = real_ns();
  while (!over && (atomic_load(&finished[thread]) != atomic_load(&submitted[thread]) ||
                   !atomic_load(&idle))) {
    sched_yield();
    if (real_ns() - begin > 8000LL * ms)
      over = 1; /* it ended without saying so */
  }
}

static void wait_for_workers(void) {
  while (atomic_load(&running) > 0)
    usleep(20);
}

static void park(void) {
  atomic_store(&gate, 0);
  atomic_fetch_sub(&running, 1);
  while (!atomic_load(&gate))
    usleep(20);
}

static void open_gate(void) {
  released = 0;
  atomic_fetch_add(&running, 1);
  atomic_store(&gate, 1);
}

static void worker_ended(void *unused) {
  (void)unused;
  atomic_fetch_sub(&running, 1);
}

__attribute__((constructor)) static void prepare(void) {
  pthread_key_create(&at_end, worker_ended);
}

/* Until here the worker saw the real clock: go on from there, in whole ms. */
static void begin_worker(int number) {
  thread = number;
  now_ns = (real_ns() / ms + 1) * ms;
  pthread_setspecific(at_end, &at_end);
}

int epoll_pwait(int fd, struct epoll_event *events, int max, int timeout, const sigset_t *mask) {
  static int (*real)(int, struct epoll_event *, int, int, const sigset_t *);
  if (!real)
    real = dlsym(RTLD_NEXT, "epoll_pwait");
  if (!is_virtual())
    return real(fd, events, max, timeout, mask);
  if (thread == 0 && !over) {
    if (released)
      open_gate();
    wait_for_workers();
  }
  wait_for_pool();
  if (timeout <= 0)
    return real(fd, events, max, timeout, mask);
  int n = real(fd, events, max, 0, mask);
  if (n == 0)
    now_ns += timeout * (long long)ms;
  return n;
}

static void finish_job(int number) {
  is_pool = 1;
  atomic_store(&idle, 0);
  atomic_fetch_add(&finished[number], 1);
}

static void end_program(void) {
  over = 1;
  if (thread == 0)
    open_gate(); /* a worker can't be ended while it is parked here */
}

/* number gives the N of "name/N", or -1. */
static int number(const char *command, const char *name) {
  size_t n = strlen(name);
  return strncmp(command, name, n) == 0 && command[n] == '/' ? atoi(command + n + 1) : -1;
}

static int command(const char *name) {
  int n;
  if ((n = number(name, "advance")) >= 0)
    now_ns += n * (long long)ms;
  else if ((n = number(name, "job")) >= 0 && n < threads)
    finish_job(n);
  else if ((n = number(name, "thread")) >= 0 && n < threads)
    begin_worker(n);
  else if (strcmp(name, "submit") == 0)
    atomic_fetch_add(&submitted[thread], 1);
  else if (strcmp(name, "start") == 0)
    atomic_fetch_add(&running, 1);
  else if (strcmp(name, "park") == 0)
    park();
  else if (strcmp(name, "release") == 0)
    released = 1;
  else if (strcmp(name, "join") == 0)
    wait_for_workers();
  else if (strcmp(name, "over") == 0)
    end_program();
  else {
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
