/* gmime.c TASK N DATA - the same of GMime, which does not send.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <gmime/gmime.h>

static const char *data;

static GMimeStream *content_of(const char *name)
{
    char *path = g_build_filename(data, name, NULL);
    GError *error = NULL;
    GMimeStream *stream = g_mime_stream_file_open(path, "rb", &error);

    if (!stream)
        g_error("%s", error->message);
    g_free(path);
    return stream;
}

static char *slurp(const char *name, gsize *size)
{
    char *path = g_build_filename(data, name, NULL);
    char *octets;
    GError *error = NULL;

    if (!g_file_get_contents(path, &octets, size, &error))
        g_error("%s", error->message);
    g_free(path);
    return octets;
}

static GMimeObject *leaf(GMimeStream *stream, const char *type,
                         const char *subtype, const char *filename)
{
    GMimePart *part = g_mime_part_new_with_type(type, subtype);
    GMimeDataWrapper *wrapper = g_mime_data_wrapper_new_with_stream(
        stream, GMIME_CONTENT_ENCODING_DEFAULT);

    g_mime_part_set_content(part, wrapper);
    g_mime_part_set_content_encoding(
        part, filename ? GMIME_CONTENT_ENCODING_BASE64
                       : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    if (filename)
        g_mime_part_set_filename(part, filename);
    else
        g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset",
                                                 "utf-8");
    g_object_unref(wrapper);
    g_object_unref(stream);
    return GMIME_OBJECT(part);
}

static void add(GMimeMultipart *parent, GMimeObject *child)
{
    g_mime_multipart_add(parent, child);
    g_object_unref(child);
}

static GMimeMessage *message_of(GMimeMultipart *root, const char *subject)
{
    GMimeMessage *message = g_mime_message_new(TRUE);

    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, NULL,
                               "ada@example.org");
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL,
                               "bob@example.net");
    g_mime_message_set_subject(message, subject, "utf-8");
    g_mime_message_set_mime_part(message, GMIME_OBJECT(root));
    g_object_unref(root);
    return message;
}

static void write_to(GMimeMessage *message, GMimeStream *stream)
{
    if (g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream) < 0)
        g_error("the message cannot be written");
    g_object_unref(stream);
    g_object_unref(message);
}

static GMimeStream *in_memory(const char *octets, gsize size)
{
    return g_mime_stream_mem_new_with_buffer(octets, size);
}

static void build(long count)
{
    const char *const names[] = { "text", "html", "first", "second" };
    char *octets[4];
    gsize sizes[4];

    for (int i = 0; i < 4; i++)
        octets[i] = slurp(names[i], &sizes[i]);
    for (long n = 0; n < count; n++) {
        GMimeMultipart *root = g_mime_multipart_new_with_subtype("mixed");
        GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
        add(both, leaf(in_memory(octets[0], sizes[0]), "text", "plain", NULL));
        add(both, leaf(in_memory(octets[1], sizes[1]), "text", "html", NULL));
        add(root, GMIME_OBJECT(both));
        add(root, leaf(in_memory(octets[2], sizes[2]), "application", "pdf",
                       "a.pdf"));
        add(root,
            leaf(in_memory(octets[3], sizes[3]), "image", "png", "b.png"));
        write_to(message_of(root, "Gr\xc3\xbc\xc3\x9f"
                                  "e"),
                 g_mime_stream_mem_new());
    }
}

static void stream(long count)
{
    for (long n = 0; n < count; n++) {
        GMimeMultipart *root = g_mime_multipart_new_with_subtype("mixed");
        add(root, leaf(content_of("text"), "text", "plain", NULL));
        add(root,
            leaf(content_of("large"), "application", "octet-stream", "large"));
        write_to(message_of(root, "a file"),
                 g_mime_stream_file_open("/dev/null", "wb", NULL));
    }
}

static void encode(long count, GMimeContentEncoding encoding)
{
    gsize size;
    char *page = slurp("page", &size);

    for (long n = 0; n < count; n++) {
        GMimeEncoding state;
        char *out;
        g_mime_encoding_init_encode(&state, encoding);
        out = malloc(g_mime_encoding_outlen(&state, size));
        g_mime_encoding_flush(&state, page, size, out);
        free(out);
    }
}

int main(int argc, char **argv)
{
    long count = argc > 3 ? atol(argv[2]) : 0;

    if (argc < 4)
        return 2;
    data = argv[3];
    g_mime_init();
    if (!strcmp(argv[1], "build"))
        build(count);
    else if (!strcmp(argv[1], "stream"))
        stream(count);
    else if (!strcmp(argv[1], "base64"))
        encode(count, GMIME_CONTENT_ENCODING_BASE64);
    else
        encode(count, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return 0;
}
