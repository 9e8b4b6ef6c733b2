/* SPDX-License-Identifier: MIT */
/* Reads lines of any length from the terminal of bearerd login --paste: the
 * address that a browser was led to may be longer than a line that a terminal
 * edits. */
#include "command/terminal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/assert.h"

/* After each of these the terminal is the shell's again. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static struct {
	volatile sig_atomic_t open;
	struct termios before, now;
	struct sigaction actions[SIGNALS], on_continue;
} it;

/* tcsetattr may be called by a signal's handler (POSIX, 2.4.3). */
static void on_signal(int signo)
{
	struct sigaction by_default, ours;
	sigset_t set;
	int error = errno;

	if (it.open)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &it.before);
	memset(&by_default, 0, sizeof(by_default));
	by_default.sa_handler = SIG_DFL;
	sigemptyset(&set);
	sigaddset(&set, signo);
	sigaction(signo, &by_default, &ours);
	raise(signo);
	/* It ends here, or stops here and goes on, or is not stopped where
	 * nobody would have it go on. */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(signo, &ours, NULL);
	if (it.open)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &it.now);
	errno = error;
}

static void on_continue(int signo)
{
	int error = errno;

	(void)signo;
	if (it.open)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &it.now);
	errno = error;
}

/* Those that are ignored stay so. */
static void take_signals(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);
	action.sa_handler = on_signal;
	for (size_t i = 0; i < SIGNALS; i++) {
		ASSERT(sigaction(signals[i], NULL, &it.actions[i]) == 0);
		if (it.actions[i].sa_handler == SIG_DFL)
			ASSERT(sigaction(signals[i], &action, NULL) == 0);
	}
	action.sa_handler = on_continue;
	ASSERT(sigaction(SIGCONT, &action, &it.on_continue) == 0);
}

static void give_signals_back(void)
{
	for (size_t i = 0; i < SIGNALS; i++)
		ASSERT(sigaction(signals[i], &it.actions[i], NULL) == 0);
	ASSERT(sigaction(SIGCONT, &it.on_continue, NULL) == 0);
}

void terminal_open(void)
{
	if (it.open || tcgetattr(STDIN_FILENO, &it.before) < 0)
		return;
	it.now = it.before;
	it.now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	it.now.c_cc[VMIN] = 1;
	it.now.c_cc[VTIME] = 0;
	take_signals();
	it.open = 1;
	/* What was typed ahead is kept. */
	if (tcsetattr(STDIN_FILENO, TCSANOW, &it.now) < 0)
		terminal_close();
}

void terminal_close(void)
{
	if (!it.open)
		return;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &it.before);
	it.open = 0;
	give_signals_back();
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static void show(struct str s)
{
	if (!(it.before.c_lflag & ECHO))
		return;
	/* As the terminal would do it; where it cannot, nothing is lost. */
	while (s.n > 0) {
		ssize_t n = write(STDIN_FILENO, s.p, s.n);

		if (n <= 0)
			return;
		s = str_from(s, (size_t)n);
	}
}

/* What would move or colour is shown as ^X, as terminals do. */
static void show_octet(struct str one)
{
	char caret[2] = { '^', (char)(one.p[0] ^ 0x40) };

	if (is_control(one.p[0]) && one.p[0] != '\n')
		show((struct str){ caret, sizeof(caret) });
	else
		show(one);
}

/* One octet of a line that is being typed goes, or none: what stands before it
 * was handed over. */
static bool erase(struct buf *line)
{
	struct str all = buf_str(line);

	if (all.n == 0 || all.p[all.n - 1] == '\n')
		return false;
	show(is_control(all.p[all.n - 1]) ? STR("\b\b  \b\b")
					  : STR("\b \b"));
	buf_cut(line, all.n - 1);
	return true;
}

static bool is(char c, size_t what)
{
	return it.before.c_cc[what] != _POSIX_VDISABLE &&
	       (unsigned char)c == it.before.c_cc[what];
}

bool terminal_take(struct str octets, struct buf *line)
{
	if (!it.open) {
		buf_add_str(line, octets);
		return true;
	}
	for (size_t i = 0; i < octets.n; i++) {
		struct str one = str_sub(octets, i, 1);

		if (is(one.p[0], VEOF))
			return false;
		if (is(one.p[0], VERASE)) {
			(void)erase(line);
		} else if (is(one.p[0], VKILL)) {
			while (erase(line))
				;
		} else {
			buf_add_str(line, one);
			show_octet(one);
		}
	}
	return true;
}
