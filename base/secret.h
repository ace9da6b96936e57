/*
 * secret.h - a token is a type of its own, so that it cannot be printed by accident.
 *
 * The bytes are wiped when the secret is released; secret_redact() removes every occurrence of a secret, and of the
 * well-known shapes (ghp_, gho_, ghu_, ghs_, ghr_, github_pat_, Bearer, Basic), from text that is about to be logged.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

struct secret {
	char *bytes; /* NULL when there is none */
	size_t n;
};

#define SECRET_INIT \
	{           \
		0   \
	}
#define SECRET_MAX 4096

/* Refuses empty values, control characters and blanks (header injection). */
int secret_set(struct secret *s, const char *value, struct err *e) must_check;
/* Reads a file that must be regular, ours, 0600 or stricter, and no symlink (ssh's rule); a last newline is dropped. */
int secret_read_file(struct secret *s, const char *path, struct err *e) must_check;
/*
 * A token's file that a cluster may have mounted, such as a service account's. Two kinds of file are read:
 *  - a plain one, as secret_read_file() demands: ours, 0600 or stricter, no link;
 *  - what the kubelet projects into a pod, which is a link always: NAME -> ..data/NAME with ..data -> ..SOMETHING beside
 *    it, so that it can replace the token by renaming one link. Followed by hand, exactly that and nothing else; folders,
 *    links and file must be root's or ours and writable by nobody else (but for a sticky folder of root: the mount itself
 *    is 1777). Others may read it there (0644): the pod's file system is the wall between readers, not the mode.
 */
int secret_read_mounted(struct secret *s, const char *path, struct err *e) must_check;
/* Takes an environment variable and overwrites it in environ. 1 when it is unset or empty. */
int secret_take_env(struct secret *s, const char *name, struct err *e) must_check;
void secret_done(struct secret *s);
void secret_redact(struct buf *out, const char *text, const struct secret *s);
