/* address_fuzz.c - any octets as a list of mailboxes: what is read is written,
 * and read again to the same; each mailbox is one for an envelope too.
 * SPDX-License-Identifier: MIT */
#include "codec/address_list.h"
#include "base/ascii.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void want(bool is_so)
{
    if (!is_so)
        abort();
}

/* Header and envelope read the same (security.md, row 17). */
static void check_bare(const ph_address *address)
{
    ph_buf written, bare;

    ph_buf_init(&written, PH_ADDRESS_LIMIT);
    ph_buf_init(&bare, PH_ADDRESS_LIMIT);
    want(ph_address_put(&written, address) == PH_OK);
    want(ph_address_put_bare(&bare, ph_buf_span(&written)) ==
         address->is_unicode);
    want(ph_span_equal(ph_buf_span(&written), ph_buf_span(&bare)));
    ph_buf_clear(&written);
    ph_buf_clear(&bare);
}

static void check_same(const ph_address_list *a, const ph_address_list *b)
{
    want(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        ph_address x = ph_address_list_get(a, i);
        ph_address y = ph_address_list_get(b, i);
        want(ph_span_equal(x.name, y.name) && ph_span_equal(x.local, y.local) &&
             ph_span_equal(x.domain, y.domain) &&
             ph_span_equal(x.group, y.group) && x.group_id == y.group_id);
        if (x.domain.size)
            check_bare(&x);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    ph_address_mode mode = size % 2 ? PH_ADDRESS_READ : PH_ADDRESS_BUILD;
    ph_span text = { (const char *)at, size };
    ph_address_list list, again;
    ph_buf out;

    ph_address_list_init(&list);
    ph_address_list_init(&again);
    ph_buf_init(&out, (size_t)1 << 20);
    /* Names of a field may hold what none may be written with. */
    if (ph_address_list_parse(&list, text, mode) == PH_OK &&
        ph_address_list_put(&out, &list, 4) == PH_OK) {
        want(!ph_ascii_has_control(ph_buf_span(&out)));
        want(ph_address_list_parse(&again, ph_buf_span(&out),
                                   PH_ADDRESS_READ) == PH_OK);
        check_same(&list, &again);
    }
    ph_address_list_clear(&list);
    ph_address_list_clear(&again);
    ph_buf_clear(&out);
    return 0;
}
