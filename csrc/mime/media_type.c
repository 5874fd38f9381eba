/* media_type.c - the type of a body (RFC 2045, 5; RFC 6838).
 * SPDX-License-Identifier: MIT */
#include "media_type.h"
#include "base/ascii.h"
#include "base/error.h"
#include "codec/quoted_string.h"

enum {
    NAME_LIMIT = 127, /* RFC 6838, 4.2 */
    SUFFIX_LIMIT = 8
};

typedef struct suffix {
    const char *suffix;
    const char *type;
} suffix;

/* From the IANA register, sorted for the search below. */
static const suffix suffixes[] = {
    { "7z", "application/x-7z-compressed" },
    { "aac", "audio/aac" },
    { "avif", "image/avif" },
    { "bmp", "image/bmp" },
    { "bz2", "application/x-bzip2" },
    { "c", "text/plain" },
    { "css", "text/css" },
    { "csv", "text/csv" },
    { "doc", "application/msword" },
    { "docx", "application/vnd.openxmlformats-officedocument"
              ".wordprocessingml.document" },
    { "epub", "application/epub+zip" },
    { "flac", "audio/flac" },
    { "gif", "image/gif" },
    { "gz", "application/gzip" },
    { "heic", "image/heic" },
    { "htm", "text/html" },
    { "html", "text/html" },
    { "ics", "text/calendar" },
    { "jpeg", "image/jpeg" },
    { "jpg", "image/jpeg" },
    { "js", "text/javascript" },
    { "json", "application/json" },
    { "log", "text/plain" },
    { "m4a", "audio/mp4" },
    { "md", "text/markdown" },
    { "mov", "video/quicktime" },
    { "mp3", "audio/mpeg" },
    { "mp4", "video/mp4" },
    { "mpeg", "video/mpeg" },
    { "odp", "application/vnd.oasis.opendocument.presentation" },
    { "ods", "application/vnd.oasis.opendocument.spreadsheet" },
    { "odt", "application/vnd.oasis.opendocument.text" },
    { "ogg", "audio/ogg" },
    { "otf", "font/otf" },
    { "p7m", "application/pkcs7-mime" },
    { "p7s", "application/pkcs7-signature" },
    { "pdf", "application/pdf" },
    { "png", "image/png" },
    { "ppt", "application/vnd.ms-powerpoint" },
    { "pptx", "application/vnd.openxmlformats-officedocument"
              ".presentationml.presentation" },
    { "ps", "application/postscript" },
    { "rtf", "application/rtf" },
    { "svg", "image/svg+xml" },
    { "tar", "application/x-tar" },
    { "tif", "image/tiff" },
    { "tiff", "image/tiff" },
    { "tsv", "text/tab-separated-values" },
    { "ttf", "font/ttf" },
    { "txt", "text/plain" },
    { "vcf", "text/vcard" },
    { "wav", "audio/wav" },
    { "webm", "video/webm" },
    { "webp", "image/webp" },
    { "woff", "font/woff" },
    { "woff2", "font/woff2" },
    { "xls", "application/vnd.ms-excel" },
    { "xlsx", "application/vnd.openxmlformats-officedocument"
              ".spreadsheetml.sheet" },
    { "xml", "application/xml" },
    { "xz", "application/x-xz" },
    { "zip", "application/zip" },
    { "zst", "application/zstd" },
};

/* The length of the token at the start of the span. */
static size_t token(ph_span span)
{
    size_t n = 0;

    while (n < span.size && ph_ascii_is_token(span.at[n]))
        n++;
    return n;
}

int ph_media_type_parse(ph_span text, ph_media_type *type)
{
    size_t top = token(text), size = top + 1;

    if (top == 0 || top > NAME_LIMIT || top == text.size ||
        text.at[top] != '/' || ph_ascii_has_control(text))
        return PH_E_INVALID;
    size += token(ph_span_after(text, size));
    if (size == top + 1 || size - top - 1 > NAME_LIMIT)
        return PH_E_INVALID;
    type->name = ph_span_of(text.at, size);
    while (size < text.size && text.at[size] == ' ')
        size++;
    if (size < text.size && text.at[size] != ';')
        return PH_E_INVALID;
    type->parameters = ph_span_after(text, size);
    return PH_OK;
}

static ph_span skip_blanks(ph_span rest)
{
    while (rest.size && rest.at[0] == ' ')
        rest = ph_span_after(rest, 1);
    return rest;
}

/* Size of the token or quoted-string at the start of the span, or 0. */
static size_t value_size(ph_span rest)
{
    if (rest.size && rest.at[0] == '"')
        return ph_quoted_string_end(rest);
    return token(rest);
}

size_t ph_media_type_parameters(ph_span rest)
{
    size_t count = 0;

    while (rest.size) {
        size_t name, value;
        if (rest.at[0] != ';')
            return 0;
        rest = skip_blanks(ph_span_after(rest, 1));
        name = token(rest);
        if (name == 0 || name == rest.size || rest.at[name] != '=')
            return 0;
        rest = ph_span_after(rest, name + 1);
        value = value_size(rest);
        if (value == 0)
            return 0;
        rest = skip_blanks(ph_span_after(rest, value));
        count++;
    }
    return count;
}

bool ph_media_type_is(const ph_media_type *type, const char *top)
{
    size_t size = strlen(top);

    return type->name.size > size && type->name.at[size] == '/' &&
           ph_ascii_equal(ph_span_of(type->name.at, size), ph_span_text(top));
}

/* What follows the last dot, in lower case; "" when there is none. */
static void suffix_of(ph_span filename, char room[SUFFIX_LIMIT])
{
    size_t at = filename.size, n = 0;

    while (at && filename.at[at - 1] != '.')
        at--;
    room[0] = '\0';
    if (at == 0 || filename.size - at >= SUFFIX_LIMIT)
        return;
    for (; at < filename.size; at++)
        room[n++] = ph_ascii_lower(filename.at[at]);
    room[n] = '\0';
}

const char *ph_media_type_of_file(ph_span filename)
{
    size_t low = 0, high = sizeof suffixes / sizeof *suffixes;
    char wanted[SUFFIX_LIMIT];

    suffix_of(filename, wanted);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(wanted, suffixes[middle].suffix);
        if (order == 0)
            return suffixes[middle].type;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return "application/octet-stream";
}
