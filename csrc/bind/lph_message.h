/* lph_message.h - messages on their way from Lua.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_MESSAGE_H
#define PH_BIND_LPH_MESSAGE_H

#include "lph.h"
#include "mime/message.h"
#include "mime/writer.h"

#pragma GCC visibility push(hidden)

/* The message at a stack index; raises when there is none. */
ph_message *lph_message_check(lua_State *L, int arg);

/* nil, message, failure of kind invalid: "<field> <problem>". Returns 3. */
int lph_message_invalid(lua_State *L, const char *field, const char *problem);

/* The same for what a function of ph_message answered: problem tells what
 * PH_E_INVALID means. Returns 3. */
int lph_message_fail(lua_State *L, int result, const char *field,
                     const char *problem);

/* The same for a part: "attachments[3]" and "filename" are one field; the
 * content of a body that is the field itself is not named. */
int lph_message_refuse_part(lua_State *L, int result, const char *field,
                            const ph_part_fault *fault);

/* Pushes true, or refuses; returns how many values. */
int lph_message_answer(lua_State *L, int result, const char *field,
                       const ph_part_fault *fault);

/* Keeps the value at index alive for as long as the message at 1. */
void lph_message_keep(lua_State *L, int index);

/* The octets at index, kept, or the number of a source there and its size
 * (nil: unknown) behind it. */
void lph_message_read_body(lua_State *L, int index, ph_body *body);

/* The encoding at index, or AUTO. 0, or 3: nil, message, failure. */
int lph_message_read_encoding(lua_State *L, int index, const char *field,
                              ph_transfer_encoding *encoding);

/* Whether the table at index is an array: no key but 1 to n. An empty one of
 * a class with a name (posthorn.file) is none. */
bool lph_message_is_array(lua_State *L, int index);

/* message:put_fields(table, date [, domains]): writes the header fields that
 * the table has options for; date is the default. True and the Message-ID.
 * False and { [domain] = field
 * }: nothing is written, these domains want A-labels, so once again with
 * { [domain] = A-labels }. */
int lph_message_put_fields(lua_State *L);

/* Notes the domains of a list from item `first` on that wait for their A-labels
 * in the table at index, which is made when it is nil: { [domain] = field }.
 * And gives those that were read their A-labels out of such a table. */
void lph_domains_note(lua_State *L, int index, const ph_address_list *list,
                      size_t first, const char *field);
int lph_domains_map(lua_State *L, int index, ph_address_list *list);

/* Parts of put_fields, whose arguments are on the stack: reads the mailboxes of
 * all roles, or gives those that were read their A-labels; writes their fields.
 * 0, or how many values it returns. */
int lph_role_collect(lua_State *L, ph_message *message);
int lph_role_put(lua_State *L, ph_message *message);

/* message:put_field(name, value, field [, domains]): a field of the user's;
 * field is the name of the input ("headers[2]"). False and { [domain] = field }
 * as from put_fields. */
int lph_message_put_field(lua_State *L);

/* message:is_unpaired(): whether one-click unsubscription lacks its URI. */
int lph_message_is_unpaired(lua_State *L);

/* message:attach(field, options, content or source, size, filename): an
 * attachment with the options of a table; filename is what its source
 * suggests. */
int lph_message_attach(lua_State *L);

/* message:attach_tables(list): those at the start of the list that are tables
 * of strings, as most are. How many, and whether they were all: others, and a
 * list that is none, want to be looked at. */
int lph_message_attach_tables(lua_State *L);

/* message:attach_message(field, options, other, sources, filename): the other
 * one is not changed any more. */
int lph_message_attach_message(lua_State *L);

/* message:know_raw(raw_check): of posthorn.raw from a source, what a check of
 * that source has found. */
int lph_message_know_raw(lua_State *L);

/* message:envelope(): { from =, to = { ... }, given = { ... }, smtputf8 = },
 * each recipient once, as it travels and as it was given; and the sender as
 * given. */
int lph_message_envelope(lua_State *L);

/* Pushes all octets up to a writer's next event, as one string. */
void lph_writer_drain(lua_State *L, ph_writer *writer);

/* message:writer(eight_bit, smtputf8) -> writer. */
int lph_message_writer(lua_State *L);

#pragma GCC visibility pop
#endif
