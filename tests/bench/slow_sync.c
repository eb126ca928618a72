// A slow disk, imitated: preloaded, it counts every sync in a shared file and makes each take
// longer. SYNC_FILE names 16 bytes: syncs so far, then microseconds to add (both 64-bit).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile uint64_t* shared(void) {
  static volatile uint64_t* at;
  const char* name = getenv("SYNC_FILE");
  if (at || !name) return at;
  const int fd = open(name, O_RDWR);
  if (fd < 0) return 0;
  void* p = mmap(0, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (p != MAP_FAILED) at = p;
  return at;
}

static void synced(void) {
  volatile uint64_t* s = shared();
  if (!s) return;
  __atomic_add_fetch(&s[0], 1, __ATOMIC_SEQ_CST);
  const uint64_t us = s[1];
  if (us == 0) return;
  const struct timespec t = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
  nanosleep(&t, 0);
}

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  const int r = real(fd);
  synced();
  return r;
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  const int r = real(fd);
  synced();
  return r;
}
