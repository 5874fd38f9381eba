/* xtext_fuzz.c - any octets as xtext and as an address of RFC 6533; what was
 * read is written and read again to equal octets, and any octets come back.
 * SPDX-License-Identifier: MIT */
#include "codec/xtext.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    ROOM = 1 << 20
};

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void octets_and_back(ph_span octets)
{
    ph_buf encoded, decoded;

    ph_buf_init(&encoded, ROOM);
    ph_buf_init(&decoded, ROOM);
    require(ph_xtext_put(&encoded, octets) == PH_OK);
    require(ph_xtext_parse(ph_buf_span(&encoded), &decoded) == PH_OK);
    require(ph_span_equal(ph_buf_span(&decoded), octets));
    ph_buf_clear(&encoded);
    ph_buf_clear(&decoded);
}

static void address_and_back(ph_span address, bool is_unitext)
{
    ph_buf encoded, decoded;

    ph_buf_init(&encoded, ROOM);
    ph_buf_init(&decoded, ROOM);
    if (ph_xtext_put_address(&encoded, address, is_unitext) == PH_OK) {
        require(ph_xtext_parse_address(ph_buf_span(&encoded), &decoded) ==
                PH_OK);
        require(ph_span_equal(ph_buf_span(&decoded), address));
    }
    ph_buf_clear(&encoded);
    ph_buf_clear(&decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    ph_span text = { (const char *)at, size };
    ph_buf decoded;

    octets_and_back(text);
    address_and_back(text, false);
    address_and_back(text, true);
    ph_buf_init(&decoded, ROOM);
    if (ph_xtext_parse(text, &decoded) == PH_OK)
        octets_and_back(ph_buf_span(&decoded));
    ph_buf_reset(&decoded);
    if (ph_xtext_parse_address(text, &decoded) == PH_OK) {
        address_and_back(ph_buf_span(&decoded), false);
        address_and_back(ph_buf_span(&decoded), true);
    }
    ph_buf_clear(&decoded);
    return 0;
}
