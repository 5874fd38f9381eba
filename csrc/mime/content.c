/* content.c - what the octets of a body are like.
 * SPDX-License-Identifier: MIT */
#include "content.h"
#include "base/block.h"
#include "base/utf8.h"
#include "codec/line.h"

struct reader {
    ph_content *content;
    ph_span body;
    size_t at;    /* of the block under way */
    size_t start; /* of the line under way */
    bool was_cr;  /* the octet before that line is a CR */
    size_t first_high, last_high;
};

/* Octets above 7F and controls that end no line. */
static void read_odd(struct reader *reader, const char *block,
                     uint64_t controls)
{
    ph_content *content = reader->content;
    uint64_t high = ph_block_high(block);
    size_t count = ph_block_count(high);

    content->has_nul |= ph_block_where(block, '\0') != 0;
    content->controls +=
        ph_block_count(controls & ~high & ~ph_block_where(block, '\t'));
    if (count && content->high == 0)
        reader->first_high = reader->at + ph_block_first(high);
    if (count)
        reader->last_high = reader->at + ph_block_last(high);
    content->high += count;
}

/* The line under way ends before that octet. */
static void end_line(struct reader *reader, size_t end)
{
    ph_content *content = reader->content;
    const char *line = reader->body.at + reader->start;
    size_t size = end - reader->start;

    if (size > content->longest)
        content->longest = size;
    if (size >= 2 && line[0] == '-' && line[1] == '-')
        content->has_dashes = true;
}

/* A CR or LF at that octet. */
static void read_end(struct reader *reader, size_t end)
{
    ph_content *content = reader->content;
    bool is_cr = reader->body.at[end] == '\r';

    if (!is_cr && reader->was_cr && end == reader->start) {
        content->cr--;
        content->crlf++;
    } else {
        end_line(reader, end);
        content->cr += is_cr;
        content->lf += !is_cr;
    }
    reader->was_cr = is_cr;
    reader->start = end + 1;
}

static void read_block(struct reader *reader, const char *block)
{
    uint64_t ends = ph_block_where(block, '\n'), odd = ph_block_odd(block);

    if (odd != ends) {
        ends |= ph_block_where(block, '\r');
        read_odd(reader, block, odd & ~ends);
    }
    for (; ends; ends &= ends - 1)
        read_end(reader, reader->at + ph_block_first(ends));
}

void ph_content_read(ph_content *content, ph_span body)
{
    struct reader reader = { .content = content, .body = body };
    char rest[PH_BLOCK];

    *content = (ph_content){ .size = body.size, .is_ended = body.size == 0 };
    for (; body.size - reader.at >= PH_BLOCK; reader.at += PH_BLOCK)
        read_block(&reader, body.at + reader.at);
    if (reader.at < body.size) {
        memset(rest, ' ', sizeof rest);
        memcpy(rest, body.at + reader.at, body.size - reader.at);
        read_block(&reader, rest);
    }
    if (reader.start < body.size)
        end_line(&reader, body.size);
    else
        content->is_ended = true;
    if (content->high)
        content->is_broken = !ph_utf8_is_valid(
            ph_span_of(body.at + reader.first_high,
                       reader.last_high - reader.first_high + 1));
}

bool ph_content_is_lines(const ph_content *content)
{
    return content->longest <= PH_LINE_LIMIT && content->controls == 0;
}
