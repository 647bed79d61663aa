/* Makes writes and syncs of a database's files fail with EIO while the file named by $FAULTS contains "w" for writes or "s"
   for syncs. Preloaded into the program under test. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int fails(int fd, char kind) {
    char link[64], path[4096], asked[8] = "";
    const char *faults = getenv("FAULTS");
    int file = faults ? open(faults, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    ssize_t length = read(file, asked, sizeof asked - 1);
    close(file);
    if (length <= 0 || !strchr(asked, kind)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (!strstr(path, ".db")) return 0;
    errno = EIO;
    return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int fd, const void *from, size_t count, off_t at) {
    return fails(fd, 'w') ? -1 : NEXT(pwrite)(fd, from, count, at);
}

ssize_t pwrite64(int fd, const void *from, size_t count, off64_t at) {
    return fails(fd, 'w') ? -1 : NEXT(pwrite64)(fd, from, count, at);
}

int fsync(int fd) { return fails(fd, 's') ? -1 : NEXT(fsync)(fd); }

int fdatasync(int fd) { return fails(fd, 's') ? -1 : NEXT(fdatasync)(fd); }
