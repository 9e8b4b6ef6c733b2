/* SPDX-License-Identifier: MIT */
/* Checks who could replace a file: goes along its path as the kernel does, by
 * descriptors that allow nothing but to look (O_PATH), and asks at each step
 * who could put something else there. */
#include "base/ownership.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"

enum {
	LINKS_MAX = 40,     /* as the kernel has it, path_resolution(7) */
	GROUPS_MAX = 65536, /* NGROUPS_MAX of the kernel */
	NAME_OCTETS = 128,  /* of a user or group, in a fault */
	MAY_READ = 1 << 2,
	MAY_WRITE = 1 << 1,
};

/* One step of a walk: what is looked at, and what to call it. */
struct ownership_seen {
	int fd;
	struct stat st;
	const char *what; /* "the directory ", or "" */
	const char *path;
};

struct walk {
	const struct ownership *who;
	int dir;          /* where it is now */
	bool sticky;      /* everybody can add files there */
	bool relative;    /* the path was */
	struct buf where; /* the path of dir, as it was gone */
	struct buf rest;  /* of the path */
	int links;
	struct fault *f;
};

/* ---- users and groups ---- */

/* The C library answers in memory that all threads share. */
static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;

struct ownership ownership_of_process(void)
{
	return (struct ownership){ geteuid(), geteuid() };
}

static bool is_trusted(const struct ownership *who, uid_t uid)
{
	return uid == 0 || uid == who->user || uid == who->owner;
}

/* Number n, from 0, of those that a small file begins with; the fallback where
 * there is none. */
static unsigned long number_in(const char *path, int n, unsigned long fallback)
{
	FILE *file = fopen(path, "re");
	unsigned long number = fallback;
	bool good = file != NULL;

	for (int i = 0; good && i <= n; i++)
		good = fscanf(file, "%lu", &number) == 1;
	if (file)
		(void)fclose(file);
	return good ? number : fallback;
}

/* Whether it stands for all users that this user namespace does not know
 * (user_namespaces(7)). To a container that an ordinary user has made that is
 * the machine's root too, whose /home is. */
static bool is_unknown(uid_t uid)
{
	enum { OVERFLOW_UID = 65534 };

	return uid == number_in("/proc/sys/kernel/overflowuid", 0,
				OVERFLOW_UID) &&
	       number_in("/proc/self/uid_map", 2, UINT32_MAX) < UINT32_MAX;
}

static void user_name(uid_t uid, char name[NAME_OCTETS])
{
	const struct passwd *pw;

	pthread_mutex_lock(&names_lock);
	pw = getpwuid(uid);
	if (pw)
		(void)snprintf(name, NAME_OCTETS, "%s", pw->pw_name);
	else
		(void)snprintf(name, NAME_OCTETS, "user %lu",
			       (unsigned long)uid);
	pthread_mutex_unlock(&names_lock);
}

static void group_name(gid_t gid, char name[NAME_OCTETS])
{
	const struct group *gr;

	pthread_mutex_lock(&names_lock);
	gr = getgrgid(gid);
	if (gr)
		(void)snprintf(name, NAME_OCTETS, "the group %s", gr->gr_name);
	else
		(void)snprintf(name, NAME_OCTETS, "the group %lu",
			       (unsigned long)gid);
	pthread_mutex_unlock(&names_lock);
}

static bool is_own_group(gid_t gid)
{
	gid_t *groups;
	bool found = gid == getegid();
	int n = getgroups(0, NULL);

	if (found || n <= 0 || n > GROUPS_MAX)
		return found;
	groups = mem_array((size_t)n, sizeof(*groups));
	n = getgroups(n, groups);
	for (int i = 0; i < n; i++)
		found |= groups[i] == gid;
	mem_free(groups);
	return found;
}

/* Counts the members that the group's own line names. */
static void count_named(const struct ownership *who, gid_t gid, size_t *trusted,
			size_t *others)
{
	const struct group *gr = getgrgid(gid);

	for (char **name = gr ? gr->gr_mem : NULL; name && *name; name++) {
		const struct passwd *pw = getpwnam(*name);

		*(pw && is_trusted(who, pw->pw_uid) ? trusted : others) += 1;
	}
}

/* Counts the users whose first group it is. */
static void count_primary(const struct ownership *who, gid_t gid,
			  size_t *trusted, size_t *others)
{
	const struct passwd *pw;

	setpwent();
	while ((pw = getpwent()) != NULL)
		if (pw->pw_gid == gid)
			*(is_trusted(who, pw->pw_uid) ? trusted : others) += 1;
	endpwent();
}

/* Whether trusted users are in the group, and nobody else. One without any
 * member is for programs that are run with it (setgid). */
static bool is_private_group(const struct ownership *who, gid_t gid)
{
	size_t trusted = is_own_group(gid), others = 0;

	pthread_mutex_lock(&names_lock);
	count_named(who, gid, &trusted, &others);
	count_primary(who, gid, &trusted, &others);
	pthread_mutex_unlock(&names_lock);
	return trusted > 0 && others == 0;
}

/* ---- access control lists ---- */

/* As in an extended attribute of Linux (include/uapi/linux/posix_acl_xattr.h);
 * numbers are little-endian. */
static const char acl_attribute[] = "system.posix_acl_access";

enum { ACL_VERSION = 2, ACL_ENTRIES_MAX = 1024 };
enum {
	ACL_USER = 0x02,
	ACL_GROUP_OBJ = 0x04,
	ACL_GROUP = 0x08,
	ACL_MASK = 0x10
};

struct acl_entry {
	uint16_t tag, perm;
	uint32_t id;
};

struct acl {
	uint32_t version;
	struct acl_entry entries[ACL_ENTRIES_MAX];
};

/* How many entries the file has: 0 where its mode says all, -1 where that
 * cannot be seen. */
static ssize_t acl_read(int fd, struct acl *acl)
{
	char path[64];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = getxattr(path, acl_attribute, acl, sizeof(*acl));
	if (n < 0)
		return errno == ENODATA || errno == EOPNOTSUPP ? 0 : -1;
	if (n < (ssize_t)sizeof(acl->version) ||
	    le32toh(acl->version) != ACL_VERSION)
		return -1;
	n = (n - (ssize_t)sizeof(acl->version)) /
	    (ssize_t)sizeof(acl->entries[0]);
	for (ssize_t i = 0; i < n; i++) {
		struct acl_entry *e = &acl->entries[i];

		*e = (struct acl_entry){ le16toh(e->tag), le16toh(e->perm),
					 le32toh(e->id) };
	}
	return n;
}

static unsigned acl_mask(const struct acl *acl, ssize_t n)
{
	for (ssize_t i = 0; i < n; i++)
		if (acl->entries[i].tag == ACL_MASK)
			return acl->entries[i].perm;
	return MAY_READ | MAY_WRITE;
}

/* ---- one file or directory ---- */

static bool user_may(const struct ownership *who, uid_t uid, char *name)
{
	if (is_trusted(who, uid))
		return false;
	user_name(uid, name);
	return true;
}

static bool group_may(const struct ownership *who, gid_t gid, char *name)
{
	if (is_private_group(who, gid))
		return false;
	group_name(gid, name);
	return true;
}

/* Whether somebody who is not trusted may read or write, and who. */
static bool others_may(const struct ownership *who,
		       const struct ownership_seen *s, unsigned may,
		       char name[NAME_OCTETS])
{
	struct acl acl;
	bool found = false;
	unsigned mask;
	ssize_t n;

	(void)snprintf(name, NAME_OCTETS, "everybody");
	if (s->st.st_mode & may)
		return true;
	/* Where there is a list, the group's bits are its mask. */
	if (!(s->st.st_mode & may << 3))
		return false;
	n = acl_read(s->fd, &acl);
	if (n < 0)
		(void)snprintf(name, NAME_OCTETS,
			       "whom its access control list names");
	if (n <= 0)
		return n < 0 || group_may(who, s->st.st_gid, name);
	mask = acl_mask(&acl, n);
	for (ssize_t i = 0; !found && i < n; i++) {
		const struct acl_entry *e = &acl.entries[i];

		if (!(e->perm & mask & may))
			continue;
		if (e->tag == ACL_USER)
			found = user_may(who, e->id, name);
		else if (e->tag == ACL_GROUP)
			found = group_may(who, e->id, name);
		else if (e->tag == ACL_GROUP_OBJ)
			found = group_may(who, s->st.st_gid, name);
	}
	return found;
}

static bool is_mounted_read_only(int fd)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

static enum ownership_result bad_owner(const struct ownership *who,
				       const struct ownership_seen *s,
				       struct fault *f)
{
	uid_t one_more = who->user ? who->user : who->owner;
	char name[NAME_OCTETS], trusted[NAME_OCTETS];

	user_name(s->st.st_uid, name);
	user_name(one_more, trusted);
	fault_set(f, "%s%s belongs to %s, and not to root%s%s: chown it%s%s",
		  s->what, s->path, name, one_more ? " or " : "",
		  one_more ? trusted : "", who->user ? "" : ", or run this as ",
		  who->user ? "" : name);
	return OWNERSHIP_BAD;
}

static unsigned mode_of(const struct ownership_seen *s)
{
	return (unsigned)s->st.st_mode & 07777;
}

static enum ownership_result check_writers(const struct ownership *who,
					   const struct ownership_seen *s,
					   struct fault *f)
{
	char name[NAME_OCTETS];

	if (!others_may(who, s, MAY_WRITE, name) || is_mounted_read_only(s->fd))
		return OWNERSHIP_GOOD;
	fault_set(f, "%s%s can be written by %s (mode %04o): chmod go-w it",
		  s->what, s->path, name, mode_of(s));
	return OWNERSHIP_BAD;
}

/* In one that is the user's own no group has to read; else that may be the
 * only way for the user to read it. */
static enum ownership_result check_key(const struct ownership *who,
				       const struct ownership_seen *s,
				       struct fault *f)
{
	char name[NAME_OCTETS];
	struct acl acl;

	if (s->st.st_uid == who->user && (s->st.st_mode & 077) &&
	    acl_read(s->fd, &acl) <= 0) {
		fault_set(f,
			  "%s can be read or written by others than its "
			  "owner (mode %04o): chmod 600 it",
			  s->path, mode_of(s));
		return OWNERSHIP_BAD;
	}
	if (!others_may(who, s, MAY_READ, name))
		return OWNERSHIP_GOOD;
	fault_set(f,
		  "%s can be read by %s (mode %04o): nobody but its user "
		  "may (chmod 600)",
		  s->path, name, mode_of(s));
	return OWNERSHIP_BAD;
}

/* ---- the walk ---- */

/* Whether everybody can search the directory and all above it. */
static bool is_reachable(int dir)
{
	int fd = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st, last = { 0 };
	bool open = true, top = false;

	while (open && !top && fd >= 0) {
		int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		open = fstat(fd, &st) == 0 && (st.st_mode & S_IXOTH);
		top = st.st_dev == last.st_dev && st.st_ino == last.st_ino;
		last = st;
		close(fd);
		fd = up;
	}
	if (fd >= 0)
		close(fd);
	return open;
}

static enum ownership_result check_file(struct walk *w,
					const struct ownership_seen *s,
					enum ownership_use use)
{
	enum ownership_result result;

	/* First, since what it says covers the writers. */
	result = use == OWNERSHIP_KEY ? check_key(w->who, s, w->f)
				      : OWNERSHIP_GOOD;
	if (result == OWNERSHIP_GOOD && !is_trusted(w->who, s->st.st_uid))
		result = bad_owner(w->who, s, w->f);
	if (result == OWNERSHIP_GOOD)
		result = check_writers(w->who, s, w->f);
	if (result == OWNERSHIP_GOOD && use == OWNERSHIP_SECRET &&
	    (s->st.st_mode & S_IROTH) && is_reachable(w->dir)) {
		fault_set(w->f,
			  "%s holds a secret, and everybody can read it "
			  "(mode %04o): chmod o-r it",
			  s->path, mode_of(s));
		result = OWNERSHIP_EXPOSED;
	}
	return result;
}

/* Whoever made a user namespace has chosen the directories in it. */
static enum ownership_result check_directory(const struct walk *w,
					     const struct ownership_seen *s)
{
	if (!is_trusted(w->who, s->st.st_uid) && !is_unknown(s->st.st_uid))
		return bad_owner(w->who, s, w->f);
	if (s->st.st_mode & S_ISVTX)
		return OWNERSHIP_GOOD;
	return check_writers(w->who, s, w->f);
}

/* Goes into the directory; takes s->fd over where that is good. */
static enum ownership_result enter(struct walk *w,
				   const struct ownership_seen *s)
{
	enum ownership_result result = check_directory(w, s);

	if (result != OWNERSHIP_GOOD)
		return result;
	if (w->dir >= 0)
		close(w->dir);
	w->dir = s->fd;
	w->sticky = s->st.st_mode & S_ISVTX;
	return result;
}

static enum ownership_result enter_root(struct walk *w)
{
	struct ownership_seen s = { .what = "the directory ", .path = "/" };
	enum ownership_result result;

	s.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s.fd < 0 || fstat(s.fd, &s.st) < 0) {
		fault_errno(w->f, errno, "cannot look at /");
		return OWNERSHIP_BAD;
	}
	buf_reset(&w->where);
	result = enter(w, &s);
	if (result != OWNERSHIP_GOOD)
		close(s.fd);
	return result;
}

/* Puts where the link leads in front of the rest. */
static enum ownership_result follow(struct walk *w,
				    const struct ownership_seen *s)
{
	struct buf rest = BUF_INIT(2 * PATH_MAX);
	char target[PATH_MAX];
	ssize_t n;

	/* Where only owners can exchange it, its owner decides. */
	if (w->sticky && !is_trusted(w->who, s->st.st_uid))
		return bad_owner(w->who, s, w->f);
	n = readlinkat(s->fd, "", target, sizeof(target));
	if (n < 0 || n == sizeof(target) || w->links++ == LINKS_MAX) {
		fault_errno(w->f, n < 0 ? errno : ELOOP, "cannot follow %s",
			    s->path);
		return OWNERSHIP_BAD;
	}
	buf_add(&rest, target, (size_t)n);
	buf_add_char(&rest, '/');
	buf_add_str(&rest, buf_str(&w->rest));
	buf_fini(&w->rest);
	w->rest = rest;
	if (!buf_ok(&rest)) {
		fault_errno(w->f, ENAMETOOLONG, "cannot follow %s", s->path);
		return OWNERSHIP_BAD;
	}
	return target[0] == '/' ? enter_root(w) : OWNERSHIP_GOOD;
}

/* Takes the next name off the rest; false at its end. */
static bool next_name(struct walk *w, char name[NAME_MAX + 1])
{
	struct str rest = buf_str(&w->rest);
	size_t from = 0, n;

	while (from < rest.n && rest.p[from] == '/')
		from++;
	rest = str_from(rest, from);
	n = str_find(rest, '/');
	if (n == 0 || n > NAME_MAX)
		return false;
	memcpy(name, rest.p, n);
	name[n] = '\0';
	buf_drop(&w->rest, from + n);
	return true;
}

/* Who opens an absolute path fails in the same way. But from the working
 * directory there may be a way that does not begin at the root. */
static enum ownership_result leads_nowhere(struct walk *w,
					   const struct ownership_seen *s)
{
	if (!w->relative || errno == ENOENT || errno == ENOTDIR)
		return OWNERSHIP_GOOD;
	fault_errno(w->f, errno, "cannot look at %s", s->path);
	return OWNERSHIP_BAD;
}

/* The path of dir has no links in it: ".." takes its last name away. */
static void add_where(struct walk *w, const char *name)
{
	const char *slash;

	if (!strcmp(name, "..")) {
		slash = strrchr(buf_z(&w->where), '/');
		buf_cut(&w->where,
			slash ? (size_t)(slash - buf_z(&w->where)) : 0);
		return;
	}
	buf_addf(&w->where, "/%s", name);
}

/* One name: a link is followed, a directory entered; *end where it was
 * anything else, or nothing. */
static enum ownership_result step(struct walk *w, const char *name,
				  enum ownership_use use, bool *end)
{
	ATTR_CLEANUP(buf_fini) struct buf path = BUF_INIT(4 * PATH_MAX);
	struct ownership_seen s = { .what = "" };
	enum ownership_result result;

	buf_addf(&path, "%s/%s", buf_z(&w->where), name);
	s.path = buf_z(&path);
	s.fd = openat(w->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	*end = s.fd < 0 || fstat(s.fd, &s.st) < 0;
	if (*end) {
		result = leads_nowhere(w, &s);
	} else if (S_ISLNK(s.st.st_mode)) {
		s.what = "the link ";
		result = follow(w, &s);
	} else if (S_ISDIR(s.st.st_mode)) {
		s.what = "the directory ";
		result = enter(w, &s);
		if (result == OWNERSHIP_GOOD) {
			s.fd = -1;
			add_where(w, name);
		}
	} else if (S_ISCHR(s.st.st_mode)) {
		/* What is written to /dev/null is not read from there. */
		*end = true;
		result = OWNERSHIP_GOOD;
	} else {
		*end = true;
		result = check_file(w, &s, use);
	}
	if (s.fd >= 0)
		close(s.fd);
	return result;
}

static enum ownership_result walk_start(struct walk *w, const char *path)
{
	char cwd[PATH_MAX];

	w->relative = path[0] != '/';
	if (w->relative) {
		if (!getcwd(cwd, sizeof(cwd))) {
			fault_errno(w->f, errno, "cannot tell where %s is",
				    path);
			return OWNERSHIP_BAD;
		}
		buf_addf(&w->rest, "%s/", cwd);
	}
	buf_add_z(&w->rest, path);
	if (!buf_ok(&w->rest)) {
		fault_errno(w->f, ENAMETOOLONG, "%.64s...", path);
		return OWNERSHIP_BAD;
	}
	return enter_root(w);
}

enum ownership_result ownership_check(const struct ownership *who,
				      const char *path, enum ownership_use use,
				      struct fault *f)
{
	struct walk w = { .who = who,
			  .dir = -1,
			  .where = BUF_INIT(4 * PATH_MAX),
			  .rest = BUF_INIT(2 * PATH_MAX),
			  .f = f };
	enum ownership_result result = walk_start(&w, path);
	char name[NAME_MAX + 1];
	bool end = false;

	while (result == OWNERSHIP_GOOD && !end && next_name(&w, name))
		if (strcmp(name, ".") != 0)
			result = step(&w, name, use, &end);
	if (w.dir >= 0)
		close(w.dir);
	buf_fini(&w.where);
	buf_fini(&w.rest);
	return result;
}
