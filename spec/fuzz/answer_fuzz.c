/* answer_fuzz.c - any octets as the answer of a name server: read within
 * bounds, and each record that is given lies inside of them.
 * SPDX-License-Identifier: MIT */
#include "dns/answer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    ph_span message = { (const char *)at, size };
    ph_question question;
    ph_answer answer;
    ph_record record;
    char text[PH_DNS_NAME_TEXT];
    size_t count = 0;

    if (ph_question_init(&question, ph_span_text("a.example"),
                         size % 2 ? PH_DNS_A : PH_DNS_AAAA) < 0)
        abort();
    if (ph_answer_read(&answer, message, &question) < 0)
        return 0;
    for (; ph_answer_next(&answer, &record); count++)
        if (record.data.at < message.at ||
            record.data.at + record.data.size > message.at + message.size)
            abort();
    if (count != answer.count || answer.aliases > PH_ANSWER_ALIASES ||
        ph_dns_name_format(&answer.name, text) > sizeof text)
        abort();
    return 0;
}
