/* replay.c - a fuzz target without libFuzzer, for processors that we only
 * have an emulator of: each file named, then texts drawn at random.
 *   replay [files]
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

enum {
    ROOM = 4096,
    TEXTS = 20000
};

/* The block ends with the text, for whatever watches memory. */
static void run(const uint8_t *at, size_t size)
{
    uint8_t *block = malloc(size + (size == 0));

    if (!block)
        abort();
    for (size_t i = 0; i < size; i++)
        block[i] = at[i];
    LLVMFuzzerTestOneInput(block, size);
    free(block);
}

static void replay(const char *path)
{
    static uint8_t room[ROOM];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (!file) {
        perror(path);
        exit(1);
    }
    size = fread(room, 1, sizeof room, file);
    fclose(file);
    run(room, size);
}

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Texts of all lengths up to a few lines: octets of any value, or such as a
 * codec writes. */
static void run_random(void)
{
    static const char often[] = "AZaz09+/=\r\n =4From.";
    uint8_t text[600];
    uint32_t state = 1;

    for (unsigned i = 0; i < TEXTS; i++) {
        size_t size = draw(&state) % sizeof text;
        unsigned kind = draw(&state) % 3;
        for (size_t k = 0; k < size; k++) {
            uint32_t number = draw(&state);
            text[k] = (uint8_t)number;
            if (kind && number % 40 >= kind - 1)
                text[k] = (uint8_t)often[(number >> 8) % (sizeof often - 1)];
        }
        run(text, size);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    run_random();
    printf("%d files and %d texts hold\n", argc - 1, TEXTS);
    return 0;
}
