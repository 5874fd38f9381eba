/* gmime_reader.c - messages in files as GMime reads them: lines of a name, a
 * tab and a value in hexadecimal digits, as email_reader.py has them.
 * SPDX-License-Identifier: MIT */
#include <gmime/gmime.h>

static void tell(const char *name, const void *at, size_t size)
{
    printf("%s\t", name);
    for (size_t i = 0; i < size; i++)
        printf("%02x", ((const unsigned char *)at)[i]);
    putchar('\n');
}

static void tell_text(const char *name, const char *text)
{
    tell(name, text ? text : "", text ? strlen(text) : 0);
}

/* Members of groups are told like others. */
static void tell_mailboxes(const char *name, InternetAddressList *list)
{
    for (int i = 0; list && i < internet_address_list_length(list); i++) {
        InternetAddress *one = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(one)) {
            tell_mailboxes(name, INTERNET_ADDRESS_GROUP(one)->members);
            continue;
        }
        const char *label = internet_address_get_name(one);
        char *text = g_strdup_printf(
            "%s <%s>", label ? label : "",
            internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)));
        tell_text(name, text);
        g_free(text);
    }
}

static void tell_content(GMimePart *part)
{
    GMimeStream *stream = g_mime_stream_mem_new();
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GByteArray *octets;

    if (content)
        g_mime_data_wrapper_write_to_stream(content, stream);
    octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    tell("content", octets->data, octets->len);
    g_object_unref(stream);
}

static void tell_part(GMimeObject *object, int depth)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    char *name = g_mime_content_type_get_mime_type(type);
    char *lower = g_ascii_strdown(name, -1);
    char *full = g_strdup_printf("%d %s", depth, lower);

    tell_text("type", full);
    g_free(full);
    g_free(lower);
    g_free(name);
    tell_text("charset", g_mime_content_type_get_parameter(type, "charset"));
    tell_text("disposition", g_mime_object_get_disposition(object));
    tell_text("cid", g_mime_object_get_content_id(object));
    if (GMIME_IS_PART(object)) {
        tell_text("filename", g_mime_part_get_filename(GMIME_PART(object)));
        tell_content(GMIME_PART(object));
    } else if (GMIME_IS_MULTIPART(object)) {
        GMimeMultipart *many = GMIME_MULTIPART(object);
        for (int i = 0; i < g_mime_multipart_get_count(many); i++)
            tell_part(g_mime_multipart_get_part(many, i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *inner =
            g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        if (inner)
            tell_part(g_mime_message_get_mime_part(inner), depth + 1);
    }
}

static void tell_message(GMimeMessage *message)
{
    GDateTime *date = g_mime_message_get_date(message);
    char seconds[32];

    snprintf(seconds, sizeof seconds, "%lld",
             date ? (long long)g_date_time_to_unix(date) : -1);
    tell_text("message", "");
    tell_text("subject", g_mime_message_get_subject(message));
    tell_text("date", seconds);
    tell_text("message_id", g_mime_message_get_message_id(message));
    tell_mailboxes("from", g_mime_message_get_from(message));
    tell_mailboxes("to", g_mime_message_get_to(message));
    tell_mailboxes("cc", g_mime_message_get_cc(message));
    tell_part(g_mime_message_get_mime_part(message), 0);
}

int main(int count, char **paths)
{
    g_mime_init();
    for (int i = 1; i < count; i++) {
        GMimeStream *stream = g_mime_stream_file_open(paths[i], "r", NULL);
        GMimeParser *parser = g_mime_parser_new_with_stream(stream);
        GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
        tell_message(message);
        g_object_unref(message);
        g_object_unref(parser);
        g_object_unref(stream);
    }
    g_mime_shutdown();
    return 0;
}
