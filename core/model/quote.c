#include "core/model/quote.h"

static const char *const tcb_words[] = {
	[TCB_UNKNOWN] = "unknown",
	[TCB_UPTODATE] = "UpToDate",
	[TCB_SWHARDENING] = "SWHardeningNeeded",
	[TCB_CONFIG] = "ConfigurationNeeded",
	[TCB_CONFIG_SWHARDENING] = "ConfigurationAndSWHardeningNeeded",
	[TCB_OUTOFDATE] = "OutOfDate",
	[TCB_OUTOFDATE_CONFIG] = "OutOfDateConfigurationNeeded",
	[TCB_RELAUNCH] = "TDRelaunchAdvised",
	[TCB_RELAUNCH_CONFIG] = "TDRelaunchAdvisedConfigurationNeeded",
	[TCB_REVOKED] = "Revoked",
	[TCB_NOTSUPPORTED] = "NotSupported",
};
const struct names tcb_status_names = NAMES(tcb_words);
