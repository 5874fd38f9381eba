/* verdicts.c - chains of certificates that were verified a short while ago.
 * For one trust store the verdict depends on nothing but the chain, the name
 * and the time: a context asks its own verdicts alone.
 * SPDX-License-Identifier: MIT */
#include "verdicts.h"
#include "base/mem.h"

#include <openssl/evp.h>

#include <limits.h>

enum {
    KEPT = 16,
    LIFE = 5 * 60, /* seconds */
    DIGEST = 32,
    DAY = 24 * 60 * 60
};

typedef struct verdict {
    ph_verdict_key key; /* size 0: the slot is free */
    int64_t since;
    int64_t until; /* when the first certificate expires */
} verdict;

struct ph_verdicts {
    verdict kept[KEPT];
    size_t next; /* the slot that is taken next */
};

ph_verdicts *ph_verdicts_new(void)
{
    return ph_mem_zero(sizeof(ph_verdicts));
}

void ph_verdicts_free(ph_verdicts *verdicts)
{
    ph_mem_free(verdicts);
}

static bool add(ph_verdict_key *key, const void *at, size_t size)
{
    if (size > sizeof key->octets - key->size)
        return false;
    memcpy(key->octets + key->size, at, size);
    key->size += size;
    return true;
}

static bool add_certificate(ph_verdict_key *key, X509 *certificate)
{
    unsigned char digest[DIGEST];

    return X509_digest(certificate, EVP_sha256(), digest, NULL) == 1 &&
           add(key, digest, sizeof digest);
}

/* Their number comes first, so that no digest can pass for a name. */
void ph_verdict_key_set(ph_verdict_key *key, ph_span name, X509_STORE_CTX *sent)
{
    STACK_OF(X509) *certificates = X509_STORE_CTX_get0_untrusted(sent);
    int count = sk_X509_num(certificates);
    unsigned char first = (unsigned char)count;
    bool is_good = name.size && count > 0 && count < UCHAR_MAX;

    key->size = 0;
    is_good = is_good && add(key, &first, 1);
    for (int i = 0; is_good && i < count; i++)
        is_good = add_certificate(key, sk_X509_value(certificates, i));
    if (!is_good || !add(key, name.at, name.size))
        key->size = 0;
}

static bool is_for(const verdict *kept, const ph_verdict_key *key)
{
    return key->size && kept->key.size == key->size &&
           !memcmp(kept->key.octets, key->octets, key->size);
}

bool ph_verdicts_has(const ph_verdicts *verdicts, const ph_verdict_key *key,
                     int64_t now)
{
    for (size_t i = 0; i < KEPT; i++) {
        const verdict *kept = &verdicts->kept[i];
        if (is_for(kept, key) && now >= kept->since &&
            now < kept->since + LIFE && now < kept->until)
            return true;
    }
    return false;
}

/* Seconds from now until the first certificate of the chain expires; 0: no
 * memory, or one has. */
static int64_t life_of(STACK_OF(X509) * chain, int64_t now)
{
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)now);
    int64_t least = from ? LIFE : 0;

    for (int i = 0; from && i < sk_X509_num(chain); i++) {
        const ASN1_TIME *until = X509_get0_notAfter(sk_X509_value(chain, i));
        int days = 0, seconds = 0;
        int64_t life = 0;
        if (ASN1_TIME_diff(&days, &seconds, from, until) == 1)
            life = (int64_t)days * DAY + seconds;
        least = life < least ? life : least;
    }
    ASN1_TIME_free(from);
    return least;
}

void ph_verdicts_put(ph_verdicts *verdicts, const ph_verdict_key *key,
                     int64_t now, X509_STORE_CTX *verified)
{
    int64_t life = life_of(X509_STORE_CTX_get0_chain(verified), now);

    if (key->size == 0 || life <= 0)
        return;
    verdicts->kept[verdicts->next] =
        (verdict){ .key = *key, .since = now, .until = now + life };
    verdicts->next = (verdicts->next + 1) % KEPT;
}
