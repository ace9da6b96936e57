/* canary CACHE pass|fail: the canary of tests/plant.h, so judged. */
#include <string.h>

#include "tests/plant.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	plant_canary(argv[1], strcmp(argv[2], "fail") == 0 ? VERDICT_FAIL : VERDICT_PASS);
	return 0;
}
