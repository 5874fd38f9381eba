/* message_state.h - what a message holds: for message.c and structure.c alone.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_MESSAGE_STATE_H
#define PH_MIME_MESSAGE_STATE_H

#include "identity.h"
#include "message.h"
#include "structured_field.h"

#pragma GCC visibility push(hidden)

enum {
    PH_STRUCTURE_DEPTH = 4 /* mixed, alternative or related of each, a leaf or
                              the message/rfc822 that holds the next */
};

struct ph_message {
    ph_buf fields; /* header fields as they are written */
    ph_buf heads;  /* those of the parts */
    ph_buf id;     /* without brackets */
    ph_buf ids;    /* of the field under way */
    ph_buf value;  /* the same, before it is folded */
    ph_address_list lists[PH_ROLES];
    ph_address_list mailboxes; /* of the field under way */
    ph_field_facts facts;      /* what the user's fields have told */
    size_t recipients;
    bool is_raw; /* text is finished octets */
    bool has_text, has_html;
    ph_buf flowed;   /* the text, where it is in memory and to be flowed */
    ph_buf calendar; /* with CRLF line ends, as a file too (RFC 5545, 3.1) */
    ph_part text, html;
    ph_part *parts;
    size_t count, capacity;
    unsigned depth; /* of messages in messages */
    ph_identity identity;
    ph_plan plan;
    struct { /* where its buffers begin: most messages need no more */
        char fields[512], heads[512], id[96], ids[128], value[256];
    } rooms;
};

#pragma GCC visibility pop
#endif
