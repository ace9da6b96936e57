/*
 * contract.h - the workflow file at the ref that is to be dispatched: what it takes, what of it is sent, and which parts of
 * our contract with it hold (shield.h). A file that could not be read leaves the profile's word.
 */
#pragma once

#include "core/engine/act.h"

void contract_read(struct ask *k); /* the workflow file at the ref */
void contract_form(struct ask *k); /* its inputs, into plan.form */
bool contract_declares(const struct plan *p, const char *name);
/* An input that is our contract with the workflow goes out only where its file, as far as it was read, has it. */
bool contract_sends(const struct plan *p, const struct profile_input *in);
void contract_write_shield(struct jw *w, const struct ask *k);
void contract_write(struct jw *w, const struct ask *k); /* member `inputs` of the open object */
void contract_judge(struct ask *k);                     /* against the request that would be sent */
