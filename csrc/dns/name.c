/* name.c - domain names: text, the octets of a message, and their compression.
 * SPDX-License-Identifier: MIT */
#include "name.h"
#include "base/ascii.h"
#include "base/error.h"

enum {
    LABEL = 63,
    TEXT = 253,
    POINTERS = 16,
    HEADER = 12
};

static bool is_plain(char c)
{
    return ph_ascii_is_alnum(c) || c == '-' || c == '_';
}

static void put(ph_dns_name *name, const char *at, size_t size)
{
    name->octets[name->size++] = (unsigned char)size;
    for (size_t i = 0; i < size; i++)
        name->octets[name->size++] = (unsigned char)ph_ascii_lower(at[i]);
}

static bool is_label(ph_span label)
{
    if (label.size == 0 || label.size > LABEL)
        return false;
    for (size_t i = 0; i < label.size; i++)
        if (!is_plain(label.at[i]))
            return false;
    return true;
}

static bool is_number(ph_span label)
{
    for (size_t i = 0; i < label.size; i++)
        if (!ph_ascii_is_digit(label.at[i]))
            return false;
    return true;
}

int ph_dns_name_parse(ph_dns_name *name, ph_span text)
{
    ph_span label = { NULL, 0 };

    name->size = 0;
    if (text.size && text.at[text.size - 1] == '.')
        text.size--;
    if (text.size == 0 || text.size > TEXT || text.at[text.size - 1] == '.')
        return PH_E_INVALID;
    while (text.size) {
        label = ph_span_of(text.at, ph_span_find(text, '.'));
        if (!is_label(label))
            return PH_E_INVALID;
        put(name, label.at, label.size);
        text = ph_span_after(text, label.size + 1);
    }
    if (is_number(label))
        return PH_E_INVALID;
    name->octets[name->size++] = 0;
    return PH_OK;
}

/* Where a pointer leads: back before the place where this run of labels
 * began, which ends every walk, and not into the header. */
static int jump(ph_dns_reader *reader, unsigned high, size_t *start)
{
    size_t target = (size_t)(high & 0x3f) << 8 | ph_dns_reader_u8(reader);

    if (reader->is_bad || target >= *start || target < HEADER)
        return PH_E_PROTOCOL;
    reader->at = *start = target;
    return PH_OK;
}

int ph_dns_name_read(ph_dns_name *name, ph_dns_reader *reader)
{
    size_t start = reader->at, behind = 0;
    unsigned pointers = 0;

    name->size = 0;
    for (;;) {
        unsigned length = ph_dns_reader_u8(reader);
        const unsigned char *label;
        if (length >= 0xc0) {
            if (!behind)
                behind = reader->at + 1;
            if (++pointers > POINTERS || jump(reader, length, &start) < 0)
                return PH_E_PROTOCOL;
            continue;
        }
        label = ph_dns_reader_take(reader, length);
        if (!label || length > LABEL ||
            name->size + length + 1 > PH_DNS_NAME_OCTETS)
            return PH_E_PROTOCOL;
        put(name, (const char *)label, length);
        if (length == 0)
            break;
    }
    if (behind)
        reader->at = behind;
    return PH_OK;
}

static size_t put_octet(char *text, unsigned char octet)
{
    if (is_plain((char)octet)) {
        *text = (char)octet;
        return 1;
    }
    text[0] = '\\';
    text[1] = (char)('0' + octet / 100);
    text[2] = (char)('0' + octet / 10 % 10);
    text[3] = (char)('0' + octet % 10);
    return 4;
}

size_t ph_dns_name_format(const ph_dns_name *name, char text[PH_DNS_NAME_TEXT])
{
    size_t size = 0, left = 0;

    if (name->size <= 1) {
        text[0] = '.';
        return 1;
    }
    for (size_t i = 0; i + 1 < name->size; i++) {
        if (left) {
            size += put_octet(text + size, name->octets[i]);
            left--;
            continue;
        }
        if (i)
            text[size++] = '.';
        left = name->octets[i];
    }
    return size;
}
