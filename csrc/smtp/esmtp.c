/* esmtp.c - what goes behind the paths of MAIL and RCPT.
 * SPDX-License-Identifier: MIT */
#include "esmtp.h"
#include "base/ascii.h"
#include "codec/date.h"
#include "codec/xtext.h"

/* ---- values */

/* In the order of the bits. */
static const struct {
    const char *word, *value;
} notifies[] = {
    { "never", "NEVER" },
    { "success", "SUCCESS" },
    { "failure", "FAILURE" },
    { "delay", "DELAY" },
};

unsigned ph_esmtp_find_notify(ph_span word)
{
    for (size_t i = 0; i < sizeof notifies / sizeof *notifies; i++)
        if (ph_span_equal(word, ph_span_text(notifies[i].word)))
            return 1u << i;
    return 0;
}

static bool is_printable(ph_span text)
{
    return text.size && !ph_ascii_has_control(text) && !ph_ascii_has_high(text);
}

bool ph_esmtp_is_envid(ph_span text)
{
    char room[PH_ESMTP_ENVID];
    ph_buf value;

    ph_buf_borrow(&value, room, sizeof room);
    return is_printable(text) && ph_xtext_put(&value, text) >= 0;
}

/* An addr-type is an atom (RFC 3461, 4.2), in a value that holds no "="
 * (RFC 5321, 4.1.2): what has one before its ";" is no type, but an address. */
static ph_span take_type(ph_span *orcpt)
{
    size_t n = 0;
    ph_span type = { NULL, 0 };

    while (n < orcpt->size && ph_ascii_is_atext(orcpt->at[n]) &&
           orcpt->at[n] != '=')
        n++;
    if (n && n < orcpt->size && orcpt->at[n] == ';') {
        type = ph_span_of(orcpt->at, n);
        *orcpt = ph_span_after(*orcpt, n + 1);
    } else {
        type = ph_span_text(ph_ascii_has_high(*orcpt) ? "utf-8" : "rfc822");
    }
    return type;
}

/* The value as it travels. PH_E_INVALID: it cannot; PH_E_LIMIT. */
static int put_orcpt(ph_buf *out, ph_span orcpt, bool is_unitext)
{
    ph_span type = take_type(&orcpt);
    int result = ph_buf_put_span(out, type);

    if (result >= 0)
        result = ph_buf_put_char(out, ';');
    if (result < 0)
        return result;
    if (ph_ascii_equal(type, ph_span_text("utf-8")))
        return orcpt.size ? ph_xtext_put_address(out, orcpt, is_unitext)
                          : PH_E_INVALID;
    return is_printable(orcpt) ? ph_xtext_put(out, orcpt) : PH_E_INVALID;
}

bool ph_esmtp_is_orcpt(ph_span text)
{
    char room[PH_ESMTP_ORCPT];
    ph_buf value;

    ph_buf_borrow(&value, room, sizeof room);
    return put_orcpt(&value, text, false) >= 0;
}

/* ---- what is used */

static unsigned wanted_extensions(const ph_esmtp_parameters *wanted)
{
    unsigned which = 0;

    if (wanted->envid.size || wanted->ret || wanted->notify ||
        wanted->has_recipients)
        which |= PH_CAPABILITY_DSN;
    if (wanted->by)
        which |= PH_CAPABILITY_DELIVERBY;
    if (wanted->has_priority)
        which |= PH_CAPABILITY_MT_PRIORITY;
    if (wanted->has_hold)
        which |= PH_CAPABILITY_FUTURERELEASE;
    if (wanted->require_tls)
        which |= PH_CAPABILITY_REQUIRETLS;
    return which;
}

static int refuse(ph_error *error, int kind, const char *enhanced,
                  const char *message)
{
    ph_error_set(error, kind, PH_CLASS_PERMANENT, PH_PHASE_MAIL, message);
    memcpy(error->enhanced, enhanced, strlen(enhanced) + 1);
    return kind;
}

/* Over TLS, to the server that is meant, and if it offers it (RFC 8689); codes:
 * encryption needed (RFC 5248's registry), REQUIRETLS needed (T24). */
static int check_tls(bool is_offered, bool is_verified, ph_error *error)
{
    if (!is_verified)
        return refuse(error, PH_E_UNSUPPORTED, "5.7.10",
                      "no verified TLS, as require_tls wants it");
    return is_offered ? PH_OK
                      : refuse(error, PH_E_UNSUPPORTED, "5.7.30",
                               "the server does not offer REQUIRETLS");
}

static int check_hold(const ph_esmtp_parameters *wanted,
                      const ph_capability *offers, ph_error *error)
{
    if (!ph_capability_has(offers, PH_CAPABILITY_FUTURERELEASE))
        return refuse(error, PH_E_UNSUPPORTED, "",
                      "the server does not offer FUTURERELEASE");
    if ((offers->hold_last && wanted->hold_until > offers->hold_last) ||
        (offers->hold_max && wanted->hold_for > offers->hold_max))
        return refuse(error, PH_E_LIMIT, "",
                      "the server holds no message for so long");
    return PH_OK;
}

int ph_esmtp_settle(ph_esmtp_parameters *wanted, const ph_capability *offers,
                    bool is_verified, ph_error *error)
{
    unsigned which = wanted_extensions(wanted);
    int result = PH_OK;

    wanted->used = which & offers->offered;
    wanted->left_out = which & ~offers->offered;
    if (wanted->require_tls)
        result = check_tls(wanted->used & PH_CAPABILITY_REQUIRETLS, is_verified,
                           error);
    if (result >= 0 && wanted->has_hold)
        result = check_hold(wanted, offers, error);
    /* RFC 2852, 3: no less than the server's minimum, when it is to return. */
    if (result >= 0 && (wanted->used & PH_CAPABILITY_DELIVERBY) &&
        wanted->by == PH_BY_RETURN &&
        wanted->by_seconds < (int64_t)offers->by_min)
        result = refuse(error, PH_E_LIMIT, "",
                        "the server takes longer than deliver_by allows");
    return result;
}

/* ---- what is said */

static bool uses(const ph_esmtp_parameters *wanted, unsigned which)
{
    return (wanted->used & which) != 0;
}

static int put_signed(ph_buf *out, int64_t number)
{
    int result = number < 0 ? ph_buf_put_char(out, '-') : PH_OK;

    if (result < 0)
        return result;
    return ph_buf_put_number(
        out, (unsigned long long)(number < 0 ? -number : number));
}

static int put_dsn(ph_buf *out, const ph_esmtp_parameters *wanted)
{
    int result = PH_OK;

    if (wanted->ret)
        result = ph_buf_put_text(out, wanted->ret == PH_RET_FULL ? " RET=FULL"
                                                                 : " RET=HDRS");
    if (result < 0 || !wanted->envid.size)
        return result;
    result = ph_buf_put_text(out, " ENVID=");
    return result < 0 ? result : ph_xtext_put(out, wanted->envid);
}

static int put_by(ph_buf *out, const ph_esmtp_parameters *wanted)
{
    int result = ph_buf_put_text(out, " BY=");

    if (result >= 0)
        result = put_signed(out, wanted->by_seconds);
    if (result >= 0)
        result = ph_buf_put_text(out, wanted->by == PH_BY_RETURN ? ";R" : ";N");
    return result;
}

int ph_esmtp_put_mail(ph_buf *out, const ph_esmtp_parameters *wanted)
{
    int result = PH_OK;

    if (uses(wanted, PH_CAPABILITY_DSN))
        result = put_dsn(out, wanted);
    if (result >= 0 && uses(wanted, PH_CAPABILITY_DELIVERBY))
        result = put_by(out, wanted);
    /* The moment itself: what passes until the server reads it moves nothing.
     */
    if (result >= 0 && uses(wanted, PH_CAPABILITY_FUTURERELEASE)) {
        result = ph_buf_put_text(out, " HOLDUNTIL=");
        if (result >= 0)
            result = ph_date_put_internet(out, wanted->hold_until);
    }
    if (result >= 0 && uses(wanted, PH_CAPABILITY_MT_PRIORITY)) {
        result = ph_buf_put_text(out, " MT-PRIORITY=");
        if (result >= 0)
            result = put_signed(out, wanted->priority);
    }
    if (result >= 0 && uses(wanted, PH_CAPABILITY_REQUIRETLS))
        result = ph_buf_put_text(out, " REQUIRETLS");
    return result;
}

static int put_notify(ph_buf *out, unsigned notify)
{
    const char *before = " NOTIFY=";
    int result = PH_OK;

    for (size_t i = 0; i < sizeof notifies / sizeof *notifies; i++) {
        if (!(notify & 1u << i))
            continue;
        result = ph_buf_put_text(out, before);
        if (result >= 0)
            result = ph_buf_put_text(out, notifies[i].value);
        if (result < 0)
            return result;
        before = ",";
    }
    return result;
}

int ph_esmtp_put_recipient(ph_buf *out, const ph_esmtp_parameters *wanted,
                           unsigned notify, ph_span orcpt, bool is_unitext)
{
    int result;

    if (!uses(wanted, PH_CAPABILITY_DSN))
        return PH_OK;
    result = put_notify(out, notify ? notify : wanted->notify);
    if (result < 0 || !orcpt.size)
        return result;
    result = ph_buf_put_text(out, " ORCPT=");
    return result < 0 ? result : put_orcpt(out, orcpt, is_unitext);
}
