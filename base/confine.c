#include "base/confine.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The numbers of include/uapi/linux/landlock.h that headers of Linux 6.1 do not have yet. */
#define FS_TRUNCATE (UINT64_C(1) << 14) /* version 3 */
#define NET_TCP     UINT64_C(3)         /* version 4: bind and connect */

#define FS_WRITES                                                                                      \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |  \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |   \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* As the kernel has it since version 4; older ones take the first member alone. */
struct ruleset {
	uint64_t fs, net;
};

static int version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static enum confinement of_version(int v)
{
	return v < 1 ? CONFINE_NONE : v < 4 ? CONFINE_FILES : CONFINE_ALL;
}

enum confinement confine_possible(void)
{
	return of_version(version());
}

static void allow_terminals(int ruleset)
{
	struct landlock_path_beneath_attr below = { .allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE };

	below.parent_fd = open("/dev", O_PATH | O_CLOEXEC);
	if (below.parent_fd < 0)
		return;
	/* if not, then even terminals cannot be opened for writing: what is open stays open */
	(void)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	close(below.parent_fd);
}

enum confinement confine_to_reading(void)
{
	struct ruleset all = { .fs = FS_WRITES };
	int v = version(), ruleset, r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || v < 1)
		return CONFINE_NONE;
	if (v >= 3)
		all.fs |= FS_TRUNCATE;
	if (v >= 4)
		all.net = NET_TCP;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &all,
			       v < 4 ? offsetof(struct ruleset, net) : sizeof(all), 0);
	if (ruleset < 0)
		return CONFINE_NONE;
	allow_terminals(ruleset);
	r = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
	return r < 0 ? CONFINE_NONE : of_version(v);
}
