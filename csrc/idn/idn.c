/* idn.c - internationalized domain names by libidn2.
 * SPDX-License-Identifier: MIT */
#include "idn.h"
#include "base/ascii.h"
#include "base/utf8.h"

#include <dlfcn.h>

/* By the version of its interface, as systems name it. */
static const char *const libraries[] = { "libidn2.so.0", "libidn2.0.dylib" };

/* Of idn2.h, which is not needed to build. */
enum {
    IDN2_NFC_INPUT = 1,
    IDN2_NONTRANSITIONAL = 8,
    IDN2_OK = 0,
    IDN2_MALLOC = -100
};

/* A function pointer out of an object pointer: POSIX promises that it works,
 * C has no cast for it. */
static bool find(const ph_idn *idn, const char *name, void *function)
{
    void *symbol = dlsym(idn->library, name);

    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

int ph_idn_open(ph_idn *idn)
{
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        if (!idn->library)
            idn->library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
    if (!idn->library)
        return PH_E_UNSUPPORTED;
    if (find(idn, "idn2_lookup_u8", &idn->lookup) &&
        find(idn, "idn2_free", &idn->release))
        return PH_OK;
    ph_idn_close(idn);
    return PH_E_UNSUPPORTED;
}

void ph_idn_close(ph_idn *idn)
{
    if (idn->library)
        dlclose(idn->library);
    *idn = (ph_idn){ 0 };
}

static ph_span next_label(ph_span *rest)
{
    ph_span label = ph_span_of(rest->at, ph_span_find(*rest, '.'));

    *rest = ph_span_after(*rest, label.size + 1);
    return label;
}

static bool is_a_label(ph_span label)
{
    return label.size > 4 &&
           ph_ascii_equal(ph_span_of(label.at, 4), ph_span_text("xn--"));
}

/* Whether each label has become what it must: one of ASCII is as it was, any
 * other an A-label. */
static bool is_faithful(ph_span name, ph_span ascii)
{
    while (name.size && ascii.size) {
        ph_span before = next_label(&name), after = next_label(&ascii);
        if (!before.size ||
            (ph_ascii_has_high(before) ? !is_a_label(after)
                                       : !ph_ascii_equal(before, after)))
            return false;
    }
    return name.size == ascii.size;
}

/* Asked here, not by libidn2's flag for STD3: with it libidn2 2.3 drops what
 * STD3 forbids, instead of telling. */
static bool is_host(ph_span name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!ph_ascii_is_high(name.at[i]) && !ph_ascii_is_alnum(name.at[i]) &&
            name.at[i] != '-' && name.at[i] != '.')
            return false;
    return name.size > 0 && name.size <= PH_IDN_LIMIT && ph_utf8_is_valid(name);
}

int ph_idn_put(const ph_idn *idn, ph_buf *out, ph_span name)
{
    char text[PH_IDN_LIMIT + 1];
    uint8_t *ascii = NULL;
    int code, result = PH_E_INVALID;

    if (!is_host(name))
        return PH_E_INVALID;
    memcpy(text, name.at, name.size);
    text[name.size] = '\0';
    code = idn->lookup((const uint8_t *)text, &ascii,
                       IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (code == IDN2_MALLOC)
        return PH_E_MEMORY;
    if (code != IDN2_OK)
        return PH_E_INVALID;
    if (is_faithful(name, ph_span_text((const char *)ascii)))
        result = ph_buf_put_text(out, (const char *)ascii);
    idn->release(ascii);
    return result;
}
