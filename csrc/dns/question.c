/* question.c - what is asked of a name server.
 * SPDX-License-Identifier: MIT */
#include "question.h"

int ph_question_init(ph_question *question, ph_span name, uint16_t type)
{
    question->type = type;
    return ph_dns_name_parse(&question->name, name);
}

int ph_question_format(const ph_question *question, uint16_t id, ph_buf *out)
{
    static const char opt[] = { 0, 0, PH_DNS_OPT, 0x04, (char)0xd0, 0,
                                0, 0, 0,          0,    0 };
    const char header[] = { (char)(id >> 8),
                            (char)(id & 0xff),
                            0x01, /* RD */
                            0x20, /* AD */
                            0,
                            1,
                            0,
                            0,
                            0,
                            0,
                            0,
                            1 };
    const char tail[] = { (char)(question->type >> 8),
                          (char)(question->type & 0xff), 0, PH_DNS_IN };
    char *room;
    size_t size =
        sizeof header + question->name.size + sizeof tail + sizeof opt;
    int result = ph_buf_reserve(out, size, &room);

    if (result < 0)
        return result;
    ph_buf_put(out, header, sizeof header);
    ph_buf_put(out, (const char *)question->name.octets, question->name.size);
    ph_buf_put(out, tail, sizeof tail);
    return ph_buf_put(out, opt, sizeof opt);
}
