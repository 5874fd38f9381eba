/* measure.c COMMAND ... - runs it and tells, in a last line, its seconds of CPU
 * and the peak of its resident memory in KiB. Small itself: a child's peak
 * counts that of the process which it was forked from.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    pid_t child = argc > 1 ? fork() : -1;

    if (child < 0)
        return 2;
    if (child == 0) {
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    if (wait4(child, &status, 0, &usage) != child || status != 0)
        return 1;
    printf("%.6f %ld\n", seconds(usage.ru_utime) + seconds(usage.ru_stime),
           usage.ru_maxrss);
    return 0;
}
