/* lph_idn.c - the door of posthorn.idn: A-labels by libidn2.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "codec/domain.h"
#include "idn/idn.h"

LPH_EXPORT int luaopen_posthorn_idn(lua_State *L);

#define CLASS "posthorn.idn.library"

static int library_gc(lua_State *L)
{
    ph_idn_close(luaL_checkudata(L, 1, CLASS));
    return 0;
}

static int put(const ph_idn *idn, ph_buf *out, ph_span domain)
{
    int kind = ph_domain_check(domain);

    if (kind < 0 || kind == PH_DOMAIN_LITERAL)
        return PH_E_INVALID;
    return ph_idn_put(idn, out, domain);
}

static const luaL_Reg methods[] = { { NULL, NULL } };

static const luaL_Reg metamethods[] = {
    { "__gc", library_gc },
    { NULL, NULL },
};

static int no_library(lua_State *L, const char *field)
{
    const char *sentence = lua_pushfstring(
        L,
        "%s has a domain outside ASCII, which needs libidn2; it is not "
        "installed (Debian: libidn2-0)",
        field);
    int count = lph_failure_kind(L, PH_E_UNSUPPORTED, PH_CLASS_PERMANENT,
                                 PH_PHASE_BUILD, sentence);

    lua_pushstring(L, field);
    lua_setfield(L, -2, "field");
    return count;
}

/* to_ascii(domain [, field]): its A-labels, or nil, message, failure. */
static int to_ascii(lua_State *L)
{
    ph_idn *idn = lua_touserdata(L, lua_upvalueindex(1));
    ph_span domain = lph_check_span(L, 1);
    const char *field = luaL_optstring(L, 2, "domain");
    ph_buf *buf;
    int result;

    if (ph_idn_open(idn) < 0)
        return no_library(L, field);
    buf = lph_buf_new(L, PH_IDN_LIMIT);
    result = put(idn, buf, domain);
    if (ph_error_is_limit(result))
        return lph_failure_kind(L, result, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                                "no memory is left for the domain");
    if (result < 0)
        return lph_invalid(
            L, field,
            lua_pushfstring(L, "%s has a domain that IDNA does not allow",
                            field));
    lph_buf_push(L, buf);
    return 1;
}

int luaopen_posthorn_idn(lua_State *L)
{
    ph_idn *idn;

    lph_class(L, CLASS, methods, metamethods);
    lua_newtable(L);
    idn = lph_newuserdata(L, sizeof *idn);
    *idn = (ph_idn){ 0 };
    lph_class_set(L, CLASS);
    lua_pushcclosure(L, to_ascii, 1);
    lua_setfield(L, -2, "to_ascii");
    return 1;
}
