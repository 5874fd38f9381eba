/* esmtp_fuzz.c - a hostile reply to EHLO, and hostile wishes: only what is
 * offered and on is said, in parameters that a server can read (RFC 5321,
 * 4.1.2), and never too much of it.
 * SPDX-License-Identifier: MIT */
#include "base/ascii.h"
#include "smtp/capability.h"
#include "smtp/esmtp.h"
#include "smtp/path.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    CHOICES = 16 /* octets of the input that say what is wanted */
};

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static ph_span take_line(ph_span *rest, char end)
{
    size_t n = ph_span_find(*rest, end);
    ph_span line = ph_span_of(rest->at, n);

    *rest = ph_span_after(*rest, n + 1);
    return line;
}

static void check_offers(const ph_capability *offers, unsigned disabled)
{
    ph_span lines = ph_buf_span(&offers->lines), keyword, parameters;

    require(!(offers->offered & disabled));
    require(!ph_capability_has(offers, PH_CAPABILITY_BINARYMIME) ||
            ph_capability_has(offers, PH_CAPABILITY_CHUNKING));
    require(offers->rcpt_max < 1000000 && offers->mail_max < 1000000 &&
            offers->rcpt_domain_max < 1000000);
    require(offers->by_min <= PH_ESMTP_BY && offers->hold_max <= PH_ESMTP_BY);
    require(!ph_capability_lack(offers, offers->offered));
    for (int i = 0; ph_capability_next(&lines, &keyword, &parameters); i++)
        require(keyword.size && i < 100);
}

/* What was put is parameters, each in ASCII unless it may be in UTF-8. */
static void check_parameters(const ph_buf *put, bool is_unitext)
{
    ph_span rest = ph_buf_span(put);
    ph_path_parameter parameter;
    int result;

    require(!ph_ascii_has_control(rest));
    require(is_unitext || !ph_ascii_has_high(rest));
    require(!rest.size || rest.at[0] == ' ');
    while ((result = ph_path_parameter_next(&rest, &parameter)) > 0)
        require(ph_span_find(parameter.value, '=') == parameter.value.size);
    require(result == 0);
}

static ph_esmtp_parameters wishes(const uint8_t *at, ph_span envid)
{
    ph_esmtp_parameters wanted = { .notify = at[0] & 15,
                                   .ret = at[1] % 3,
                                   .by = at[2] % 3,
                                   .by_seconds = at[3] * 7654321 - 999999999,
                                   .hold_until = (int64_t)at[4] << (at[5] % 30),
                                   .hold_for = (int64_t)at[6] << (at[7] % 50),
                                   .priority = (int8_t)(at[8] % 19 - 9),
                                   .has_hold = at[9] & 1,
                                   .has_priority = at[9] & 2,
                                   .require_tls = at[9] & 4,
                                   .has_recipients = at[9] & 8 };

    if (ph_esmtp_is_envid(envid))
        wanted.envid = envid;
    return wanted;
}

static void say(ph_esmtp_parameters *wanted, const ph_capability *offers,
                const uint8_t *at, ph_span orcpt)
{
    char room[PH_ESMTP_PARAMETERS];
    bool is_unitext = at[10] & 1;
    ph_error error = { 0 };
    ph_buf put;
    int result = ph_esmtp_settle(wanted, offers, at[10] & 2, &error);

    require(!(wanted->used & ~offers->offered));
    require(!(wanted->left_out & offers->offered));
    if (result < 0)
        return;
    ph_buf_borrow(&put, room, sizeof room);
    require(ph_esmtp_put_mail(&put, wanted) == PH_OK);
    check_parameters(&put, false);
    ph_buf_borrow(&put, room, sizeof room);
    if (!ph_esmtp_is_orcpt(orcpt))
        orcpt.size = 0;
    require(ph_esmtp_put_recipient(&put, wanted, at[11] & 15, orcpt,
                                   is_unitext) == PH_OK);
    check_parameters(&put, is_unitext);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    ph_span rest, envid, orcpt;
    ph_capability offers;
    ph_esmtp_parameters wanted;
    unsigned disabled;

    if (size < CHOICES)
        return 0;
    rest = ph_span_of((const char *)at + CHOICES, size - CHOICES);
    envid = take_line(&rest, '\n');
    orcpt = take_line(&rest, '\n');
    disabled = at[12] | (unsigned)at[13] << 8;
    ph_capability_init(&offers);
    while (rest.size)
        require(ph_capability_add(&offers, take_line(&rest, '\n')) == PH_OK);
    ph_capability_settle(&offers, disabled);
    check_offers(&offers, disabled);
    wanted = wishes(at, envid);
    say(&wanted, &offers, at, orcpt);
    ph_capability_clear(&offers);
    return 0;
}
