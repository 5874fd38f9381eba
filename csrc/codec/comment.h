/* comment.h - comments and folding whitespace between the tokens of a
 * structured field (CFWS of RFC 5322, 3.2.2).
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_COMMENT_H
#define PH_CODEC_COMMENT_H

#include "base/span.h"

#pragma GCC visibility push(hidden)

/* What is left of a field behind blanks, line ends and comments. Comments
 * nest; one that never ends is not skipped: the rest begins with its "(". */
ph_span ph_comment_skip(ph_span rest);

#pragma GCC visibility pop
#endif
