/* lph_session.h - posthorn.core.session: what its files share.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_SESSION_H
#define PH_BIND_LPH_SESSION_H

#include "lph.h"
#include "smtp/session.h"

#pragma GCC visibility push(hidden)

#define LPH_SESSION "posthorn.session.machine"

/* In the anchor's table. */
enum {
    LPH_SESSION_MACHINE = 1, /* the machine's userdata */
    LPH_SESSION_BODY = 2     /* that of a body */
};

typedef struct lph_session {
    ph_session *session; /* NULL: closed */
    ph_machine machine;  /* a copy that outlives the session */
} lph_session;

static inline lph_session *lph_session_self(lua_State *L)
{
    return lph_self(L, LPH_SESSION);
}

/* The first argument's session; raises when it was closed. */
static inline ph_session *lph_session_get(lua_State *L)
{
    lph_session *self = lph_session_self(L);

    if (!self->session)
        luaL_error(L, "the session was closed");
    return self->session;
}

/* Raises: a verb out of its order. */
static inline int lph_session_misuse(lua_State *L)
{
    return luaL_error(L,
                      "the session is not ready for that (it is in phase "
                      "'%s')",
                      ph_session_phase_name(lph_session_get(L)));
}

/* Methods of lph_session_send.c. */
int lph_session_send(lua_State *L);
int lph_session_send_raw(lua_State *L);
int lph_session_body(lua_State *L);

/* Reads the table at index 1 (nil: an empty one), which is left alone on the
 * stack; raises, naming the option, at misuse. Spans borrow from its strings.
 */
void lph_session_read_options(lua_State *L, ph_session_options *options);

/* The PH_CAPABILITY_ bit of a keyword, also as a name (mt_priority); 0: none is
 * known. */
unsigned lph_session_find_extension(ph_span name);

#pragma GCC visibility pop
#endif
