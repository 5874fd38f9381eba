/* sessions.c - TLS sessions kept for resumption.
 * SPDX-License-Identifier: MIT */
#include "sessions.h"
#include "base/mem.h"

enum {
    KEPT = 64,   /* sessions of all keys */
    OF_A_KEY = 8 /* a server gives two tickets for each handshake */
};

typedef struct entry {
    char *key; /* NULL: the slot is free */
    size_t size;
    SSL_SESSION *session;
    unsigned long number; /* the higher the newer */
} entry;

struct ph_sessions {
    entry entries[KEPT];
    unsigned long last_number;
};

ph_sessions *ph_sessions_new(void)
{
    return ph_mem_zero(sizeof(ph_sessions));
}

static void drop(entry *kept)
{
    SSL_SESSION_free(kept->session);
    ph_mem_free(kept->key);
    *kept = (entry){ 0 };
}

void ph_sessions_free(ph_sessions *sessions)
{
    if (!sessions)
        return;
    for (size_t i = 0; i < KEPT; i++)
        drop(&sessions->entries[i]);
    ph_mem_free(sessions);
}

static bool is_of(const entry *kept, ph_span key)
{
    return kept->key && ph_span_equal(ph_span_of(kept->key, kept->size), key);
}

void ph_sessions_forget(ph_sessions *sessions, ph_span key)
{
    for (size_t i = 0; i < KEPT; i++)
        if (is_of(&sessions->entries[i], key))
            drop(&sessions->entries[i]);
}

static bool is_single_use(const SSL_SESSION *session)
{
    return SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION;
}

/* A free slot, else the oldest. One key has a share alone, so that a server
 * with many tickets drives out nobody else's. */
static entry *find_room(ph_sessions *sessions, ph_span key)
{
    entry *oldest = &sessions->entries[0], *oldest_of_key = NULL;
    size_t of_key = 0;

    for (size_t i = 0; i < KEPT; i++) {
        entry *kept = &sessions->entries[i];
        if (kept->number < oldest->number)
            oldest = kept;
        if (!is_of(kept, key))
            continue;
        of_key++;
        if (!oldest_of_key || kept->number < oldest_of_key->number)
            oldest_of_key = kept;
    }
    return of_key >= OF_A_KEY ? oldest_of_key : oldest;
}

bool ph_sessions_put(ph_sessions *sessions, ph_span key, SSL_SESSION *session)
{
    char *copy;
    entry *room;

    if (key.size == 0 || key.size > PH_SESSIONS_KEY)
        return false;
    copy = ph_mem_copy(key.at, key.size);
    if (!copy)
        return false;
    /* Of those that may be used again and again the last one does. */
    if (!is_single_use(session))
        ph_sessions_forget(sessions, key);
    room = find_room(sessions, key);
    drop(room);
    *room = (entry){
        .key = copy,
        .size = key.size,
        .session = session,
        .number = ++sessions->last_number,
    };
    return true;
}

/* What a ticket's server says of its life (RFC 8446, 4.6.1) is an upper
 * bound, ours another. A clock that was set back makes a session too old. */
static bool is_fresh(SSL_SESSION *session, int64_t now)
{
    int64_t age = now - (int64_t)SSL_SESSION_get_time(session);
    int64_t life = (int64_t)SSL_SESSION_get_ticket_lifetime_hint(session);
    X509 *peer = SSL_SESSION_get0_peer(session);
    time_t at = (time_t)now;

    if (life == 0 || life > PH_SESSIONS_AGE)
        life = PH_SESSIONS_AGE;
    return age >= 0 && age < life && SSL_SESSION_is_resumable(session) &&
           (!peer || X509_cmp_time(X509_get0_notAfter(peer), &at) > 0);
}

static entry *find_newest(ph_sessions *sessions, ph_span key)
{
    entry *newest = NULL;

    for (size_t i = 0; i < KEPT; i++) {
        entry *kept = &sessions->entries[i];
        if (is_of(kept, key) && (!newest || kept->number > newest->number))
            newest = kept;
    }
    return newest;
}

SSL_SESSION *ph_sessions_take(ph_sessions *sessions, ph_span key, int64_t now)
{
    entry *kept;

    while ((kept = find_newest(sessions, key)) != NULL) {
        SSL_SESSION *session = kept->session;
        if (!is_fresh(session, now)) {
            drop(kept);
            continue;
        }
        SSL_SESSION_up_ref(session);
        if (is_single_use(session))
            drop(kept);
        return session;
    }
    return NULL;
}
