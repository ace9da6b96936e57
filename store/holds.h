/*
 * holds.h - rows of core/model/hold.h in the cache. The writer puts what it found and readers get all of a lane.
 *
 * Writing belongs into the transaction in which the finding itself is stored: nothing here begins or commits one.
 */
#pragma once

#include "core/model/hold.h"
#include "store/store.h"

#define HOLDS_A_KIND 100 /* ordinals: those of kind k begin at k * 100, so lanes list freezes before locks */

/* Replaces all holds of that kind of the lane by rows (n may be 0), in their order; lane, kind and ordinal of the rows
 * are set here. More than HOLDS_A_KIND is ERR_INVALID. */
int store_holds_put(struct store *s, const char *lane, enum hold_kind kind, const struct hold *rows, size_t n,
		    struct err *e) must_check;
/* Forgets what holds lanes that the cache has no row of any more. */
int store_holds_trim(struct store *s, struct err *e) must_check;
/* Of a lane (NULL: of all, by lane), those that ran out too; appended to *out, strings in a. */
int store_holds_read(struct holds *out, struct store *s, const char *lane, struct arena *a,
		     struct err *e) must_check;

/* Raises it, or says again what is open: `since` stays that of the first time. */
int store_alarm_put(struct store *s, const struct alarm *one, struct err *e) must_check;
int store_alarm_clear(struct store *s, enum alarm_kind kind, const char *subject, struct err *e) must_check;
/* Open alarms, oldest first: of a lane, NULL: all. Appended to *out, strings in a. */
int store_alarms_read(struct alarms *out, struct store *s, const char *lane, struct arena *a,
		      struct err *e) must_check;
