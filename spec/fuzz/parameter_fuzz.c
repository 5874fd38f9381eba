/* parameter_fuzz.c - any octets as the parameters of a field; what was read is
 * written, folded or not, and read again to equal values (RFC 2231).
 * SPDX-License-Identifier: MIT */
#include "codec/fold.h"
#include "codec/parameter.h"
#include "codec/parameter_list.h"

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

/* One parameter through a folded field and back. */
static void round_trip(ph_span name, ph_span value)
{
    ph_buf wire, field, flat;
    ph_parameter_list list;
    ph_span again;

    ph_buf_init(&wire, ROOM);
    ph_buf_init(&field, ROOM);
    ph_buf_init(&flat, ROOM);
    ph_parameter_list_init(&list, ROOM);
    if (ph_parameter_put(&wire, name, value) == PH_OK &&
        ph_fold_put(&field, ph_span_text("X"), ph_buf_span(&wire)) == PH_OK) {
        ph_buf_consume(&field, 2);
        require(ph_fold_undo(&flat, ph_buf_span(&field)) == PH_OK);
        require(ph_parameter_list_parse(&list, ph_buf_span(&flat)) == PH_OK);
        require(list.count == 1);
        require(ph_parameter_list_find(&list, name, &again));
        require(ph_span_equal(again, value));
    }
    ph_buf_clear(&wire);
    ph_buf_clear(&field);
    ph_buf_clear(&flat);
    ph_parameter_list_clear(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    ph_span text = { (const char *)at, size };
    ph_parameter_list list;

    ph_parameter_list_init(&list, 4 * size);
    require(ph_parameter_list_parse(&list, text) == PH_OK);
    require(list.count <= PH_PARAMETER_LIST_COUNT);
    for (size_t i = 0; i < list.count && i < 4; i++)
        round_trip(ph_parameter_list_name(&list, i),
                   ph_parameter_list_value(&list, i));
    ph_parameter_list_clear(&list);
    round_trip(ph_span_text("filename"), text);
    return 0;
}
