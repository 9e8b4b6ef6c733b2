/* SPDX-License-Identifier: MIT */
/* Writes dates for people, stored things and HTTP, and reads those of servers,
 * whatever the locale. */
#include "data/date.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what four digits of a year
 * can say. */
static const int64_t FIRST = -62167219200, LAST = 253402300799;

static const char *const MONTHS[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov",
				      "Dec" };
static const char *const DAYS[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
				    "Sat" };
static const char *const LONG_DAYS[] = { "Sunday", "Monday", "Tuesday",
					 "Wednesday", "Thursday", "Friday",
					 "Saturday" };

void date_rfc3339(struct buf *out, int64_t seconds)
{
	time_t t = seconds < FIRST ? FIRST : seconds > LAST ? LAST : seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void date_http(struct buf *out, int64_t seconds)
{
	time_t t = seconds < FIRST ? FIRST : seconds > LAST ? LAST : seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_addf(out, "%s, %02d %s %04d %02d:%02d:%02d GMT", DAYS[tm.tm_wday],
		 tm.tm_mday, MONTHS[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
		 tm.tm_min, tm.tm_sec);
}

/* Exactly so many digits; -1 where they are not there. */
static int take_digits(struct cursor *c, int count)
{
	int n = 0;

	for (int i = 0; i < count; i++) {
		int octet = cursor_peek(c);

		if (octet < 0 || !char_is_digit((char)octet))
			return -1;
		n = n * 10 + (octet - '0');
		c->p++;
	}
	return n;
}

/* The index of the name that comes next, or -1. */
static int take_name(struct cursor *c, const char *const *names, int count)
{
	for (int i = 0; i < count; i++) {
		if (cursor_skip_str(c, str_z(names[i])))
			return i;
	}
	return -1;
}

/* RFC 9110 §5.6.7: over 50 years ahead means the century before. */
static int full_year(int two_digits)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct tm tm;

	gmtime_r(&now, &tm);
	int this_year = tm.tm_year + 1900;
	int year = this_year - this_year % 100 + two_digits;

	return year > this_year + 50 ? year - 100 : year;
}

/* Takes what one directive stands for; -1 where it is not there. */
static int take_part(struct cursor *c, char directive, struct tm *tm)
{
	int year;

	switch (directive) {
	case 'a':
		return take_name(c, DAYS, 7);
	case 'A':
		return take_name(c, LONG_DAYS, 7);
	case 'b':
		return tm->tm_mon = take_name(c, MONTHS, 12);
	case 'd':
		return tm->tm_mday = take_digits(c, 2);
	case 'e':
		/* asctime's day: "06" may stand there, but " 6" is what it
		 * writes. */
		return tm->tm_mday = take_digits(c, cursor_skip(c, ' ') ? 1 :
									  2);
	case 'H':
		return tm->tm_hour = take_digits(c, 2);
	case 'm':
		tm->tm_mon = take_digits(c, 2) - 1;
		return tm->tm_mon < 12 ? tm->tm_mon : -1;
	case 'M':
		return tm->tm_min = take_digits(c, 2);
	case 'S':
		return tm->tm_sec = take_digits(c, 2);
	case 'y':
		year = take_digits(c, 2);
		tm->tm_year = full_year(year) - 1900;
		return year;
	default: /* 'Y' */
		year = take_digits(c, 4);
		tm->tm_year = year - 1900;
		return year;
	}
}

static bool is_possible(const struct tm *tm)
{
	static const int LENGTHS[] = { 31, 28, 31, 30, 31, 30,
				       31, 31, 30, 31, 30, 31 };
	int year = tm->tm_year + 1900;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int days = LENGTHS[tm->tm_mon] + (tm->tm_mon == 1 && leap);

	/* 60 is a leap second. */
	return tm->tm_mday >= 1 && tm->tm_mday <= days && tm->tm_hour <= 23 &&
	       tm->tm_min <= 59 && tm->tm_sec <= 60;
}

/* Reads what is at the cursor by a pattern like strptime's, but to the
 * octet. */
static bool take_form(struct cursor *c, const char *pattern, int64_t *seconds)
{
	struct tm tm = { 0 };

	for (; *pattern; pattern++) {
		if (*pattern == '%') {
			if (take_part(c, *++pattern, &tm) < 0)
				return false;
		} else if (!cursor_skip(c, *pattern)) {
			return false;
		}
	}
	if (!is_possible(&tm))
		return false;
	*seconds = timegm(&tm);
	return true;
}

/* The same of the whole text. */
static bool read_form(struct str text, const char *pattern, int64_t *seconds)
{
	struct cursor c = cursor_of(text);
	int64_t read;

	if (!take_form(&c, pattern, &read) || !cursor_done(&c))
		return false;
	*seconds = read;
	return true;
}

/* "Z", "+02:00" or "+0200", to its end; nothing is UTC. Seconds. */
static bool take_offset(struct cursor *c, int64_t *offset)
{
	int sign = cursor_skip(c, '+') ? 1 : cursor_skip(c, '-') ? -1 : 0;
	int hours, minutes;

	*offset = 0;
	if (!sign) {
		if (!cursor_skip(c, 'Z'))
			cursor_skip(c, 'z');
		return cursor_done(c);
	}
	hours = take_digits(c, 2);
	cursor_skip(c, ':');
	minutes = take_digits(c, 2);
	*offset = sign * (hours * 3600 + minutes * 60);
	return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59 &&
	       cursor_done(c);
}

int date_rfc3339_parse(struct str text, int64_t *seconds)
{
	static const char *const FORMS[] = { "%Y-%m-%dT%H:%M:%S",
					     "%Y-%m-%d %H:%M:%S",
					     "%Y-%m-%dt%H:%M:%S" };
	int64_t offset;

	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
		struct cursor c = cursor_of(text);

		if (!take_form(&c, FORMS[i], seconds))
			continue;
		if (cursor_skip(&c, '.') && !cursor_while(&c, char_is_digit).n)
			return -1;
		if (!take_offset(&c, &offset))
			return -1;
		*seconds -= offset;
		return 0;
	}
	return -1;
}

int date_http_parse(struct str text, int64_t *seconds)
{
	static const char *const FORMS[] = {
		"%a, %d %b %Y %H:%M:%S GMT",
		"%A, %d-%b-%y %H:%M:%S GMT",
		"%a %b %e %H:%M:%S %Y",
	};

	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
		if (read_form(text, FORMS[i], seconds))
			return 0;
	}
	return -1;
}
