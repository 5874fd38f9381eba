/* answer.c - reads the answer of a name server, whatever it holds.
 * SPDX-License-Identifier: MIT */
#include "answer.h"
#include "base/ascii.h"
#include "base/error.h"

enum {
    QR = 0x8000,
    OPCODE = 0x7800,
    TC = 0x0200,
    AD = 0x0020,
    EXTENDED_ERROR = 15 /* option of OPT: RFC 8914, 2 */
};

/* A record as it stands in the message. */
typedef struct raw {
    ph_dns_name owner;
    uint16_t type, class;
    uint32_t ttl;
    size_t data, size; /* offset and octets of RDATA */
} raw;

/* Makes a record of RDATA: above 0 take it, 0 pass over it, below 0 the whole
 * message is malformed. */
typedef int (*record_reader)(const raw *from, ph_span message,
                             ph_record *record);

static int read_address(const raw *from, ph_span message, ph_record *record)
{
    if (from->size != (from->type == PH_DNS_A ? 4 : 16))
        return PH_E_PROTOCOL;
    record->data = ph_span_of(message.at + from->data, from->size);
    return 1;
}

/* The types that can be asked for: a row for each. */
static const struct {
    const char *name;
    uint16_t type;
    record_reader read;
} rows[] = {
    { "A", PH_DNS_A, read_address },
    { "AAAA", PH_DNS_AAAA, read_address },
};

enum {
    ROWS = sizeof rows / sizeof *rows
};

uint16_t ph_record_type(ph_span name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (ph_ascii_equal(name, ph_span_text(rows[i].name)))
            return rows[i].type;
    return 0;
}

const char *ph_record_type_name(uint16_t type)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].type == type)
            return rows[i].name;
    return "";
}

static record_reader reader_of(uint16_t type)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].type == type)
            return rows[i].read;
    return NULL;
}

/* A TTL with its top bit set counts as 0 (RFC 2181, 8). */
static uint32_t clean_ttl(uint32_t ttl)
{
    return ttl > INT32_MAX ? 0 : ttl;
}

static int read_raw(ph_dns_reader *reader, raw *to)
{
    int result = ph_dns_name_read(&to->owner, reader);

    if (result < 0)
        return result;
    to->type = ph_dns_reader_u16(reader);
    to->class = ph_dns_reader_u16(reader);
    to->ttl = ph_dns_reader_u32(reader);
    to->size = ph_dns_reader_u16(reader);
    to->data = reader->at;
    return ph_dns_reader_take(reader, to->size) ? PH_OK : PH_E_PROTOCOL;
}

/* The name that fills RDATA. */
static int read_target(const raw *from, ph_span message, ph_dns_name *name)
{
    ph_dns_reader reader = ph_dns_reader_at(message, from->data);

    if (ph_dns_name_read(name, &reader) < 0 ||
        reader.at != from->data + from->size)
        return PH_E_PROTOCOL;
    return PH_OK;
}

/* How long a "no" is true: the lesser of the SOA's own TTL and its field
 * MINIMUM (RFC 2308, 5). */
static int read_soa(ph_answer *answer, const raw *from, ph_span message)
{
    ph_dns_reader reader = ph_dns_reader_at(message, from->data);
    ph_dns_name name;
    uint32_t minimum, ttl = clean_ttl(from->ttl);

    if (ph_dns_name_read(&name, &reader) < 0 ||
        ph_dns_name_read(&name, &reader) < 0)
        return PH_E_PROTOCOL;
    ph_dns_reader_take(&reader, 16);
    minimum = clean_ttl(ph_dns_reader_u32(&reader));
    if (reader.is_bad || reader.at != from->data + from->size)
        return PH_E_PROTOCOL;
    answer->has_negative = true;
    answer->negative_ttl = ttl < minimum ? ttl : minimum;
    return PH_OK;
}

static int read_opt(ph_answer *answer, const raw *from, ph_span message)
{
    ph_span data = { message.at + from->data, from->size };
    ph_dns_reader reader = ph_dns_reader_at(data, 0);

    answer->rcode |= from->ttl >> 24 << 4;
    while (!reader.is_bad && reader.at < data.size) {
        unsigned code = ph_dns_reader_u16(&reader);
        unsigned size = ph_dns_reader_u16(&reader);
        size_t at = reader.at;
        if (ph_dns_reader_take(&reader, size) && size >= 2 &&
            code == EXTENDED_ERROR) {
            ph_dns_reader value = ph_dns_reader_at(data, at);
            answer->extended_error = ph_dns_reader_u16(&value);
        }
    }
    return reader.is_bad ? PH_E_PROTOCOL : PH_OK;
}

/* The question must come back as it was asked; a server that refuses may leave
 * it out. */
static int read_question(ph_dns_reader *reader, unsigned count,
                         const ph_question *question, bool may_lack)
{
    ph_dns_name name;
    unsigned type, class;

    if (count == 0)
        return may_lack ? PH_OK : PH_E_PROTOCOL;
    if (count > 1 || ph_dns_name_read(&name, reader) < 0)
        return PH_E_PROTOCOL;
    type = ph_dns_reader_u16(reader);
    class = ph_dns_reader_u16(reader);
    if (reader->is_bad || type != question->type || class != PH_DNS_IN ||
        !ph_dns_name_equal(&name, &question->name))
        return PH_E_PROTOCOL;
    return PH_OK;
}

/* Reads every record once, so that later walks meet nothing malformed but in
 * RDATA, and keeps what the sections behind the answers tell. */
static int read_sections(ph_answer *answer, ph_dns_reader reader,
                         const unsigned counts[3])
{
    raw record;

    if (counts[0] + counts[1] + counts[2] > PH_ANSWER_RECORDS)
        return PH_E_PROTOCOL;
    for (unsigned section = 0; section < 3; section++)
        for (unsigned i = 0; i < counts[section]; i++) {
            int result = read_raw(&reader, &record);
            if (result < 0)
                return result;
            if (section == 1 && record.type == PH_DNS_SOA &&
                record.class == PH_DNS_IN)
                result = read_soa(answer, &record, reader.message);
            else if (section == 2 && record.type == PH_DNS_OPT)
                result = read_opt(answer, &record, reader.message);
            if (result < 0)
                return result;
        }
    return PH_OK;
}

static void lower_ttl(ph_answer *answer, const raw *record)
{
    uint32_t ttl = clean_ttl(record->ttl);
    if (ttl < answer->ttl)
        answer->ttl = ttl;
}

static bool is_owned(const ph_answer *answer, const raw *record)
{
    return record->class == PH_DNS_IN &&
           ph_dns_name_equal(&record->owner, &answer->name);
}

/* One walk over the answers, following each alias as it is met. Returns
 * whether one was followed: then an earlier record may be the next one. */
static int follow_aliases(ph_answer *answer)
{
    ph_dns_reader reader = answer->reader;
    int followed = 0;
    raw record;

    for (unsigned i = 0; i < answer->left; i++) {
        (void)read_raw(&reader, &record);
        if (record.type != PH_DNS_CNAME || !is_owned(answer, &record))
            continue;
        if (++answer->aliases > PH_ANSWER_ALIASES ||
            read_target(&record, reader.message, &answer->name) < 0)
            return PH_E_PROTOCOL;
        lower_ttl(answer, &record);
        followed = 1;
    }
    return followed;
}

/* The next record that counts, or 0, or that the message is malformed. */
static int next_record(ph_answer *answer, ph_record *record)
{
    raw from;

    while (answer->left) {
        answer->left--;
        (void)read_raw(&answer->reader, &from);
        if (from.type == answer->type && is_owned(answer, &from)) {
            int result =
                reader_of(from.type)(&from, answer->reader.message, record);
            if (result == 0)
                continue;
            lower_ttl(answer, &from);
            record->ttl = clean_ttl(from.ttl);
            return result;
        }
    }
    return 0;
}

static int count_records(ph_answer *answer)
{
    ph_dns_reader reader = answer->reader;
    unsigned left = answer->left;
    ph_record record;
    int result;

    while ((result = next_record(answer, &record)) > 0)
        answer->count++;
    answer->reader = reader;
    answer->left = left;
    return result;
}

int ph_answer_read(ph_answer *answer, ph_span message,
                   const ph_question *question)
{
    ph_dns_reader reader = ph_dns_reader_at(message, 2);
    unsigned flags = ph_dns_reader_u16(&reader), counts[4];
    int result;

    *answer = (ph_answer){ .rcode = flags & 15,
                           .is_authentic = flags & AD,
                           .is_truncated = flags & TC,
                           .ttl = INT32_MAX,
                           .extended_error = -1,
                           .name = question->name,
                           .type = question->type };
    for (int i = 0; i < 4; i++)
        counts[i] = ph_dns_reader_u16(&reader);
    if (reader.is_bad || message.size > PH_ANSWER_OCTETS || !(flags & QR) ||
        (flags & OPCODE) || !reader_of(question->type))
        return PH_E_PROTOCOL;
    result = read_question(&reader, counts[0], question, answer->rcode != 0);
    answer->reader = reader;
    answer->left = counts[1];
    if (result >= 0)
        result = read_sections(answer, reader, counts + 1);
    if (result < 0)
        return result;
    while ((result = follow_aliases(answer)) > 0)
        continue;
    return result < 0 ? result : count_records(answer);
}

bool ph_answer_next(ph_answer *answer, ph_record *record)
{
    return next_record(answer, record) > 0;
}
