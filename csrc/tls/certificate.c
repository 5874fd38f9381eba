/* certificate.c - makes a certificate with its key (RFC 5280).
 * SPDX-License-Identifier: MIT */
#include "certificate.h"
#include "base/ascii.h"
#include "base/random.h"
#include "pem.h"
#include "reason.h"
#include "verify.h"

#include <openssl/x509v3.h>

#include <stdio.h>
#include <time.h>

enum {
    NAME = 253,
    COMMON_NAME = 64, /* RFC 5280, appendix A.1 */
    SERIAL = 16,      /* octets, of the 20 that RFC 5280, 4.1.2.2 allows */
    HOUR = 3600,
    DAY = 24 * HOUR
};

/* Years 1 to 9999: what the format can tell. */
static const int64_t first_time = -62135596800, last_time = 253402300799;

static int invalid(ph_error *error, const char *field, const char *message)
{
    ph_reason_forget();
    return ph_error_set_invalid(error, field, message);
}

static int check_names(const ph_certificate_options *options, ph_error *error)
{
    char field[32];

    if (options->count == 0)
        return invalid(error, "names", "a certificate needs a name");
    for (size_t i = 0; i < options->count; i++) {
        ph_span name = options->names[i];
        if (name.size && name.size <= NAME && !ph_ascii_has_control(name) &&
            !ph_ascii_has_high(name))
            continue;
        snprintf(field, sizeof field, "names[%zu]", i + 1);
        return invalid(error, field, "the name cannot stand in a certificate");
    }
    return PH_OK;
}

/* OpenSSL's functions below answer false when memory is short. */

static bool set_serial(X509 *made)
{
    unsigned char octets[SERIAL];
    BIGNUM *number;
    bool is_set;

    if (ph_random_fill(octets, sizeof octets) < 0)
        return false;
    octets[0] = (octets[0] & 0x7f) | 0x40; /* positive, never zero */
    number = BN_bin2bn(octets, sizeof octets, NULL);
    is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(made));
    BN_free(number);
    return is_set;
}

static bool set_times(X509 *made, const ph_certificate_options *options)
{
    time_t from = (time_t)(options->now - HOUR);
    time_t until = (time_t)(options->now + (int64_t)options->days * DAY);

    if (until <= from)
        from = until - DAY;
    return ASN1_TIME_set(X509_getm_notBefore(made), from) &&
           ASN1_TIME_set(X509_getm_notAfter(made), until);
}

static bool set_subject(X509 *made, ph_span name)
{
    int size = (int)(name.size < COMMON_NAME ? name.size : COMMON_NAME);

    return X509_NAME_add_entry_by_NID(
        X509_get_subject_name(made), NID_commonName, MBSTRING_ASC,
        (const unsigned char *)name.at, size, -1, 0);
}

/* A name of the SAN; NULL: no memory. */
static GENERAL_NAME *make_name(ph_span name)
{
    unsigned char address[PH_IP_OCTETS];
    size_t size = ph_verify_address(name, address);
    GENERAL_NAME *made = GENERAL_NAME_new();
    ASN1_STRING *string = size ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    const void *at = size ? (const void *)address : (const void *)name.at;

    if (!made || !string ||
        !ASN1_STRING_set(string, at, (int)(size ? size : name.size))) {
        ASN1_STRING_free(string);
        GENERAL_NAME_free(made);
        return NULL;
    }
    GENERAL_NAME_set0_value(made, size ? GEN_IPADD : GEN_DNS, string);
    return made;
}

static bool add_names(X509 *made, const ph_certificate_options *options)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    bool is_good = names != NULL;

    for (size_t i = 0; is_good && i < options->count; i++) {
        GENERAL_NAME *name = make_name(options->names[i]);
        is_good = name && sk_GENERAL_NAME_push(names, name);
        if (!is_good)
            GENERAL_NAME_free(name);
    }
    is_good = is_good &&
              X509_add1_ext_i2d(made, NID_subject_alt_name, names, 0, 0) == 1;
    GENERAL_NAMES_free(names);
    return is_good;
}

static bool add(X509 *made, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool is_good;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, made, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    is_good = extension && X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
    return is_good;
}

static bool add_extensions(X509 *made, X509 *issuer,
                           const ph_certificate_options *options)
{
    bool is_ca = options->is_ca;

    return add(made, issuer, NID_basic_constraints,
               is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
           add(made, issuer, NID_key_usage,
               is_ca ? "critical,digitalSignature,keyCertSign,cRLSign"
                     : "critical,digitalSignature") &&
           (is_ca || add(made, issuer, NID_ext_key_usage,
                         options->is_client ? "clientAuth" : "serverAuth")) &&
           add(made, issuer, NID_subject_key_identifier, "hash") &&
           (issuer == made ||
            add(made, issuer, NID_authority_key_identifier, "keyid")) &&
           (options->cn_only || add_names(made, options));
}

/* Who signs; both NULL: the certificate itself. */
typedef struct signer {
    X509 *certificate;
    EVP_PKEY *key;
} signer;

static bool read_signer(const ph_certificate_options *options, signer *by)
{
    BIO *certificate = ph_pem_open(options->ca_certificate);
    BIO *key = ph_pem_open(options->ca_key);
    ph_pem_lock none = { .is_met = false };

    if (certificate && key) {
        by->certificate = ph_pem_certificate(certificate);
        by->key = ph_pem_key(key, &none);
    }
    BIO_free(certificate);
    BIO_free(key);
    return by->certificate && by->key &&
           X509_check_private_key(by->certificate, by->key) == 1;
}

static bool sign(X509 *made, EVP_PKEY *key, const signer *by,
                 const ph_certificate_options *options)
{
    X509 *issuer = by->certificate ? by->certificate : made;

    return X509_set_version(made, X509_VERSION_3) && set_serial(made) &&
           set_times(made, options) && set_subject(made, options->names[0]) &&
           X509_set_issuer_name(made, X509_get_subject_name(issuer)) &&
           X509_set_pubkey(made, key) &&
           add_extensions(made, issuer, options) &&
           X509_sign(made, by->key ? by->key : key, EVP_sha256()) > 0;
}

static int check(const ph_certificate_options *options, signer *by,
                 ph_error *error)
{
    int64_t span = (int64_t)options->days * DAY;
    int result = check_names(options, error);

    if (result < 0)
        return result;
    if (options->now < first_time || options->now > last_time ||
        options->now + span - DAY < first_time ||
        options->now + span > last_time)
        return invalid(error, "now", "the time does not fit a certificate");
    if ((options->ca_certificate.at || options->ca_key.at) &&
        !read_signer(options, by))
        return invalid(error, "ca", "the signer's PEM cannot be used");
    return PH_OK;
}

int ph_certificate_make(const ph_certificate_options *options,
                        ph_buf *certificate, ph_buf *key, ph_error *error)
{
    signer by = { NULL, NULL };
    EVP_PKEY *pair = NULL;
    X509 *made = NULL;
    int result;

    ph_reason_forget();
    result = check(options, &by, error);
    if (result < 0)
        goto done;
    pair = EVP_EC_gen("P-256");
    made = X509_new();
    if (!pair || !made || !sign(made, pair, &by, options)) {
        result = ph_reason_set(error, PH_E_TLS, PH_CLASS_PERMANENT,
                               PH_PHASE_BUILD, "OpenSSL makes no certificate");
        goto done;
    }
    result = ph_pem_put_certificate(certificate, made);
    if (result >= 0)
        result = ph_pem_put_key(key, pair);
    if (result < 0)
        ph_error_set(error, PH_E_LIMIT, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                     "no memory for a certificate");
done:
    X509_free(made);
    EVP_PKEY_free(pair);
    X509_free(by.certificate);
    EVP_PKEY_free(by.key);
    ph_reason_forget();
    return result;
}
