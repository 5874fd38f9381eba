/* command.c - the one function that writes command lines.
 * SPDX-License-Identifier: MIT */
#include "command.h"
#include "base/ascii.h"

void ph_command_add(ph_command *command, ph_span part)
{
    if (command->count < PH_COMMAND_PARTS)
        command->parts[command->count] = part;
    command->count++;
}

void ph_command_add_text(ph_command *command, const char *text)
{
    ph_command_add(command, ph_span_text(text));
}

int ph_command_put(ph_buf *out, const ph_command *command, size_t limit)
{
    size_t size = 2;
    char *room;

    if (command->count > PH_COMMAND_PARTS)
        return PH_E_INVALID;
    for (size_t i = 0; i < command->count; i++) {
        if (ph_ascii_has_control(command->parts[i]))
            return PH_E_INVALID;
        size += command->parts[i].size;
    }
    if (size == 2 || size > limit)
        return PH_E_INVALID;
    if (ph_buf_reserve(out, size, &room) < 0)
        return PH_E_LIMIT;
    for (size_t i = 0; i < command->count; i++) {
        if (command->parts[i].size)
            memcpy(room, command->parts[i].at, command->parts[i].size);
        room += command->parts[i].size;
    }
    memcpy(room, "\r\n", 2);
    ph_buf_added(out, size);
    return PH_OK;
}
