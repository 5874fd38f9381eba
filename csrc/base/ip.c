/* ip.c - addresses of IPv4 and IPv6: text to octets and back.
 * SPDX-License-Identifier: MIT */
#include "ip.h"

#include <arpa/inet.h>

size_t ph_ip_parse(ph_span text, unsigned char octets[PH_IP_OCTETS])
{
    char copy[PH_IP_TEXT];

    if (text.size == 0 || text.size >= sizeof copy ||
        memchr(text.at, '\0', text.size))
        return 0;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    if (inet_pton(AF_INET, copy, octets) == 1)
        return 4;
    return inet_pton(AF_INET6, copy, octets) == 1 ? 16 : 0;
}

size_t ph_ip_format(const unsigned char *octets, size_t size,
                    char text[PH_IP_TEXT])
{
    text[0] = '\0';
    (void)inet_ntop(size == 4 ? AF_INET : AF_INET6, octets, text, PH_IP_TEXT);
    return strlen(text);
}
