/* envelope.h - the envelope of one mail: reverse-path, recipients, and what
 * became of each (RFC 5321, 2.3.1 and 3.3).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_ENVELOPE_H
#define PH_SMTP_ENVELOPE_H

#include "base/buf.h"
#include "esmtp.h"
#include "reply.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_ENVELOPE_RECIPIENTS = 100000, /* security.md, row 20 */
    PH_ENVELOPE_TEXT = 512,          /* octets of a reply kept for each */
    PH_ENVELOPE_ORCPT = 2            /* octets that an ORCPT takes more */
};

/* What became of a recipient. Zeroed but for accepted and phase: taken. */
typedef struct ph_outcome {
    bool accepted;
    int kind;       /* PH_E_*, when not accepted */
    ph_class class; /* likewise */
    ph_phase phase; /* likewise */
    int code;       /* of the reply that decided, or 0 */
    char enhanced[PH_ERROR_ENHANCED];
    const char *message; /* one plain sentence; outlives the envelope */
    ph_span text;        /* of that reply */
} ph_outcome;

typedef enum ph_recipient_state {
    PH_RECIPIENT_TODO,  /* no RCPT that counts was said */
    PH_RECIPIENT_TAKEN, /* the server said yes to its RCPT */
    PH_RECIPIENT_DONE   /* decided */
} ph_recipient_state;

/* 48 octets; read by ph_envelope_address and ph_envelope_outcome. */
typedef struct ph_recipient {
    const char *message;
    uint32_t address; /* offset of the address in the block's text */
    uint32_t text;    /* offset of the reply's text in texts */
    uint32_t report;  /* the one that was decided after this one, plus 1 */
    uint16_t address_size, text_size;
    int16_t code;
    int8_t kind;
    uint8_t class, phase, state;
    bool accepted;
    bool is_said;   /* a reply to its RCPT is awaited */
    uint8_t notify; /* PH_NOTIFY_* of its own */
    bool has_orcpt; /* it stands behind its address */
    char enhanced[PH_ERROR_ENHANCED];
} ph_recipient;

/* One block of memory but for the texts. */
typedef struct ph_envelope {
    size_t count;        /* recipients */
    size_t decided;      /* how many are decided */
    size_t accepted;     /* how many of these were accepted */
    bool needs_smtputf8; /* an address is not ASCII */
    uint32_t from_size;
    ph_esmtp_parameters parameters;
    ph_buf texts;                  /* of replies, bounded */
    uint32_t last_text, last_size; /* the newest of them */
    uint32_t report, report_last;  /* decided, not reported: index plus 1 */
    uint32_t used;                 /* octets of text in use */
    char *text;                    /* addresses, in this block */
    ph_recipient recipients[];
} ph_envelope;

/* An envelope for count recipients; size: octets of the reverse-path, ENVID,
 * addresses, and of each ORCPT with PH_ENVELOPE_ORCPT more. NULL: no memory. */
ph_envelope *ph_envelope_new(size_t count, size_t size);
void ph_envelope_free(ph_envelope *envelope);

/* Sets the reverse-path (empty: null) before any add, then what the sender
 * wants; adds a recipient; gives that one parameters of its own (0, "": none).
 * All copy. The caller stays within what new was told, and checked the text. */
void ph_envelope_set_from(ph_envelope *envelope, ph_span from);
void ph_envelope_set_parameters(ph_envelope *envelope,
                                const ph_esmtp_parameters *parameters);
void ph_envelope_add(ph_envelope *envelope, ph_span address);
void ph_envelope_add_parameters(ph_envelope *envelope, unsigned notify,
                                ph_span orcpt);

/* Borrowed from the envelope. */
ph_span ph_envelope_from(const ph_envelope *envelope);
ph_span ph_envelope_address(const ph_envelope *envelope, size_t index);
ph_span ph_envelope_orcpt(const ph_envelope *envelope, size_t index);
ph_outcome ph_envelope_outcome(const ph_envelope *envelope, size_t index);

/* How many domains the recipients have; the same one counts again where another
 * stood between. */
uint32_t ph_envelope_domains(const ph_envelope *envelope);

/* Decides a recipient, unless it is decided. Without memory for the text the
 * outcome is kept without it. */
void ph_envelope_decide(ph_envelope *envelope, size_t index,
                        const ph_outcome *outcome);

/* The same for all of [first, last) that are in that state. */
void ph_envelope_decide_all(ph_envelope *envelope, size_t first, size_t last,
                            ph_recipient_state state,
                            const ph_outcome *outcome);

/* The recipient that was decided first and not yet reported, plus 1, or 0;
 * and: it is reported; or all are. */
size_t ph_envelope_report(const ph_envelope *envelope);
void ph_envelope_reported(ph_envelope *envelope);
void ph_envelope_reported_all(ph_envelope *envelope);

/* When all are decided and none is accepted: the failure of the mail (api.md,
 * section 0): class unknown if one recipient's is, else temporary if one's is,
 * else permanent; the rest from the first such. */
void ph_envelope_failure(const ph_envelope *envelope, ph_error *error);

/* What a reply says about recipients: its digits, class by its first (S33,
 * S34). A message that must be static. */
ph_outcome ph_outcome_of_reply(const ph_reply *reply, ph_phase phase,
                               const char *message);

#pragma GCC visibility pop
#endif
