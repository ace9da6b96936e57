#include "base/standard.h"

#include <fcntl.h>
#include <unistd.h>

void standard_keep(void)
{
	/* open(2) takes the lowest free number, and those below are taken. It is kept over exec on purpose. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			_exit(6);
}
