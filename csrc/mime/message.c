/* message.c - a message under construction: its header fields and its parts.
 * SPDX-License-Identifier: MIT */
#include "message.h"
#include "message_state.h"
#include "header.h"
#include "header_scan.h"
#include "calendar.h"
#include "structured_field.h"
#include "base/ascii.h"
#include "base/mem.h"
#include "codec/date.h"
#include "codec/line.h"
#include "codec/fold.h"

/* A buffer of the message, which begins in the room that bears its name. */
#define BEGIN(buf, limit)                                                      \
    ph_buf_begin(&message->buf, message->rooms.buf, sizeof message->rooms.buf, \
                 limit)

ph_message *ph_message_new(void)
{
    ph_message *message = ph_mem_alloc(sizeof *message);

    if (!message)
        return NULL;
    memset(message, 0, offsetof(ph_message, rooms));
    BEGIN(fields, PH_MESSAGE_FIELDS);
    BEGIN(heads, PH_MESSAGE_HEADS);
    BEGIN(id, PH_HEADER_ID);
    BEGIN(ids, PH_HEADER_VALUE);
    BEGIN(value, PH_MESSAGE_FIELDS);
    ph_buf_init(&message->flowed, SIZE_MAX);
    ph_buf_init(&message->calendar, SIZE_MAX);
    for (int role = 0; role < PH_ROLES; role++)
        ph_address_list_init(&message->lists[role]);
    ph_address_list_init(&message->mailboxes);
    ph_plan_init(&message->plan);
    return message;
}

void ph_message_free(ph_message *message)
{
    if (!message)
        return;
    ph_buf_clear(&message->fields);
    ph_buf_clear(&message->heads);
    ph_buf_clear(&message->id);
    ph_buf_clear(&message->ids);
    ph_buf_clear(&message->value);
    ph_buf_clear(&message->flowed);
    ph_buf_clear(&message->calendar);
    for (int role = 0; role < PH_ROLES; role++)
        ph_address_list_clear(&message->lists[role]);
    ph_address_list_clear(&message->mailboxes);
    ph_plan_clear(&message->plan);
    ph_mem_free(message->parts);
    ph_mem_free(message);
}

void ph_message_set_seed(ph_message *message, ph_span seed)
{
    ph_identity_set_seed(&message->identity, seed);
}

/* Something is put: what was planned holds no more. */
static void change(ph_message *message)
{
    if (message->plan.count)
        ph_plan_clear(&message->plan);
}

/* ---- header fields ---- */

/* The value of the next field is written there. */
static ph_buf *begin_value(ph_message *message)
{
    ph_buf_reset(&message->value);
    return &message->value;
}

static int put_field(ph_message *message, const char *name)
{
    change(message);
    return ph_fold_put(&message->fields, ph_span_text(name),
                       ph_buf_span(&message->value));
}

int ph_message_put_date(ph_message *message, int64_t epoch)
{
    int result = ph_date_put(begin_value(message), epoch);

    return result < 0 ? result : put_field(message, "Date");
}

ph_address_list *ph_message_list(ph_message *message, ph_role role)
{
    return &message->lists[role];
}

static const char *const names[] = {
    [PH_ROLE_FROM] = "From",
    [PH_ROLE_SENDER] = "Sender",
    [PH_ROLE_REPLY_TO] = "Reply-To",
    [PH_ROLE_TO] = "To",
    [PH_ROLE_CC] = "Cc",
    [PH_ROLE_BCC] = NULL,
};

static bool is_recipient(ph_role role)
{
    return role == PH_ROLE_TO || role == PH_ROLE_CC || role == PH_ROLE_BCC;
}

/* Rules that a list must keep as a whole (RFC 5322, 3.6.2). */
static int check_list(ph_message *message, ph_role role)
{
    const ph_address_list *list = &message->lists[role];

    if (role == PH_ROLE_FROM && (list->count == 0 || list->groups))
        return PH_E_INVALID;
    if (role == PH_ROLE_SENDER && (list->count > 1 || list->groups))
        return PH_E_INVALID;
    if (is_recipient(role))
        message->recipients += list->count;
    if (role != PH_ROLE_BCC && ph_buf_size(&list->text) > PH_MESSAGE_FIELDS)
        return PH_E_LIMIT;
    return message->recipients > PH_MESSAGE_RECIPIENTS ? PH_E_LIMIT : PH_OK;
}

static bool needs_unicode(const ph_address_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (ph_address_list_get(list, i).is_unicode)
            return true;
    return false;
}

/* Who sent it: the sender, or the first author. */
static const ph_address_list *sender_list(const ph_message *message)
{
    if (message->lists[PH_ROLE_SENDER].count)
        return &message->lists[PH_ROLE_SENDER];
    return &message->lists[PH_ROLE_FROM];
}

/* Several authors and no sender. */
static int put_first_author(ph_message *message)
{
    ph_address author = ph_address_list_get(&message->lists[PH_ROLE_FROM], 0);
    int result = ph_address_put_mailbox(begin_value(message), &author,
                                        strlen("Sender: "));

    return result < 0 ? result : put_field(message, "Sender");
}

int ph_message_put_addresses(ph_message *message, ph_role role)
{
    ph_address_list *list = &message->lists[role];
    int result = check_list(message, role);

    if (result < 0)
        return result;
    message->facts.is_unicode |= needs_unicode(list);
    if (role == PH_ROLE_SENDER && list->count == 0 &&
        message->lists[PH_ROLE_FROM].count > 1)
        return put_first_author(message);
    if (list->count == 0 || role == PH_ROLE_BCC)
        return PH_OK;
    result = ph_address_list_put(begin_value(message), list,
                                 strlen(names[role]) + 2);
    return result < 0 ? result : put_field(message, names[role]);
}

int ph_message_put_text(ph_message *message, ph_span name, ph_span text)
{
    const ph_structured_field *field = ph_structured_field_find(name);

    change(message);
    if (field)
        return ph_structured_field_put(field, &message->fields, name, text,
                                       &message->facts);
    return ph_header_put_text(&message->fields, name, text);
}

ph_address_list *ph_message_begin_mailboxes(ph_message *message)
{
    ph_address_list_clear(&message->mailboxes);
    return &message->mailboxes;
}

int ph_message_put_mailboxes(ph_message *message, ph_span name)
{
    const ph_structured_field *field = ph_structured_field_find(name);
    int result = PH_E_INVALID;

    change(message);
    if (field)
        result =
            ph_structured_field_put_list(field, &message->fields, name,
                                         &message->mailboxes, &message->facts);
    ph_address_list_clear(&message->mailboxes);
    return result;
}

bool ph_message_is_spent(const ph_message *message, ph_span name)
{
    const ph_structured_field *field = ph_structured_field_find(name);

    return field && ph_structured_field_is_spent(field, &message->facts);
}

bool ph_message_is_unpaired(const ph_message *message)
{
    return message->facts.is_one_click && !message->facts.has_https;
}

static int add_id(ph_message *message, ph_span id)
{
    int result = PH_OK;

    if (ph_buf_size(&message->ids))
        result = ph_buf_put_char(&message->ids, ' ');
    if (result == PH_OK)
        result = ph_buf_put_char(&message->ids, '<');
    if (result == PH_OK)
        result = ph_buf_put_span(&message->ids, id);
    return result < 0 ? result : ph_buf_put_char(&message->ids, '>');
}

int ph_message_add_ids(ph_message *message, ph_span ids)
{
    size_t before = ph_buf_size(&message->ids);
    ph_span id = { NULL, 0 };
    int result;

    if (ph_ascii_has_control(ids))
        return PH_E_INVALID;
    while ((result = ph_header_next_id(&ids, true, &id)) == 1) {
        message->facts.is_unicode |= ph_ascii_has_high(id);
        result = add_id(message, id);
        if (result < 0)
            return result;
    }
    if (result == 0 && ph_buf_size(&message->ids) == before)
        return PH_E_INVALID;
    return result;
}

int ph_message_put_ids(ph_message *message, ph_span name)
{
    ph_span ids = ph_buf_span(&message->ids);
    int result = PH_OK;

    change(message);
    if (ids.size)
        result = ph_fold_put(&message->fields, name, ids);
    ph_buf_reset(&message->ids);
    return result;
}

static int draw_id(ph_message *message)
{
    ph_address sender = ph_address_list_get(sender_list(message), 0);
    char room[PH_IDENTITY_SIZE];
    int result = ph_identity_draw(&message->identity, room);

    if (result == PH_OK)
        result = ph_buf_put(&message->id, room, sizeof room);
    if (result == PH_OK)
        result = ph_buf_put_char(&message->id, '@');
    if (result == PH_OK)
        result = ph_buf_put_span(
            &message->id, sender.ascii.size ? sender.ascii : sender.domain);
    return result;
}

/* A message's own id has two sides (RFC 5322, 3.6.4). */
static int take_id(ph_message *message, ph_span text)
{
    ph_span id, more;
    size_t at;

    if (ph_ascii_has_control(text) ||
        ph_header_next_id(&text, false, &id) != 1 ||
        ph_header_next_id(&text, false, &more) != 0)
        return PH_E_INVALID;
    at = ph_span_find(id, '@');
    if (at == 0 || at + 1 >= id.size)
        return PH_E_INVALID;
    return ph_buf_put_span(&message->id, id);
}

int ph_message_put_id(ph_message *message, ph_span id)
{
    int result = id.size ? take_id(message, id) : draw_id(message);

    message->facts.is_unicode |= ph_ascii_has_high(ph_buf_span(&message->id));
    if (result == PH_OK)
        result = add_id(message, ph_buf_span(&message->id));
    if (result == PH_OK)
        result = ph_message_put_ids(message, ph_span_text("Message-ID"));
    return result;
}

int ph_message_put_priority(ph_message *message, ph_priority priority)
{
    static const char *const fields[][3] = {
        { "Importance", "high", "low" },
        { "X-Priority", "1", "5" },
        { "Priority", "urgent", "non-urgent" },
    };
    int result = PH_OK;

    if (priority == PH_PRIORITY_NORMAL)
        return PH_OK;
    for (int i = 0; i < 3 && result == PH_OK; i++)
        result = ph_message_put_text(message, ph_span_text(fields[i][0]),
                                     ph_span_text(fields[i][priority]));
    return result;
}

ph_span ph_message_id(const ph_message *message)
{
    return ph_buf_span(&message->id);
}

/* ---- bodies ---- */

/* The text in memory as lines that flow; what a source gives flows when it is
 * written. */
static int flow(ph_message *message, ph_body *body)
{
    ph_flowed flowed = { .size = 0 };
    int result;

    if (!body->is_flowed || body->source)
        return PH_OK;
    result = ph_flowed_put(&flowed, body->octets, &message->flowed);
    if (result == PH_OK)
        result = ph_flowed_end(&flowed, &message->flowed);
    body->octets = ph_buf_span(&message->flowed);
    return result;
}

int ph_message_set_text(ph_message *message, const ph_body *body,
                        ph_part_fault *fault)
{
    ph_body own = *body;
    int result = flow(message, &own);

    change(message);
    message->has_text = true;
    return result < 0 ? result : ph_part_init_text(&message->text, &own, fault);
}

int ph_message_set_html(ph_message *message, const ph_body *body,
                        ph_part_fault *fault)
{
    change(message);
    message->has_html = true;
    return ph_part_init_text(&message->html, body, fault);
}

int ph_message_set_raw(ph_message *message, const ph_body *body, bool has_lf,
                       ph_part_fault *fault)
{
    ph_header_scan scan = { false, false, false };
    int result;

    change(message);
    message->is_raw = true;
    ph_header_scan_feed(&scan, body->octets);
    result = ph_part_init_raw(&message->text, body, has_lf, fault);
    message->text.has_unicode = scan.has_high;
    return result;
}

void ph_message_know_raw(ph_message *message, const ph_raw_check *check)
{
    ph_part_know_raw(&message->text, check);
}

/* Room for one part more. */
static int grow(ph_message *message)
{
    size_t capacity = message->capacity ? message->capacity * 2 : 4;
    ph_part *parts;

    change(message);
    if (message->count >= PH_MESSAGE_PARTS)
        return PH_E_LIMIT;
    if (message->count < message->capacity)
        return PH_OK;
    parts = ph_mem_resize(message->parts, capacity * sizeof *parts);
    if (!parts)
        return PH_E_MEMORY;
    message->parts = parts;
    message->capacity = capacity;
    return PH_OK;
}

int ph_message_add_alternative(ph_message *message, const ph_body *body,
                               ph_span type, ph_place place,
                               ph_part_fault *fault)
{
    int result = grow(message);
    ph_part *part = message->parts + message->count;

    if (result == PH_OK)
        result =
            ph_part_init_alternative(part, body, type, &message->heads, fault);
    if (result < 0)
        return result;
    part->place = place;
    message->count++;
    return PH_OK;
}

static int refuse(ph_part_fault *fault, const char *name, const char *message)
{
    *fault = (ph_part_fault){ name, message };
    return PH_E_INVALID;
}

/* A parameter's value as it stands: what a calendar says may come from anyone,
 * and a ";" would bring a parameter of its own along (RFC 5545, 3.7.2). */
static bool is_word(ph_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!ph_ascii_is_token(text.at[i]))
            return false;
    return true;
}

/* The type of the calendar's part, with its method (RFC 6047, 2.4). */
static int calendar_type(ph_buf *type, ph_span octets, ph_span method,
                         ph_part_fault *fault)
{
    ph_span told = ph_calendar_method(octets);
    int result;

    if (!ph_calendar_is_one(octets))
        return refuse(fault, "content", "is no calendar");
    if (told.size == 0)
        return refuse(fault, "method", "does not stand in the calendar");
    if (!is_word(told))
        return refuse(fault, "method", "is no word");
    if (method.size && !ph_ascii_equal(method, told))
        return refuse(fault, "method", "is not that of the calendar");
    result = ph_buf_put_text(type, "text/calendar; method=");
    return result < 0 ? result : ph_buf_put_span(type, told);
}

/* Its lines end in CRLF, the last one too. */
static int hold_calendar(ph_message *message, ph_span octets)
{
    ph_buf *held = &message->calendar;
    ph_line_ends ends;
    int result;

    ph_line_ends_init(&ends, PH_LINE_ENDS_ANY);
    ph_buf_reset(held);
    result = ph_line_ends_put(&ends, octets, held);
    octets = ph_buf_span(held);
    if (result == PH_OK && octets.size && octets.at[octets.size - 1] != '\n')
        result = ph_buf_put(held, "\r\n", 2);
    return result;
}

int ph_message_set_calendar(ph_message *message, const ph_body *body,
                            ph_span method, ph_part_fault *fault)
{
    ph_body own = *body;
    ph_part_header header = { .type = ph_span_text("application/ics"),
                              .filename = ph_span_text("invite.ics") };
    char room[256];
    ph_buf type;
    int result;

    ph_buf_borrow(&type, room, sizeof room);
    result = calendar_type(&type, body->octets, method, fault);
    if (result == PH_E_LIMIT)
        result = refuse(fault, "method", "is too long");
    if (result == PH_OK)
        result = hold_calendar(message, body->octets);
    own.octets = ph_buf_span(&message->calendar);
    if (result == PH_OK)
        result = ph_message_add_alternative(message, &own, ph_buf_span(&type),
                                            PH_PLACE_BEST, fault);
    if (result == PH_E_INVALID && fault->name && !strcmp(fault->name, "type"))
        result = refuse(fault, "method", "is no word");
    if (result == PH_OK)
        result = ph_message_attach(message, &own, &header, fault);
    return result;
}

int ph_message_attach(ph_message *message, const ph_body *body,
                      const ph_part_header *header, ph_part_fault *fault)
{
    int result = grow(message);

    if (result == PH_OK)
        result = ph_part_init_attachment(&message->parts[message->count], body,
                                         header, &message->heads, fault);
    if (result == PH_OK)
        message->count++;
    return result;
}

int ph_message_attach_message(ph_message *message, ph_message *other,
                              unsigned sources, const ph_part_header *header,
                              ph_part_fault *fault)
{
    ph_part_header own = *header;
    int result = grow(message);

    if (result < 0)
        return result;
    own.type = ph_span_text(ph_message_is_unicode(other) ? "message/global"
                                                         : "message/rfc822");
    if (other->depth + PH_STRUCTURE_DEPTH >= PH_PLAN_DEPTH) {
        *fault = (ph_part_fault){ "content", "lies too deep in messages" };
        return PH_E_INVALID;
    }
    result = ph_part_init_message(&message->parts[message->count], other,
                                  sources, &own, &message->heads, fault);
    if (result < 0)
        return result;
    message->count++;
    message->facts.is_unicode |= other->facts.is_unicode;
    if (other->depth + PH_STRUCTURE_DEPTH > message->depth)
        message->depth = other->depth + PH_STRUCTURE_DEPTH;
    return PH_OK;
}
