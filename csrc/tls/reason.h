/* reason.h - OpenSSL's words for what went wrong, as a record of ours.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_REASON_H
#define PH_TLS_REASON_H

#include "base/error.h"

#pragma GCC visibility push(hidden)

/* Fills the record with the given kind (LIMIT instead when OpenSSL was short
 * of memory) and, as its text, the first reason in OpenSSL's error queue, and
 * drains that queue. Returns the kind. */
int ph_reason_set(ph_error *error, int kind, ph_class class, ph_phase phase,
                  const char *message);

/* Empties OpenSSL's error queue, as is due before and after each call: when
 * it is empty already, as it nearly always is, at a twentieth of the cost. */
void ph_reason_forget(void);

#pragma GCC visibility pop
#endif
