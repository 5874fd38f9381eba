/* capability_fuzz.c - any lines as a reply to EHLO: what is kept is bounded,
 * and can be walked through again.
 * SPDX-License-Identifier: MIT */
#include "smtp/capability.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    KEYWORDS = 64 + PH_CAPABILITY_COUNT,
    OCTETS = 1 << 17
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void walk(const ph_capability *capability)
{
    ph_span lines = ph_buf_span(&capability->lines), keyword, parameters;
    unsigned count = 0;

    require(lines.size + ph_buf_size(&capability->auth) <= OCTETS);
    while (ph_capability_next(&lines, &keyword, &parameters)) {
        require(keyword.size > 0);
        count++;
    }
    require(lines.size == 0 && count <= KEYWORDS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ph_span text = { (const char *)data, size };
    ph_capability capability;

    ph_capability_init(&capability);
    while (text.size) {
        size_t n = ph_span_find(text, '\n');
        require(ph_capability_add(&capability, ph_span_of(text.at, n)) ==
                PH_OK);
        text = ph_span_after(text, n + 1);
    }
    walk(&capability);
    ph_capability_settle(&capability, size ? data[0] : 0);
    require(!ph_capability_has(&capability, PH_CAPABILITY_BINARYMIME) ||
            ph_capability_has(&capability, PH_CAPABILITY_CHUNKING));
    walk(&capability);
    ph_capability_clear(&capability);
    return 0;
}
