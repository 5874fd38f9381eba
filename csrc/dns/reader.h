/* reader.h - numbers read from a DNS message, never past its end (RFC 1035,
 * 2.3.2).
 * SPDX-License-Identifier: MIT */
#ifndef PH_DNS_READER_H
#define PH_DNS_READER_H

#include "base/span.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* A place in a message. Once something was read past the end the reader is
 * bad, stays so, and gives zeros: a caller may ask once, at the end. */
typedef struct ph_dns_reader {
    ph_span message;
    size_t at; /* offset of what is read next */
    bool is_bad;
} ph_dns_reader;

static inline ph_dns_reader ph_dns_reader_at(ph_span message, size_t at)
{
    return (ph_dns_reader){ message, at, at > message.size };
}

/* Takes n octets: their address, or NULL when fewer are left. */
static inline const unsigned char *ph_dns_reader_take(ph_dns_reader *reader,
                                                      size_t n)
{
    size_t at = reader->at;

    if (reader->is_bad || n > reader->message.size - at) {
        reader->is_bad = true;
        return NULL;
    }
    reader->at += n;
    return (const unsigned char *)reader->message.at + at;
}

static inline unsigned ph_dns_reader_u8(ph_dns_reader *reader)
{
    const unsigned char *at = ph_dns_reader_take(reader, 1);
    return at ? at[0] : 0;
}

static inline uint16_t ph_dns_reader_u16(ph_dns_reader *reader)
{
    const unsigned char *at = ph_dns_reader_take(reader, 2);
    return (uint16_t)(at ? at[0] << 8 | at[1] : 0);
}

static inline uint32_t ph_dns_reader_u32(ph_dns_reader *reader)
{
    uint32_t high = ph_dns_reader_u16(reader);
    return high << 16 | ph_dns_reader_u16(reader);
}

#pragma GCC visibility pop
#endif
