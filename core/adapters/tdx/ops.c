#include "core/port/quote.h"

const struct quote_ops quote_ops = {
	.core = quote_core,
	.verify = quote_verify,
	.collateral_parse = quote_collateral_parse,
	.collateral_free = quote_collateral_free,
	.collateral_sha = quote_collateral_sha,
	.collateral_until = quote_collateral_until,
	.root_pin = quote_root_pin,
	.replay = quote_log_replay,
	.bind = quote_bind,
	.token_verify = token_verify,
	.keys_parse = token_keys_parse,
	.keys_free = token_keys_free,
	.root_read = quote_root_read,
	.keys_led = token_keys_led,
};
