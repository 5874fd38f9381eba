/* domain_fuzz.c - any octets as a domain: its normal form is normal, and what
 * IDNA makes of it is a domain of ASCII that stays as it is.
 * SPDX-License-Identifier: MIT */
#include "codec/domain.h"
#include "idn/idn.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void want(bool is_so)
{
    if (!is_so)
        abort();
}

static void check_normal(ph_span text, int kind)
{
    ph_buf again;

    ph_buf_init(&again, PH_DOMAIN_LIMIT);
    want(ph_domain_check(text) == kind);
    want(ph_domain_put(&again, text) == kind);
    want(ph_span_equal(ph_buf_span(&again), text));
    ph_buf_clear(&again);
}

/* The same with and without the check that lph_idn does before. */
static void check_ascii(const ph_idn *idn, ph_span text)
{
    ph_buf ascii, again;

    ph_buf_init(&ascii, PH_IDN_LIMIT);
    ph_buf_init(&again, PH_IDN_LIMIT);
    if (ph_idn_put(idn, &ascii, text) == PH_OK && ph_domain_check(text) >= 0) {
        want(ph_domain_check(ph_buf_span(&ascii)) == PH_DOMAIN_NAME);
        want(ph_idn_put(idn, &again, ph_buf_span(&ascii)) == PH_OK);
        want(ph_span_equal(ph_buf_span(&ascii), ph_buf_span(&again)));
    }
    ph_buf_clear(&ascii);
    ph_buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    static ph_idn idn;
    ph_span text = { (const char *)at, size };
    ph_buf normal;
    int kind;

    want(ph_idn_open(&idn) == PH_OK);
    ph_buf_init(&normal, PH_DOMAIN_LIMIT);
    kind = ph_domain_put(&normal, text);
    if (kind >= 0)
        check_normal(ph_buf_span(&normal), kind);
    ph_buf_clear(&normal);
    check_ascii(&idn, text);
    return 0;
}
