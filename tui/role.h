/*
 * role.h - what a cell means. Screens give roles, never colours; a theme turns a role into attributes when painting,
 * so golden screens hold for every theme. The letter stands for the role in golden files.
 */
#pragma once

enum role {
	ROLE_TEXT,
	ROLE_DIM,
	ROLE_TITLE, /* bars: header line, section rules */
	ROLE_HEAD,  /* column heads */
	ROLE_MARK,  /* the cursor's marker */
	ROLE_FAIL,
	ROLE_WAIT,
	ROLE_UNKN,
	ROLE_RUN,
	ROLE_HOLD,
	ROLE_STALE,
	ROLE_OK,
	ROLE_KEY,   /* a key that does something here */
	ROLE_DRILL, /* the mark of a simulated world */
	ROLE_PROD,  /* production is meant */
	ROLE_INPUT, /* what a person types */
	ROLE_ALARM, /* the feed stopped: a whole screen of it */
	ROLE_MAX_
};

extern const char *const role_names[ROLE_MAX_];
extern const char role_letters[ROLE_MAX_ + 1];
