/* curl.c TASK N DATA PORT - libcurl's sends of finished octets: one easy
 * handle, whose connection is kept or not. SPDX-License-Identifier: MIT */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct octets {
    char at[65536];
    size_t size, given;
} octets;

static size_t give(char *room, size_t size, size_t count, void *self)
{
    octets *all = self;
    size_t n = all->size - all->given;

    if (n > size * count)
        n = size * count;
    memcpy(room, all->at + all->given, n);
    all->given += n;
    return n;
}

static void slurp(const char *folder, octets *all)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/octets", folder);
    file = fopen(path, "rb");
    if (!file)
        exit(2);
    all->size = fread(all->at, 1, sizeof all->at, file);
    fclose(file);
}

static CURL *set_up(const char *task, const char *folder, const char *port)
{
    static char url[64], certificate[4096];
    CURL *curl = curl_easy_init();
    int is_secure = !strcmp(task, "tls");

    snprintf(url, sizeof url, "smtp%s://localhost:%s/client.example",
             is_secure ? "s" : "", port);
    snprintf(certificate, sizeof certificate, "%s/certificate.pem", folder);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, certificate);
    curl_easy_setopt(curl, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V4);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, "<ada@example.org>");
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, (long)!!strcmp(task, "kept"));
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    return curl;
}

int main(int argc, char **argv)
{
    static octets all;
    struct curl_slist *to = curl_slist_append(NULL, "<bob@example.net>");
    CURL *curl;

    if (argc != 5)
        return 2;
    slurp(argv[3], &all);
    curl = set_up(argv[1], argv[3], argv[4]);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_READDATA, &all);
    for (long n = atol(argv[2]); n > 0; n--) {
        all.given = 0;
        if (curl_easy_perform(curl) != CURLE_OK)
            return 1;
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(to);
    return 0;
}
