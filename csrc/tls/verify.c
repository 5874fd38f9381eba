/* verify.c - whose certificate is expected (RFC 6125, RFC 5280, SNI of
 * RFC 6066, 3).
 * SPDX-License-Identifier: MIT */
#include "verify.h"
#include "base/ascii.h"

#include <openssl/x509v3.h>

enum {
    NAME = 253, /* octets of a host name, RFC 1035, 2.3.4 */
    LABEL = 63
};

size_t ph_verify_address(ph_span name, unsigned char address[PH_IP_OCTETS])
{
    if (name.size > 2 && name.at[0] == '[' && name.at[name.size - 1] == ']')
        name = ph_span_of(name.at + 1, name.size - 2);
    return ph_ip_parse(name, address);
}

static bool is_label(ph_span label)
{
    if (label.size == 0 || label.size > LABEL)
        return false;
    for (size_t i = 0; i < label.size; i++)
        if (!ph_ascii_is_alnum(label.at[i]) && label.at[i] != '-' &&
            label.at[i] != '_')
            return false;
    return true;
}

static bool is_number(ph_span label)
{
    for (size_t i = 0; i < label.size; i++)
        if (!ph_ascii_is_digit(label.at[i]))
            return false;
    return true;
}

/* Labels of letters, digits, hyphens, and underscores for those who have
 * them: no "*", no ".sub" that OpenSSL would take as a pattern, nothing that
 * ends in a number, since that is a misspelt address. */
static bool is_host_name(ph_span name)
{
    ph_span label = { NULL, 0 };

    if (name.size == 0 || name.size > NAME)
        return false;
    for (;;) {
        size_t size = ph_span_find(name, '.');
        label = ph_span_of(name.at, size);
        if (!is_label(label))
            return false;
        if (size == name.size)
            return !is_number(label);
        name = ph_span_of(name.at + size + 1, name.size - size - 1);
    }
}

static int invalid(ph_error *error, const char *message)
{
    return ph_error_set_invalid(error, "server_name", message);
}

static int short_of_memory(ph_error *error)
{
    return ph_error_set(error, PH_E_LIMIT, PH_CLASS_TEMPORARY, PH_PHASE_TLS,
                        "no memory for a TLS connection");
}

static int set_host(SSL *ssl, ph_span name, ph_error *error)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    char text[NAME + 1];

    memcpy(text, name.at, name.size);
    text[name.size] = '\0';
    X509_VERIFY_PARAM_set_hostflags(param,
                                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (!X509_VERIFY_PARAM_set1_host(param, text, name.size) ||
        !SSL_set_tlsext_host_name(ssl, text))
        return short_of_memory(error);
    return PH_OK;
}

int ph_verify_set_name(SSL *ssl, ph_span name, bool is_needed, ph_error *error)
{
    unsigned char address[PH_IP_OCTETS];
    size_t size = ph_verify_address(name, address);

    if (size) {
        if (X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), address, size))
            return PH_OK;
        return short_of_memory(error);
    }
    if (name.size == 0) {
        if (!is_needed)
            return PH_OK;
        return invalid(error, "a server's certificate cannot be verified "
                              "without the name that it must bear");
    }
    if (name.at[name.size - 1] == '.')
        name.size--;
    if (!is_host_name(name))
        return invalid(error, "the server's name is neither a host name in "
                              "ASCII nor an IP address");
    return set_host(ssl, name, error);
}

const char *ph_verify_reason(const SSL *ssl)
{
    long result = SSL_get_verify_result(ssl);

    if (result == PH_VERIFY_UNPINNED)
        return "its key is none of those pinned";
    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}
