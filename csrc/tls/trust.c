/* trust.c - which certification authorities count.
 * SPDX-License-Identifier: MIT */
#include "trust.h"
#include "base/ascii.h"
#include "pem.h"
#include "reason.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

enum {
    HASH = 8, /* digits of the names in a hashed folder: "2e5ac55d.0" */
    FOLDER = 4096
};

/* Where distributions keep their bundles, for an OpenSSL that was built with
 * paths of its own. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",                     /* SUSE */
    "/etc/ssl/cert.pem",                          /* BSDs, macOS, Alpine */
    "/usr/local/share/certs/ca-root-nss.crt",     /* FreeBSD */
    "/opt/homebrew/etc/ca-certificates/cert.pem", /* Homebrew */
    NULL,
};

static int fail(ph_error *error, const char *field, const char *message)
{
    int kind = ph_reason_set(error, PH_E_IO, PH_CLASS_PERMANENT, PH_PHASE_BUILD,
                             message);
    strcpy(error->field, field);
    return kind;
}

static int load_file(X509_STORE *store, const char *file, ph_error *error)
{
    if (X509_STORE_load_file(store, file) == 1)
        return PH_OK;
    return fail(error, "ca_file", "the file gives no CA certificate");
}

static bool is_hashed_name(const char *name)
{
    for (int i = 0; i < HASH; i++)
        if (ph_ascii_hex(name[i]) < 0)
            return false;
    return name[HASH] == '.';
}

/* Whether the folder can be read; *is_hashed: and holds a hashed name. */
static bool look_into(const char *path, bool *is_hashed)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    if (!folder)
        return false;
    while (!*is_hashed && (entry = readdir(folder)) != NULL)
        *is_hashed = is_hashed_name(entry->d_name);
    closedir(folder);
    return true;
}

/* OpenSSL opens the files of a folder only when a chain asks for one, and is
 * silent about a folder that is not there: so it is looked at here. */
static int load_path(X509_STORE *store, const char *path, ph_error *error)
{
    bool is_hashed = false;

    if (!look_into(path, &is_hashed)) {
        const char *reason = strerror(errno);
        fail(error, "ca_path", "the folder of CA certificates is unreadable");
        ph_error_set_text(error, ph_span_text(reason));
        return error->kind;
    }
    if (!is_hashed)
        return fail(error, "ca_path",
                    "the folder holds no CA certificate under its hash "
                    "(openssl rehash makes these names)");
    if (X509_STORE_load_path(store, path) == 1)
        return PH_OK;
    return fail(error, "ca_path", "the folder of CA certificates is refused");
}

static int load_text(X509_STORE *store, ph_span text, ph_error *error)
{
    BIO *bio = ph_pem_open(text);
    X509 *certificate;
    size_t count = 0;

    while (bio && (certificate = ph_pem_certificate(bio)) != NULL) {
        count += X509_STORE_add_cert(store, certificate) == 1;
        X509_free(certificate);
    }
    BIO_free(bio);
    if (count == 0)
        return fail(error, "ca", "the text gives no CA certificate");
    ph_reason_forget();
    return PH_OK;
}

static bool has_hashed_folder(void)
{
    const char *list = getenv(X509_get_default_cert_dir_env());
    bool is_hashed = false;
    char path[FOLDER];

    list = list ? list : X509_get_default_cert_dir();
    while (*list && !is_hashed) {
        size_t size = strcspn(list, ":");
        if (size < sizeof path) {
            memcpy(path, list, size);
            path[size] = '\0';
            look_into(path, &is_hashed);
        }
        list += size;
        list += *list == ':';
    }
    return is_hashed;
}

/* Whoever sets one of OpenSSL's variables has chosen: nothing is added. */
static bool is_chosen(void)
{
    return getenv(X509_get_default_cert_file_env()) ||
           getenv(X509_get_default_cert_dir_env());
}

static int load_system(X509_STORE *store, ph_error *error)
{
    X509_STORE_set_default_paths(store);
    if (sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) > 0 ||
        has_hashed_folder())
        return PH_OK;
    for (size_t i = 0; bundles[i] && !is_chosen(); i++)
        if (X509_STORE_load_file(store, bundles[i]) == 1)
            return PH_OK;
    return fail(error, "ca_file",
                "this system has no store of CA certificates: name one");
}

int ph_trust_load(const ph_trust *trust, X509_STORE *store, ph_error *error)
{
    int result = PH_OK;

    ph_reason_forget();
    if (!trust->file && !trust->path && trust->text.size == 0)
        result = load_system(store, error);
    if (result >= 0 && trust->file)
        result = load_file(store, trust->file, error);
    if (result >= 0 && trust->path)
        result = load_path(store, trust->path, error);
    if (result >= 0 && trust->text.size)
        result = load_text(store, trust->text, error);
    ph_reason_forget();
    return result;
}
