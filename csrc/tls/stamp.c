/* stamp.c - whether a file is still the one that was read.
 * SPDX-License-Identifier: MIT */
#include "stamp.h"

#include <stdio.h>
#include <sys/stat.h>

/* Whoever replaces a file by rename gives it another number; whoever writes
 * over it changes both times, of which the second cannot be set back. */
bool ph_stamp_get(const char *path, char text[PH_STAMP_TEXT])
{
    struct stat found;

    if (stat(path, &found) != 0)
        return false;
    snprintf(text, PH_STAMP_TEXT, "%llu:%llu:%lld:%lld:%lld",
             (unsigned long long)found.st_dev, (unsigned long long)found.st_ino,
             (long long)found.st_size, (long long)found.st_mtime,
             (long long)found.st_ctime);
    return true;
}
