/*
 * confine.h - giving away for ever what a program that only shows never needs: to write, to start another program, to
 * gain rights, to talk over TCP.
 *
 * NO_NEW_PRIVS is asked of every kernel, Landlock (Linux 5.13; TCP since 6.7) of those that have it: best effort, for
 * the wall's safety rests on the code that is not in it. Reading stays as it was. Terminals below /dev may be written.
 */
#pragma once

#include "base/base.h"

enum confinement {
	CONFINE_NONE,  /* this kernel has no Landlock, or has it switched off */
	CONFINE_FILES, /* no file is written or executed */
	CONFINE_ALL,   /* and no TCP connection made or taken */
};

/* What this kernel could do. Changes nothing. */
enum confinement confine_possible(void);
/* Confines the calling thread and whatever it will start. Cannot be undone. Returns what is in force. */
enum confinement confine_to_reading(void);
