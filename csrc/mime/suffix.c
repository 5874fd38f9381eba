/* suffix.c - the media types that the names of files tell.
 * SPDX-License-Identifier: MIT */
#include "suffix.h"
#include "base/ascii.h"

enum {
    LONGEST = 8 /* octets of a suffix */
};

typedef struct suffix {
    const char *suffix;
    const char *type;
} suffix;

/* Sorted, for the search below. */
static const suffix suffixes[] = {
    { "7z", "application/x-7z-compressed" },
    { "aac", "audio/aac" },
    { "ai", "application/postscript" },
    { "aif", "audio/aiff" },
    { "aiff", "audio/aiff" },
    { "amr", "audio/AMR" },
    { "apk", "application/vnd.android.package-archive" },
    { "apng", "image/apng" },
    { "appcache", "text/cache-manifest" },
    { "asc", "application/pgp-keys" },
    { "asf", "video/x-ms-asf" },
    { "atom", "application/atom+xml" },
    { "avi", "video/x-msvideo" },
    { "avif", "image/avif" },
    { "bat", "text/plain" },
    { "bmp", "image/bmp" },
    { "bz2", "application/x-bzip2" },
    { "c", "text/plain" },
    { "cab", "application/vnd.ms-cab-compressed" },
    { "cbor", "application/cbor" },
    { "cc", "text/plain" },
    { "cer", "application/pkix-cert" },
    { "cfg", "text/plain" },
    { "class", "application/java-vm" },
    { "conf", "text/plain" },
    { "cpp", "text/plain" },
    { "crl", "application/pkix-crl" },
    { "crt", "application/x-x509-ca-cert" },
    { "css", "text/css" },
    { "csv", "text/csv" },
    { "cxx", "text/plain" },
    { "deb", "application/vnd.debian.binary-package" },
    { "der", "application/x-x509-ca-cert" },
    { "diff", "text/x-diff" },
    { "djvu", "image/vnd.djvu" },
    { "dmg", "application/x-apple-diskimage" },
    { "doc", "application/msword" },
    { "docm", "application/vnd.ms-word.document.macroEnabled.12" },
    { "docx", "application/vnd.openxmlformats-officedocument"
              ".wordprocessingml.document" },
    { "dot", "application/msword" },
    { "dotx", "application/vnd.openxmlformats-officedocument"
              ".wordprocessingml.template" },
    { "dtd", "application/xml-dtd" },
    { "dwg", "image/vnd.dwg" },
    { "dxf", "image/vnd.dxf" },
    { "emf", "image/emf" },
    { "eot", "application/vnd.ms-fontobject" },
    { "eps", "application/postscript" },
    { "epub", "application/epub+zip" },
    { "exe", "application/vnd.microsoft.portable-executable" },
    { "flac", "audio/flac" },
    { "flv", "video/x-flv" },
    { "geojson", "application/geo+json" },
    { "gif", "image/gif" },
    { "glb", "model/gltf-binary" },
    { "gltf", "model/gltf+json" },
    { "gpg", "application/pgp-encrypted" },
    { "gpx", "application/gpx+xml" },
    { "gz", "application/gzip" },
    { "h", "text/plain" },
    { "heic", "image/heic" },
    { "heif", "image/heif" },
    { "hpp", "text/plain" },
    { "htm", "text/html" },
    { "html", "text/html" },
    { "ico", "image/vnd.microsoft.icon" },
    { "ics", "text/calendar" },
    { "ifb", "text/calendar" },
    { "ini", "text/plain" },
    { "iso", "application/x-iso9660-image" },
    { "j2k", "image/j2c" },
    { "jar", "application/java-archive" },
    { "java", "text/plain" },
    { "jfif", "image/jpeg" },
    { "jp2", "image/jp2" },
    { "jpe", "image/jpeg" },
    { "jpeg", "image/jpeg" },
    { "jpg", "image/jpeg" },
    { "jpx", "image/jpx" },
    { "js", "text/javascript" },
    { "json", "application/json" },
    { "jsonld", "application/ld+json" },
    { "jxl", "image/jxl" },
    { "key", "application/vnd.apple.keynote" },
    { "kml", "application/vnd.google-earth.kml+xml" },
    { "kmz", "application/vnd.google-earth.kmz" },
    { "latex", "application/x-latex" },
    { "log", "text/plain" },
    { "lua", "text/plain" },
    { "m3u8", "application/vnd.apple.mpegurl" },
    { "m4a", "audio/mp4" },
    { "m4v", "video/mp4" },
    { "markdown", "text/markdown" },
    { "mbox", "application/mbox" },
    { "md", "text/markdown" },
    { "mdb", "application/vnd.ms-access" },
    { "mid", "audio/midi" },
    { "midi", "audio/midi" },
    { "mjs", "text/javascript" },
    { "mka", "audio/matroska" },
    { "mkv", "video/matroska" },
    { "mov", "video/quicktime" },
    { "mp2", "audio/mpeg" },
    { "mp3", "audio/mpeg" },
    { "mp4", "video/mp4" },
    { "mp4v", "video/mp4" },
    { "mpd", "application/dash+xml" },
    { "mpeg", "video/mpeg" },
    { "mpg", "video/mpeg" },
    { "mpga", "audio/mpeg" },
    { "mpp", "application/vnd.ms-project" },
    { "msg", "application/vnd.ms-outlook" },
    { "msi", "application/x-msi" },
    { "mxf", "application/mxf" },
    { "numbers", "application/vnd.apple.numbers" },
    { "odb", "application/vnd.oasis.opendocument.base" },
    { "odc", "application/vnd.oasis.opendocument.chart" },
    { "odf", "application/vnd.oasis.opendocument.formula" },
    { "odg", "application/vnd.oasis.opendocument.graphics" },
    { "odp", "application/vnd.oasis.opendocument.presentation" },
    { "ods", "application/vnd.oasis.opendocument.spreadsheet" },
    { "odt", "application/vnd.oasis.opendocument.text" },
    { "oga", "audio/ogg" },
    { "ogg", "audio/ogg" },
    { "ogv", "video/ogg" },
    { "ogx", "application/ogg" },
    { "one", "application/onenote" },
    { "opus", "audio/ogg" },
    { "otf", "font/otf" },
    { "otp", "application/vnd.oasis.opendocument.presentation-template" },
    { "ots", "application/vnd.oasis.opendocument.spreadsheet-template" },
    { "ott", "application/vnd.oasis.opendocument.text-template" },
    { "oxps", "application/oxps" },
    { "p10", "application/pkcs10" },
    { "p12", "application/pkcs12" },
    { "p7c", "application/pkcs7-mime" },
    { "p7m", "application/pkcs7-mime" },
    { "p7s", "application/pkcs7-signature" },
    { "pages", "application/vnd.apple.pages" },
    { "parquet", "application/vnd.apache.parquet" },
    { "patch", "text/x-diff" },
    { "pcap", "application/vnd.tcpdump.pcap" },
    { "pdf", "application/pdf" },
    { "pem", "application/x-pem-file" },
    { "pfx", "application/pkcs12" },
    { "pgp", "application/pgp-encrypted" },
    { "pkpass", "application/vnd.apple.pkpass" },
    { "png", "image/png" },
    { "pot", "application/vnd.ms-powerpoint" },
    { "potx", "application/vnd.openxmlformats-officedocument"
              ".presentationml.template" },
    { "pps", "application/vnd.ms-powerpoint" },
    { "ppsx", "application/vnd.openxmlformats-officedocument"
              ".presentationml.slideshow" },
    { "ppt", "application/vnd.ms-powerpoint" },
    { "pptm", "application/vnd.ms-powerpoint.presentation.macroEnabled.12" },
    { "pptx", "application/vnd.openxmlformats-officedocument"
              ".presentationml.presentation" },
    { "ps", "application/postscript" },
    { "psd", "image/vnd.adobe.photoshop" },
    { "pub", "application/vnd.ms-publisher" },
    { "py", "text/x-python" },
    { "qt", "video/quicktime" },
    { "rar", "application/vnd.rar" },
    { "rdf", "application/rdf+xml" },
    { "rss", "application/rss+xml" },
    { "rst", "text/x-rst" },
    { "rtf", "application/rtf" },
    { "sh", "application/x-sh" },
    { "sig", "application/pgp-signature" },
    { "sql", "application/sql" },
    { "srt", "application/x-subrip" },
    { "stl", "model/stl" },
    { "svg", "image/svg+xml" },
    { "svgz", "image/svg+xml" },
    { "tar", "application/x-tar" },
    { "tex", "application/x-tex" },
    { "text", "text/plain" },
    { "tgz", "application/gzip" },
    { "tif", "image/tiff" },
    { "tiff", "image/tiff" },
    { "toml", "application/toml" },
    { "torrent", "application/x-bittorrent" },
    { "ts", "video/mp2t" },
    { "tsv", "text/tab-separated-values" },
    { "ttc", "font/collection" },
    { "ttf", "font/ttf" },
    { "txt", "text/plain" },
    { "vcard", "text/vcard" },
    { "vcf", "text/vcard" },
    { "vcs", "text/x-vcalendar" },
    { "vdx", "application/vnd.visio" },
    { "vsd", "application/vnd.visio" },
    { "vsdx", "application/vnd.visio" },
    { "vtt", "text/vtt" },
    { "wasm", "application/wasm" },
    { "wav", "audio/wav" },
    { "weba", "audio/webm" },
    { "webm", "video/webm" },
    { "webp", "image/webp" },
    { "wma", "audio/x-ms-wma" },
    { "wmf", "image/wmf" },
    { "wmv", "video/x-ms-wmv" },
    { "woff", "font/woff" },
    { "woff2", "font/woff2" },
    { "xhtml", "application/xhtml+xml" },
    { "xla", "application/vnd.ms-excel" },
    { "xls", "application/vnd.ms-excel" },
    { "xlsb", "application/vnd.ms-excel.sheet.binary.macroEnabled.12" },
    { "xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12" },
    { "xlsx", "application/vnd.openxmlformats-officedocument"
              ".spreadsheetml.sheet" },
    { "xlt", "application/vnd.ms-excel" },
    { "xltx", "application/vnd.openxmlformats-officedocument"
              ".spreadsheetml.template" },
    { "xml", "application/xml" },
    { "xps", "application/vnd.ms-xpsdocument" },
    { "xsd", "application/xml" },
    { "xsl", "application/xml" },
    { "xslt", "application/xslt+xml" },
    { "xz", "application/x-xz" },
    { "yaml", "application/yaml" },
    { "yml", "application/yaml" },
    { "z", "application/x-compress" },
    { "zip", "application/zip" },
    { "zst", "application/zstd" },
};

/* What follows the last dot, in lower case; "" when there is none. */
static void suffix_of(ph_span filename, char room[LONGEST + 1])
{
    size_t at = filename.size, n = 0;

    while (at && filename.at[at - 1] != '.' && filename.size - at <= LONGEST)
        at--;
    room[0] = '\0';
    if (at == 0 || filename.at[at - 1] != '.' || filename.size - at > LONGEST)
        return;
    for (; at < filename.size; at++)
        room[n++] = ph_ascii_lower(filename.at[at]);
    room[n] = '\0';
}

const char *ph_suffix_type(ph_span filename)
{
    size_t low = 0, high = sizeof suffixes / sizeof *suffixes;
    char wanted[LONGEST + 1];

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
