/* date.c - dates of header fields (RFC 5322, 3.3) and of the Internet (RFC
 * 3339).
 * SPDX-License-Identifier: MIT */
#include "date.h"
#include "base/ascii.h"
#include "comment.h"

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began on one */

enum {
    DAY = 86400
};

typedef struct civil {
    int64_t year, month, day; /* month and day from 1 */
} civil;

/* Days since 1970-01-01. Years are counted from March, so that the leap day
 * is the last one; 400 of them have 146097 days. Years from 1 on. */
static int64_t days_of(civil date)
{
    int64_t year = date.month > 2 ? date.year : date.year - 1;
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t leaps = year / 4 - year / 100 + year / 400;

    return year * 365 + leaps + (153 * month + 2) / 5 + date.day - 1 - 719468;
}

/* The other way round, for days from 0001-03-01 on. */
static civil civil_of(int64_t count)
{
    int64_t shifted = count + 719468;
    int64_t era = shifted / 146097;
    int64_t day = shifted % 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    civil date = {
        .year = era * 400 + year + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = of_year - (153 * month + 2) / 5 + 1,
    };
    return date;
}

static char *put_two(char *next, int64_t number)
{
    *next++ = (char)('0' + number / 10);
    *next++ = (char)('0' + number % 10);
    return next;
}

static char *put_name(char *next, const char *names, int64_t i)
{
    memcpy(next, names + i * 3, 3);
    return next + 3;
}

static char *put_year(char *next, int64_t year)
{
    return put_two(put_two(next, year / 100), year % 100);
}

/* "00:00:00" */
static char *put_time(char *next, int64_t second)
{
    next = put_two(next, second / 3600);
    *next++ = ':';
    next = put_two(next, second / 60 % 60);
    *next++ = ':';
    return put_two(next, second % 60);
}

/* The days since 1970 and the seconds of the last; PH_E_INVALID: none of the
 * years that we write. */
static int split(int64_t epoch, int64_t *count, int64_t *second)
{
    if (epoch < PH_DATE_FIRST || epoch > PH_DATE_LAST)
        return PH_E_INVALID;
    *second = (epoch % DAY + DAY) % DAY;
    *count = (epoch - *second) / DAY;
    return PH_OK;
}

int ph_date_put_internet(ph_buf *out, int64_t epoch)
{
    char text[40], *next = text;
    int64_t count, second;
    civil date;

    if (split(epoch, &count, &second) < 0)
        return PH_E_INVALID;
    date = civil_of(count);
    next = put_year(next, date.year);
    *next++ = '-';
    next = put_two(next, date.month);
    *next++ = '-';
    next = put_two(next, date.day);
    *next++ = 'T';
    next = put_time(next, second);
    *next++ = 'Z';
    return ph_buf_put(out, text, (size_t)(next - text));
}

int ph_date_put(ph_buf *out, int64_t epoch)
{
    char text[40], *next = text;
    int64_t count, second;
    civil date;

    if (split(epoch, &count, &second) < 0)
        return PH_E_INVALID;
    date = civil_of(count);
    next = put_name(next, days, (count % 7 + 7) % 7);
    *next++ = ',';
    *next++ = ' ';
    if (date.day >= 10)
        *next++ = (char)('0' + date.day / 10);
    *next++ = (char)('0' + date.day % 10);
    *next++ = ' ';
    next = put_name(next, months, date.month - 1);
    *next++ = ' ';
    next = put_year(next, date.year);
    *next++ = ' ';
    next = put_time(next, second);
    memcpy(next, " +0000", 6);
    return ph_buf_put(out, text, (size_t)(next + 6 - text));
}

/* Takes the mark off the start; false: something else is there. */
static bool take(ph_span *rest, char mark)
{
    *rest = ph_comment_skip(*rest);
    if (!rest->size || *rest->at != mark)
        return false;
    *rest = ph_span_after(*rest, 1);
    return true;
}

/* Takes up to four digits; returns how many there were. */
static size_t take_number(ph_span *rest, int64_t *number)
{
    size_t n = 0;

    *rest = ph_comment_skip(*rest);
    *number = 0;
    while (n < 4 && n < rest->size && ph_ascii_is_digit(rest->at[n]))
        *number = *number * 10 + (rest->at[n++] - '0');
    *rest = ph_span_after(*rest, n);
    return n;
}

static ph_span take_word(ph_span *rest)
{
    size_t n = 0;
    ph_span word;

    *rest = ph_comment_skip(*rest);
    while (n < rest->size && ph_ascii_is_alpha(rest->at[n]))
        n++;
    word = ph_span_of(rest->at, n);
    *rest = ph_span_after(*rest, n);
    return word;
}

/* 1 to 12, or 0; a whole name of a month will do. */
static int month_of(ph_span word)
{
    if (word.size < 3)
        return 0;
    word.size = 3;
    for (int i = 0; i < 12; i++)
        if (ph_ascii_equal(word, ph_span_of(months + 3 * i, 3)))
            return i + 1;
    return 0;
}

/* Two digits stand for 1950 to 2049, three for 1900 on (RFC 5322, 4.3). */
static int64_t year_of(int64_t year, size_t digits)
{
    if (digits == 2 && year < 50)
        return year + 2000;
    return digits < 4 ? year + 1900 : year;
}

static bool is_day(civil date)
{
    civil last = date;

    last.day = 1;
    if (++last.month > 12) {
        last.month = 1;
        last.year++;
    }
    last = civil_of(days_of(last) - 1);
    return date.day >= 1 && date.day <= last.day;
}

static bool take_date(ph_span *rest, civil *date)
{
    size_t digits;

    if (take_word(rest).size)
        take(rest, ',');
    if (!take_number(rest, &date->day))
        return false;
    date->month = month_of(take_word(rest));
    digits = take_number(rest, &date->year);
    date->year = year_of(date->year, digits);
    return date->month && digits >= 2 && date->year >= 1900 && is_day(*date);
}

static bool take_time(ph_span *rest, int64_t *seconds)
{
    int64_t hour, minute, second = 0;

    if (!take_number(rest, &hour) || !take(rest, ':') ||
        !take_number(rest, &minute))
        return false;
    if (take(rest, ':') && !take_number(rest, &second))
        return false;
    if (second == 60) /* a leap second */
        second = 59;
    *seconds = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

/* Hours of the names that RFC 5322, 4.3 still knows; others say nothing. */
static int zone_of(ph_span name)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = {
        { "EDT", -4 }, { "EST", -5 }, { "CDT", -5 }, { "CST", -6 },
        { "MDT", -6 }, { "MST", -7 }, { "PDT", -7 }, { "PST", -8 },
    };
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (ph_ascii_equal(name, ph_span_text(zones[i].name)))
            return zones[i].hours;
    return 0;
}

static bool take_zone(ph_span *rest, int64_t *offset)
{
    bool is_west = take(rest, '-');
    int64_t number;

    if (!is_west && !take(rest, '+')) {
        *offset = zone_of(take_word(rest)) * 3600;
        return true;
    }
    if (take_number(rest, &number) != 4 || number % 100 > 59)
        return false;
    *offset = (number / 100 * 3600 + number % 100 * 60) * (is_west ? -1 : 1);
    return true;
}

int ph_date_parse(ph_span text, int64_t *epoch)
{
    int64_t seconds, offset;
    civil date;

    if (!take_date(&text, &date) || !take_time(&text, &seconds) ||
        !take_zone(&text, &offset) || ph_comment_skip(text).size)
        return PH_E_INVALID;
    *epoch = days_of(date) * DAY + seconds - offset;
    return PH_OK;
}

/* ---- Internet dates */

/* Takes so many digits off the start, and the mark behind them ('\0': none). */
static bool take_digits(ph_span *rest, size_t count, char mark, int64_t *number)
{
    size_t size = count + (mark != '\0');

    *number = 0;
    if (rest->size < size || (mark && rest->at[count] != mark))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!ph_ascii_is_digit(rest->at[i]))
            return false;
        *number = *number * 10 + (rest->at[i] - '0');
    }
    *rest = ph_span_after(*rest, size);
    return true;
}

/* Parts of a second, which are dropped. */
static bool drop_fraction(ph_span *rest)
{
    size_t n = 1;

    if (!rest->size || *rest->at != '.')
        return true;
    while (n < rest->size && ph_ascii_is_digit(rest->at[n]))
        n++;
    *rest = ph_span_after(*rest, n);
    return n > 1;
}

/* "Z", or hours and minutes east or west. */
static bool take_offset(ph_span *rest, int64_t *offset)
{
    int64_t hour, minute;
    char mark = rest->size ? ph_ascii_upper(*rest->at) : '\0';

    *offset = 0;
    *rest = ph_span_after(*rest, 1);
    if (mark == 'Z')
        return true;
    if ((mark != '+' && mark != '-') || !take_digits(rest, 2, ':', &hour) ||
        !take_digits(rest, 2, '\0', &minute) || hour > 23 || minute > 59)
        return false;
    *offset = (hour * 3600 + minute * 60) * (mark == '-' ? -1 : 1);
    return true;
}

int ph_date_parse_internet(ph_span text, int64_t *epoch)
{
    int64_t hour, minute, second, offset;
    civil date;

    if (!take_digits(&text, 4, '-', &date.year) ||
        !take_digits(&text, 2, '-', &date.month) ||
        !take_digits(&text, 2, '\0', &date.day) || date.year < 1900 ||
        date.month < 1 || date.month > 12 || !is_day(date))
        return PH_E_INVALID;
    if (!text.size || ph_ascii_upper(*text.at) != 'T')
        return PH_E_INVALID;
    text = ph_span_after(text, 1);
    if (!take_digits(&text, 2, ':', &hour) ||
        !take_digits(&text, 2, ':', &minute) ||
        !take_digits(&text, 2, '\0', &second) || !drop_fraction(&text) ||
        !take_offset(&text, &offset) || text.size)
        return PH_E_INVALID;
    if (second == 60) /* a leap second */
        second = 59;
    if (hour > 23 || minute > 59 || second > 59)
        return PH_E_INVALID;
    *epoch = days_of(date) * DAY + hour * 3600 + minute * 60 + second - offset;
    return PH_OK;
}
