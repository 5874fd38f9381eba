/* sasl.c - logging in: the client's side of AUTH PLAIN and LOGIN.
 * SPDX-License-Identifier: MIT */
#include "sasl.h"
#include "base/mem.h"
#include "capability.h"
#include "codec/base64.h"
#include "reply.h"

int ph_sasl_init(ph_sasl *sasl, ph_span user, ph_span password)
{
    *sasl = (ph_sasl){ .user_size = user.size, .password_size = password.size };
    sasl->secret = ph_mem_alloc(user.size + password.size);
    if (!sasl->secret)
        return PH_E_LIMIT;
    if (user.size)
        memcpy(sasl->secret, user.at, user.size);
    if (password.size)
        memcpy(sasl->secret + user.size, password.at, password.size);
    return PH_OK;
}

void ph_sasl_clear(ph_sasl *sasl)
{
    if (sasl->secret)
        ph_mem_wipe(sasl->secret, sasl->user_size + sasl->password_size);
    ph_mem_free(sasl->secret);
    *sasl = (ph_sasl){ 0 };
}

const char *ph_sasl_choose(ph_sasl *sasl, unsigned mechanisms)
{
    sasl->step = 0;
    if (mechanisms & PH_MECHANISM_PLAIN) {
        sasl->mechanism = PH_MECHANISM_PLAIN;
        return "PLAIN";
    }
    if (mechanisms & PH_MECHANISM_LOGIN) {
        sasl->mechanism = PH_MECHANISM_LOGIN;
        return "LOGIN";
    }
    return NULL;
}

static ph_span user(const ph_sasl *sasl)
{
    return ph_span_of(sasl->secret, sasl->user_size);
}

static ph_span password(const ph_sasl *sasl)
{
    return ph_span_of(sasl->secret + sasl->user_size, sasl->password_size);
}

/* NUL user NUL password (RFC 4616, 2), with no authorization identity. */
static int put_plain(const ph_sasl *sasl, ph_buf *out)
{
    ph_buf plain;
    char *room;
    int result;

    ph_buf_init(&plain, (size_t)2 * PH_SASL_SECRET + 2);
    /* All at once: what grows leaves copies behind. */
    result = ph_buf_reserve(&plain, sasl->user_size + sasl->password_size + 2,
                            &room);
    if (result == PH_OK) {
        ph_buf_put_char(&plain, '\0');
        ph_buf_put_span(&plain, user(sasl));
        ph_buf_put_char(&plain, '\0');
        ph_buf_put_span(&plain, password(sasl));
        result = ph_base64_put(out, ph_buf_span(&plain));
    }
    ph_buf_wipe(&plain);
    return result;
}

static int respond(ph_sasl *sasl, ph_buf *out)
{
    if (sasl->mechanism == PH_MECHANISM_PLAIN)
        return put_plain(sasl, out);
    return ph_base64_put(out, sasl->step == 0 ? user(sasl) : password(sasl));
}

bool ph_sasl_is_complete(const ph_sasl *sasl)
{
    return sasl->step == (sasl->mechanism == PH_MECHANISM_PLAIN ? 1 : 2);
}

int ph_sasl_initial(ph_sasl *sasl, ph_buf *out)
{
    int result;

    if (sasl->mechanism != PH_MECHANISM_PLAIN)
        return 0;
    result = respond(sasl, out);
    if (result < 0)
        return result;
    sasl->step++;
    return 1;
}

void ph_sasl_restart(ph_sasl *sasl)
{
    sasl->step = 0;
}

int ph_sasl_respond(ph_sasl *sasl, ph_span challenge, ph_buf *out)
{
    ph_buf decoded;
    int result;

    if (ph_sasl_is_complete(sasl))
        return PH_E_PROTOCOL;
    /* What it says does not matter to PLAIN and LOGIN; that it is base64
     * does: all else means that the two are out of step. */
    ph_buf_init(&decoded, PH_REPLY_CHALLENGE);
    result = ph_base64_parse(challenge, &decoded);
    ph_buf_wipe(&decoded);
    if (result < 0)
        return ph_error_is_limit(result) ? result : PH_E_PROTOCOL;
    result = respond(sasl, out);
    if (result < 0)
        return result;
    sasl->step++;
    return PH_OK;
}
