/* part.c - one leaf of a message (RFC 2045; RFC 2183).
 * SPDX-License-Identifier: MIT */
#include "part.h"
#include "header.h"
#include "media_type.h"
#include "suffix.h"
#include "base/ascii.h"
#include "codec/fold.h"
#include "codec/parameter.h"
#include "codec/parameter_list.h"

enum {
    VALUE_LIMIT = 65536, /* octets of a field's value, unfolded */
    PIECE = 4096         /* octets encoded at once for counting */
};

static int refuse(ph_part_fault *fault, const char *name, const char *message)
{
    *fault = (ph_part_fault){ name, message };
    return PH_E_INVALID;
}

/* ---- the transfer encoding ---- */

static void set_encodings(ph_part *part, ph_transfer_encoding others,
                          ph_transfer_encoding eight_bit)
{
    part->encodings[0] = others;
    part->encodings[1] = eight_bit;
}

/* 7bit and 8bit can carry lines alone, CRLF or made so, but not too long. */
static int check_wish(const ph_part *part, ph_part_fault *fault)
{
    const ph_content *content = &part->content;
    bool is_lines =
        ph_content_is_lines(content) &&
        (part->form != PH_FORM_OCTETS || ph_content_is_normal(content));

    if (part->body.encoding == PH_ENCODING_7BIT && (!is_lines || content->high))
        return refuse(fault, "encoding", "7bit cannot carry this content");
    if (part->body.encoding == PH_ENCODING_8BIT && !is_lines)
        return refuse(fault, "encoding", "8bit cannot carry this content");
    return PH_OK;
}

/* The caller's wish; where 8bit cannot travel its content is encoded anew. */
static int set_wish(ph_part *part, ph_part_fault *fault)
{
    ph_transfer_encoding wish = part->body.encoding, others = wish;
    int result = check_wish(part, fault);

    if (wish == PH_ENCODING_8BIT && part->body.source)
        others = PH_ENCODING_QUOTED_PRINTABLE;
    else if (wish == PH_ENCODING_8BIT)
        others = ph_transfer_encoding_choose(&part->content, false);
    set_encodings(part, others, wish);
    return result;
}

static void choose(ph_part *part)
{
    set_encodings(part, ph_transfer_encoding_choose(&part->content, false),
                  ph_transfer_encoding_choose(&part->content, true));
}

static void init(ph_part *part, const ph_body *body, ph_transfer_form form)
{
    *part = (ph_part){ .body = *body, .form = form };
    part->content.size = body->octets.size;
}

static void read_content(ph_part *part)
{
    if (!part->body.source)
        ph_content_read(&part->content, part->body.octets);
}

int ph_part_init_text(ph_part *part, const ph_body *body, ph_part_fault *fault)
{
    init(part, body,
         body->source && body->is_flowed ? PH_FORM_FLOWED : PH_FORM_TEXT);
    read_content(part);
    if (part->content.is_broken)
        return refuse(fault, "content", "is no valid UTF-8");
    if (!body->source && ph_content_is_normal(&part->content))
        part->form = PH_FORM_LINES;
    if (body->encoding != PH_ENCODING_AUTO)
        return set_wish(part, fault);
    if (body->source)
        set_encodings(part, PH_ENCODING_QUOTED_PRINTABLE,
                      PH_ENCODING_QUOTED_PRINTABLE);
    else
        choose(part);
    return PH_OK;
}

int ph_part_init_raw(ph_part *part, const ph_body *body, bool has_lf,
                     ph_part_fault *fault)
{
    ph_content *content = &part->content;

    init(part, body, has_lf ? PH_FORM_TEXT : PH_FORM_LINES);
    read_content(part);
    part->is_raw = true;
    if (content->cr || (has_lf && content->crlf))
        return refuse(fault, "body", "holds a bare CR");
    if (content->lf && !has_lf)
        return refuse(fault, "body", "holds a bare LF");
    if (content->has_nul)
        return refuse(fault, "body", "holds a NUL");
    if (content->longest > PH_LINE_LIMIT)
        return refuse(fault, "body", "has a line over 998 octets");
    if (body->source || content->high)
        set_encodings(part, PH_ENCODING_8BIT, PH_ENCODING_8BIT);
    else
        set_encodings(part, PH_ENCODING_7BIT, PH_ENCODING_7BIT);
    return PH_OK;
}

/* Text that can stay as it is does; all else is base64, which keeps octets
 * whatever they are. */
static int set_attachment(ph_part *part, const ph_media_type *type,
                          ph_part_fault *fault)
{
    bool is_text =
        ph_media_type_is(type, "text") || ph_media_type_is(type, "message");
    bool is_lines;

    if (is_text || part->body.encoding != PH_ENCODING_AUTO)
        read_content(part);
    is_lines =
        is_text && !part->body.source && ph_content_is_normal(&part->content);
    if (is_lines)
        part->form = PH_FORM_LINES;
    if (ph_media_type_is(type, "message") &&
        (!is_lines || !ph_content_is_lines(&part->content) ||
         part->content.high))
        return refuse(fault, "type", "takes a message as its content");
    if (part->body.encoding != PH_ENCODING_AUTO)
        return set_wish(part, fault);
    set_encodings(part, PH_ENCODING_BASE64, PH_ENCODING_BASE64);
    if (is_lines && part->content.is_ended)
        choose(part);
    return PH_OK;
}

ph_span ph_part_encoding_line(const ph_part *part, bool eight_bit)
{
#define LINE(name) "Content-Transfer-Encoding: " name "\r\n\r\n"
    static const char *const lines[] = {
        [PH_ENCODING_AUTO] = "\r\n",
        [PH_ENCODING_7BIT] = LINE("7bit"),
        [PH_ENCODING_8BIT] = LINE("8bit"),
        [PH_ENCODING_QUOTED_PRINTABLE] = LINE("quoted-printable"),
        [PH_ENCODING_BASE64] = LINE("base64"),
    };
    return ph_span_text(lines[part->encodings[eight_bit]]);
}

/* ---- its size ---- */

/* Encodes for the sake of counting, in bounded memory. */
static long long count(const ph_part *part, ph_transfer_encoding encoding)
{
    ph_transfer_encoder encoder;
    ph_span rest = part->body.octets;
    long long size = 0;
    ph_buf out;
    int result = PH_OK;

    ph_buf_init(&out, ph_transfer_encoder_room(PIECE));
    ph_transfer_encoder_init(&encoder, encoding, part->form);
    while (rest.size && result == PH_OK) {
        size_t n = rest.size < PIECE ? rest.size : PIECE;
        result =
            ph_transfer_encoder_put(&encoder, ph_span_of(rest.at, n), &out);
        size += (long long)ph_buf_size(&out);
        ph_buf_reset(&out);
        rest = ph_span_after(rest, n);
    }
    if (result == PH_OK)
        result = ph_transfer_encoder_end(&encoder, &out);
    size += (long long)ph_buf_size(&out);
    ph_buf_clear(&out);
    return result == PH_OK ? size : PH_SIZE_UNKNOWN;
}

static long long size_of(const ph_part *part, ph_transfer_encoding encoding)
{
    long long size = part->body.size;

    if (!part->body.source)
        size = (long long)ph_content_normal_size(&part->content);
    else if (size < 0 || part->form == PH_FORM_TEXT ||
             part->form == PH_FORM_FLOWED)
        return PH_SIZE_UNKNOWN;
    if (!part->body.source && part->form == PH_FORM_OCTETS)
        size = (long long)part->content.size;
    switch (encoding) {
    case PH_ENCODING_BASE64:
        return (long long)ph_base64_size((unsigned long long)size);
    case PH_ENCODING_QUOTED_PRINTABLE:
        return part->body.source ? PH_SIZE_UNKNOWN : count(part, encoding);
    default: /* whether a line end is added depends on its last octet */
        return part->body.source && !part->body.is_ended ? PH_SIZE_UNKNOWN
                                                         : size;
    }
}

void ph_part_know_raw(ph_part *part, const ph_raw_check *check)
{
    ph_transfer_encoding encoding =
        check->lines.has_high ? PH_ENCODING_8BIT : PH_ENCODING_7BIT;

    set_encodings(part, encoding, encoding);
    part->has_unicode = check->header.has_high;
    part->content.high = check->lines.has_high;
    part->body.size = check->size;
    part->body.is_ended = check->is_ended;
    part->sizes[0] = part->sizes[1] = check->normal;
    part->has_sizes[0] = part->has_sizes[1] = true;
}

long long ph_part_size(ph_part *part, bool eight_bit)
{
    if (!part->has_sizes[eight_bit]) {
        part->sizes[eight_bit] = size_of(part, part->encodings[eight_bit]);
        part->has_sizes[eight_bit] = true;
    }
    return part->sizes[eight_bit];
}

/* ---- its header ---- */

/* Writes "Name: value" of what a buffer holds, and empties that. */
static int put_field(ph_buf *heads, const char *name, ph_buf *value)
{
    int result = ph_fold_put(heads, ph_span_text(name), ph_buf_span(value));

    ph_buf_reset(value);
    return result;
}

/* The parameters that a caller gave with a type, each written anew. */
static int put_parameters(ph_buf *value, ph_span text, ph_part_fault *fault)
{
    size_t count = ph_media_type_parameters(text);
    ph_parameter_list list;
    int result;

    ph_parameter_list_init(&list, VALUE_LIMIT);
    result = ph_parameter_list_parse(&list, text);
    /* A tolerant reader drops what it cannot read, and what stands twice. */
    if (result == PH_OK && (count == 0 || list.count != count))
        result = PH_E_INVALID;
    for (size_t i = 0; i < list.count && result == PH_OK; i++)
        result = ph_parameter_put(value, ph_parameter_list_name(&list, i),
                                  ph_parameter_list_value(&list, i));
    ph_parameter_list_clear(&list);
    if (result == PH_E_INVALID)
        refuse(fault, "type", "has a parameter that is none or too long");
    return result;
}

/* The filename for readers that know no Content-Disposition. */
static int put_name(ph_buf *value, ph_span filename)
{
    ph_span name = ph_span_text("name");
    size_t before = ph_buf_size(value);
    int result = ph_parameter_put_fallback(value, name, filename);

    if (result == PH_OK && ph_buf_size(value) == before)
        result = ph_parameter_put(value, name, filename);
    return result;
}

/* Whether the content is text whose character set should be told. */
static bool is_utf8(const ph_part *part, const ph_media_type *type)
{
    return part->content.high && !part->content.is_broken &&
           ph_media_type_is(type, "text");
}

/* Whether the caller's own parameters tell that one. */
static bool has_parameter(const ph_media_type *type, const char *name)
{
    ph_parameter_list list;
    ph_span value;
    bool is_there;

    if (type->parameters.size == 0)
        return false;
    ph_parameter_list_init(&list, VALUE_LIMIT);
    is_there = ph_parameter_list_parse(&list, type->parameters) == PH_OK &&
               ph_parameter_list_find(&list, ph_span_text(name), &value);
    ph_parameter_list_clear(&list);
    return is_there;
}

static int put_type(ph_buf *heads, ph_buf *value, const ph_media_type *type,
                    bool has_utf8, ph_span filename, ph_part_fault *fault)
{
    int result = ph_buf_put_span(value, type->name);

    if (result == PH_OK && type->parameters.size)
        result = put_parameters(value, type->parameters, fault);
    if (result == PH_OK && has_utf8 && !has_parameter(type, "charset"))
        result = ph_buf_put_text(value, "; charset=utf-8");
    if (result == PH_OK && filename.size && !has_parameter(type, "name"))
        result = put_name(value, filename);
    return result == PH_OK ? put_field(heads, "Content-Type", value) : result;
}

static int put_disposition(ph_buf *heads, ph_buf *value,
                           const ph_part_header *header)
{
    ph_span word = header->disposition;
    int result;

    if (word.size == 0)
        word = ph_span_text(header->cid.size ? "inline" : "attachment");
    result = ph_buf_put_span(value, word);
    if (result == PH_OK && header->filename.size)
        result =
            ph_parameter_put(value, ph_span_text("filename"), header->filename);
    return result == PH_OK ? put_field(heads, "Content-Disposition", value)
                           : result;
}

static int put_cid(ph_buf *heads, ph_buf *value, ph_span cid)
{
    int result;

    if (cid.size == 0)
        return PH_OK;
    result = ph_buf_put_char(value, '<');
    if (result == PH_OK)
        result = ph_buf_put_span(value, cid);
    if (result == PH_OK)
        result = ph_buf_put_char(value, '>');
    return result == PH_OK ? put_field(heads, "Content-ID", value) : result;
}

/* Checks all but the type, and takes the brackets off the cid. */
static int check_header(ph_part_header *header, ph_part_fault *fault)
{
    ph_span rest = header->cid, word = header->disposition;
    const char *problem = ph_header_fault(header->filename);

    if (problem)
        return refuse(fault, "filename", problem);
    if (rest.size && (ph_header_next_id(&rest, false, &header->cid) != 1 ||
                      ph_header_next_id(&rest, false, &word) != 0 ||
                      ph_ascii_has_high(header->cid)))
        return refuse(fault, "cid", "is no content id");
    word = header->disposition;
    if (word.size && !ph_ascii_equal(word, ph_span_text("inline")) &&
        !ph_ascii_equal(word, ph_span_text("attachment")))
        return refuse(fault, "disposition", "is neither attachment nor inline");
    return PH_OK;
}

static int put_header(ph_part *part, const ph_part_header *header,
                      const ph_media_type *type, ph_buf *heads,
                      ph_part_fault *fault)
{
    size_t before = ph_buf_size(heads);
    char room[256];
    ph_buf value;
    int result;

    *fault = (ph_part_fault){ "filename", "is too long" };
    ph_buf_begin(&value, room, sizeof room, VALUE_LIMIT);
    result = put_type(heads, &value, type, is_utf8(part, type),
                      header->filename, fault);
    if (result == PH_OK)
        result = put_disposition(heads, &value, header);
    if (result == PH_OK)
        result = put_cid(heads, &value, header->cid);
    ph_buf_clear(&value);
    if (result < 0)
        ph_buf_truncate(heads, before);
    part->head = before;
    part->size = ph_buf_size(heads) - before;
    part->has_cid = header->cid.size > 0;
    return result;
}

/* What the caller gave, or what the name of the file tells. */
static int find_type(const ph_part_header *header, ph_media_type *type,
                     ph_part_fault *fault)
{
    ph_span text = header->type;

    if (text.size == 0)
        text = ph_span_text(ph_suffix_type(header->filename));
    if (ph_media_type_parse(text, type) < 0)
        return refuse(fault, "type", "is no media type");
    if (ph_media_type_is(type, "multipart"))
        return refuse(fault, "type", "is no type of a single part");
    return PH_OK;
}

int ph_part_init_attachment(ph_part *part, const ph_body *body,
                            const ph_part_header *header, ph_buf *heads,
                            ph_part_fault *fault)
{
    ph_part_header own = *header;
    ph_media_type type;
    int result = check_header(&own, fault);

    init(part, body, PH_FORM_OCTETS);
    if (result == PH_OK)
        result = find_type(&own, &type, fault);
    if (result == PH_OK)
        result = set_attachment(part, &type, fault);
    if (result == PH_OK)
        result = put_header(part, &own, &type, heads, fault);
    return result;
}

/* Whether a character set is told; INVALID: another one than UTF-8. */
static int find_charset(const ph_media_type *type, bool *has_charset,
                        ph_part_fault *fault)
{
    ph_parameter_list list;
    ph_span charset = { NULL, 0 };
    int result;

    ph_parameter_list_init(&list, VALUE_LIMIT);
    result = ph_parameter_list_parse(&list, type->parameters);
    *has_charset =
        result == PH_OK &&
        ph_parameter_list_find(&list, ph_span_text("charset"), &charset);
    if (*has_charset && !ph_ascii_equal(charset, ph_span_text("utf-8")))
        result = refuse(fault, "type", "has another charset than utf-8");
    ph_parameter_list_clear(&list);
    return result;
}

static int put_alternative_head(ph_part *part, const ph_media_type *type,
                                ph_buf *heads, ph_part_fault *fault)
{
    bool has_charset = false;
    ph_buf value;
    int result = find_charset(type, &has_charset, fault);

    ph_buf_init(&value, VALUE_LIMIT);
    part->head = ph_buf_size(heads);
    if (result == PH_OK)
        result = ph_buf_put_span(&value, type->name);
    if (result == PH_OK && ph_media_type_is(type, "text") && !has_charset)
        result = ph_buf_put_text(&value, "; charset=utf-8");
    if (result == PH_OK && type->parameters.size)
        result = put_parameters(&value, type->parameters, fault);
    if (result == PH_OK)
        result = put_field(heads, "Content-Type", &value);
    part->size = ph_buf_size(heads) - part->head;
    ph_buf_clear(&value);
    return result;
}

int ph_part_init_alternative(ph_part *part, const ph_body *body, ph_span text,
                             ph_buf *heads, ph_part_fault *fault)
{
    ph_media_type type;
    int result;

    if (ph_media_type_parse(text, &type) < 0)
        return refuse(fault, "type", "is no media type");
    if (ph_media_type_is(&type, "multipart") ||
        ph_media_type_is(&type, "message"))
        return refuse(fault, "type", "is no type of an alternative");
    if (ph_media_type_is(&type, "text")) {
        result = ph_part_init_text(part, body, fault);
    } else {
        init(part, body, PH_FORM_OCTETS);
        result = set_attachment(part, &type, fault);
    }
    return result < 0 ? result
                      : put_alternative_head(part, &type, heads, fault);
}

int ph_part_init_message(ph_part *part, const struct ph_message *message,
                         unsigned sources, const ph_part_header *header,
                         ph_buf *heads, ph_part_fault *fault)
{
    ph_media_type type = { header->type, { NULL, 0 } };
    ph_part_header own = *header;
    int result = check_header(&own, fault);

    *part =
        (ph_part){ .is_message = true, .message = message, .sources = sources };
    return result == PH_OK ? put_header(part, &own, &type, heads, fault)
                           : result;
}
