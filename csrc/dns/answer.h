/* answer.h - reads the answer of a name server (RFC 1035, 4.1), whatever it
 * holds: bounded, without memory of its own.
 * SPDX-License-Identifier: MIT */
#ifndef PH_DNS_ANSWER_H
#define PH_DNS_ANSWER_H

#include "question.h"

#pragma GCC visibility push(hidden)

enum {
    PH_ANSWER_OCTETS = 65535, /* of a message */
    PH_ANSWER_RECORDS = 512,  /* in all its sections */
    PH_ANSWER_ALIASES = 16    /* from the name asked for to its address */
};

enum {
    PH_RCODE_NOERROR = 0,
    PH_RCODE_FORMERR = 1,
    PH_RCODE_SERVFAIL = 2,
    PH_RCODE_NXDOMAIN = 3,
    PH_RCODE_NOTIMP = 4,
    PH_RCODE_REFUSED = 5
};

/* One record of the type that was asked for. */
typedef struct ph_record {
    uint32_t ttl; /* seconds */
    ph_span data; /* A: 4 octets, AAAA: 16; borrowed from the message */
} ph_record;

typedef struct ph_answer {
    unsigned rcode;        /* with the upper bits of an OPT record */
    bool is_authentic;     /* AD: what it is worth, the caller must know */
    bool is_truncated;     /* TC */
    bool has_negative;     /* an SOA record told how long "no" is true */
    uint32_t negative_ttl; /* seconds (RFC 2308, 5) */
    uint32_t ttl;          /* the smallest of aliases and records */
    int extended_error;    /* RFC 8914, or -1 */
    unsigned aliases;      /* how many were followed */
    ph_dns_name name;      /* where the aliases ended */
    size_t count;          /* records of the type asked for, of that name */
    /* For ph_answer_next alone. */
    ph_dns_reader reader;
    unsigned left;
    uint16_t type;
} ph_answer;

/* Reads a message, which stays borrowed while records are fetched. Records of
 * another class, of another owner than the end of the chain of aliases, or of
 * a type that was not asked for are passed over. PH_E_PROTOCOL: malformed, not
 * an answer to this question, too many records, or a loop of aliases. */
int ph_answer_read(ph_answer *answer, ph_span message,
                   const ph_question *question);

/* The next record in the order of the message; false: there is none left. */
bool ph_answer_next(ph_answer *answer, ph_record *record);

/* The number of a type by its name ("AAAA"), or 0: not one that can be read
 * here; and the name by its number, or "". */
uint16_t ph_record_type(ph_span name);
const char *ph_record_type_name(uint16_t type);

#pragma GCC visibility pop
#endif
