/* SPDX-License-Identifier: MIT */
/* Bounds of the process, the configuration, the store, commands and the log
 * (base/limits.h). */
#pragma once

/* clang-format off */
#define LIMITS_PROCESS(X) \
	X(DESCRIPTORS, 64, "descriptors", \
	  "descriptors that the limit of open files must leave room for, " \
	  "beside those of clients, workers and commands: store, log, " \
	  "threads", \
	  "The start fails.") \
	X(DESCRIPTORS_WORKER, 16, "descriptors", \
	  "the same for each worker", \
	  "The start fails.") \
	X(DESCRIPTORS_IDLE, 20, "clients", \
	  "clients of which one, at least, is taken to be between two " \
	  "requests; the others have two descriptors each", \
	  "More at once may fail for want of descriptors.") \
	X(SPARE_LEAST, 16, "descriptors", \
	  "descriptors that the limit of open files must leave room for, " \
	  "for answers that are written before their requests' ends and " \
	  "connections that are read to their end; where it leaves more, " \
	  "idle connections to upstreams may have half of it, and these the " \
	  "rest", \
	  "The start fails. While they are in use such an answer is 503, " \
	  "and from half of them on such a connection is closed at once.") \
	X(STILL, 10 * 1000, "ms", \
	  "the time in which a thread has not turned to its work", \
	  "/-/health/live is a 503.") \
	X(LOOP_SLEEP, 4000, "ms", \
	  "the time that a thread sleeps at the most", \
	  "It wakes up, and shows that it turns.") \
	X(LOOP_LATE, 100, "ms", \
	  "how much later than it was to a thread may wake up", \
	  "It takes itself for one that stood still (SIGSTOP, a machine that " \
	  "slept), and handles what has come before it looks at timeouts.") \
	X(LOOP_STILL, 5000, "ms", \
	  "the same, from which on others may have noticed", \
	  "/-/health/live counts from its waking up.") \
	X(LOOP_ROUNDS, 64, "rounds", \
	  "rounds of events that it handles first then", \
	  "Timeouts have their turn.") \
	X(LOOP_TIMERS, 64, "timeouts", \
	  "timeouts that are over by then and count one after the other", \
	  "The others count at once.") \
	X(TRIM_CLIENTS, 256, "connections", \
	  "clients at a time from which on memory is given back to the " \
	  "system, once half of them have gone", \
	  "That of fewer is kept for others.") \
	X(TRIM_LOOK, 5000, "ms", \
	  "the time between two looks at that", \
	  "It is given back so much later at the most.") \
	X(FAULT_TEXT, 512, "octets", \
	  "what is told of a failure, with the octet that ends it", \
	  "It is cut.")

#define LIMITS_CONFIG(X) \
	X(CONFIG_FILE, 16 * LIMIT_MIB, "octets", \
	  "a file of the configuration or of profiles", \
	  "It is a mistake.") \
	X(CONFIG_FILES, 4096, "files", \
	  "files of the configuration", \
	  "The next one is a mistake.") \
	X(CONFIG_DEPTH, 8, "levels", \
	  "files that include one another", \
	  "The next include is a mistake.") \
	X(CONFIG_MISTAKES, 1000, "mistakes", \
	  "mistakes that are told; warnings are counted apart", \
	  "The others are not.") \
	X(CONFIG_MISTAKE, 8 * LIMIT_KIB, "octets", \
	  "what is told of a mistake", \
	  "Its line alone is told.") \
	X(CONFIG_NAME, 32, "octets", \
	  "a service's or profile's name", \
	  "It is a mistake.") \
	X(CONFIG_KEY, 128, "octets", \
	  "a key", \
	  "It is a mistake.") \
	X(CONFIG_KEY_SHOWN, 48, "octets", \
	  "an unknown key that a message repeats", \
	  "It is not repeated: it may be a part of a secret.") \
	X(CONFIG_NEAREST, 64, "octets", \
	  "a word to which the message knows a similar one", \
	  "None is suggested.") \
	X(PROFILES_SHOWN, 12, "profiles", \
	  "profiles that a message lists where one is unknown", \
	  "The others are not.") \
	X(CONFIG_VALUE, 8 * LIMIT_KIB, "octets", \
	  "a value", \
	  "It is a mistake.") \
	X(SECRET_FILE, 64 * LIMIT_KIB, "octets", \
	  "a file that holds a secret", \
	  "It is a mistake, or fails the request.") \
	X(SECRET_COMMANDS, 4, "programs", \
	  "programs of KEY_command that run at a time", \
	  "The next one waits for its turn.") \
	X(SECRET_COMMAND_AGAIN, 60 * 1000, "ms", \
	  "the time between two runs of one for refusals that may be its " \
	  "fault", \
	  "What it printed last is used.") \
	X(PROGRAM_WORDS, 4 * LIMIT_KIB, "octets", \
	  "the standard error of a program that is read for the log", \
	  "The rest is dropped.") \
	X(PEM_FILE, LIMIT_MIB, "octets", \
	  "a file of certificates in which a private key is looked for " \
	  "(strict_modes)", \
	  "It counts as one that holds a private key.") \
	X(TEMPLATE_NAME, 64, "octets", \
	  "an unknown name of a template that a message repeats", \
	  "It is cut.") \
	X(TEMPLATE_DEPTH, 4, "levels", \
	  "{base64:...} in one another", \
	  "It is a mistake.") \
	X(RULE_PATH, LIMIT_KIB, "octets", \
	  "the path of an allow or deny", \
	  "It is a mistake.") \
	X(WORKERS, 256, "workers", \
	  "workers", \
	  "It is a mistake; auto takes so many.") \
	X(CONNECTIONS, 1000000, "connections", \
	  "max_connections and max_upstream_connections", \
	  "It is a mistake.") \
	X(HEADER_SIZE, LIMIT_MIB, "octets", \
	  "max_header_size", \
	  "It is a mistake.") \
	X(HEADER_SIZE_LEAST, LIMIT_KIB, "octets", \
	  "the least max_header_size", \
	  "Less is a mistake.") \
	X(DURATION, 10 * 365 * 24 * 60 * 60, "s", \
	  "a duration", \
	  "It is a mistake.") \
	X(WAITING, 1000000, "requests", \
	  "max_waiting", \
	  "It is a mistake.") \
	X(REPLAY_BODY, 64 * LIMIT_MIB, "octets", \
	  "replay_body", \
	  "It is a mistake.") \
	X(PREVIEW, 16 * LIMIT_MIB, "octets", \
	  "what check -v shows of a service", \
	  "It says that this is too long to be shown.")

#define LIMITS_NOTIFY(X) \
	X(NOTICES, 4, "notices", \
	  "notices that are told at a time", \
	  "The next one waits for its turn; so does one whose service's last " \
	  "one is still told.") \
	X(NOTICES_WAITING, 1000, "notices", \
	  "notices that wait", \
	  "The log says so; what happens meanwhile is told once none waits, " \
	  "if it is still so.") \
	X(NOTICE_ANSWER, 256 * LIMIT_KIB, "octets", \
	  "what the program of notify prints, or the server of notify_url " \
	  "answers; none of it is used", \
	  "The program is killed, the answer not read; the log says so.")

#define LIMITS_STORE(X) \
	X(STORE_VALUE, LIMIT_MIB, "octets", \
	  "what is kept of a session or a server", \
	  "It is not kept, and the log says so.") \
	X(STORE_PATH, 8 * LIMIT_KIB, "octets", \
	  "the path of a file that is made", \
	  "It fails.") \
	X(STORE_LOOK, 5, "s", \
	  "the time between two looks whether the store's file is still " \
	  "there", \
	  "That it is not is noticed so much later at the most.") \
	X(LOCK_WAIT, 5 * 1000, "ms", \
	  "the time for which a start waits for another one that has " \
	  "the same Unix socket", \
	  "The start fails.") \
	X(LOCK_PAUSE, 20, "ms", \
	  "the time between two attempts", \
	  "It tries again.")

#define LIMITS_CONTROL(X) \
	X(CONTROL_PEERS, 48, "commands", \
	  "commands that ask the daemon at a time", \
	  "The next one is told so, and fails.") \
	X(CONTROL_BACKLOG, 64, "connections", \
	  "commands that wait to be let in", \
	  "The kernel lets further ones wait.") \
	X(CONTROL_ACCEPTS, 16, "connections", \
	  "commands that are let in at a turn", \
	  "The others are at the next turn.") \
	X(CONTROL_REST, 1000, "ms", \
	  "the time without new commands once there are no descriptors " \
	  "left", \
	  "They are let in again.") \
	X(CONTROL_PATIENCE, 10 * 1000, "ms", \
	  "the time for a command to ask, and to read what it is told", \
	  "It is let go.") \
	X(CONTROL_BEAT, 5 * 1000, "ms", \
	  "the time between two signs of life to a command that waits", \
	  "One that has not read the last one is let go.") \
	X(CONTROL_CLIENT_PATIENCE, 15 * 1000, "ms", \
	  "the time for which a command hears nothing from the daemon", \
	  "It fails.") \
	X(CONTROL_LINE, 64 * LIMIT_KIB, "octets", \
	  "a line that a command sends", \
	  "It is told so, and fails.") \
	X(CONTROL_EVENT, LIMIT_MIB, "octets", \
	  "a line that it is sent", \
	  "It fails.") \
	X(CONTROL_OUT, 32 * LIMIT_MIB, "octets", \
	  "all that it is sent and has not read", \
	  "It is let go.") \
	X(PROFILE_LINE, 8 * LIMIT_KIB, "octets", \
	  "what bearerd providers says of a profile", \
	  "It is not said.") \
	X(CELL, 4 * LIMIT_KIB, "octets", \
	  "a cell of what bearerd status prints", \
	  "It is left empty.")

#define LIMITS_LOG(X) \
	X(LOG_QUEUE, 256 * LIMIT_KIB, "octets", \
	  "log lines that wait for who reads the log", \
	  "Further lines are dropped until half of it is free; " \
	  "log_dropped then says how many.") \
	X(LOG_LINE, 4 * LIMIT_KIB, "octets", \
	  "a log line", \
	  "Fields that do not fit are left out, and truncated=true says so.") \
	X(LOG_VALUE, 512, "octets", \
	  "a value in a log line", \
	  "It is cut.") \
	X(LOG_PERIOD, 1000, "ms", \
	  "the time in which a line of an event, service and reason is " \
	  "written once", \
	  "The others are counted; the next one (suppressed) or, when none " \
	  "comes, a line of their own (log_suppressed) says how many.") \
	X(LOG_REASONS, 5, "lines", \
	  "lines in that time of an event and service, for other reasons", \
	  "The same.") \
	X(LOG_KINDS, 512, "kinds", \
	  "kinds of log lines that are told apart for that", \
	  "The oldest is forgotten once its count is written.") \
	X(LOG_KIND, 160, "octets", \
	  "how much of a line's event, service and reason tells its kind", \
	  "Kinds that agree so far are one.") \
	X(LOG_END, 1000, "ms", \
	  "the time in which the log's reader takes nothing, at the end", \
	  "The process ends without it.") \
	X(LOG_PAUSE, 10, "ms", \
	  "the time between two attempts to write where another process has " \
	  "made the log's descriptor non-blocking", \
	  "It is tried again.")
/* clang-format on */
