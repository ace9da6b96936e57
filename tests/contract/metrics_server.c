#include "contract/metrics.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { ROOM = 600 };

void server_config(const char *dir, const char *scrape)
{
	char path[ROOM];
	FILE *f;

	snprintf(path, sizeof(path), "%s/prometheus.yml", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "global: { scrape_interval: 1s, scrape_timeout: 1s }\n%s", scrape);
	assert_int_equal(fclose(f), 0);
}

static noreturn_fn void become_server(const char *dir, const char *web)
{
	char config[ROOM], data[ROOM], own[ROOM];
	const char *argv[] = { "prometheus",
			       config,
			       data,
			       "--web.listen-address=127.0.0.1:0",
			       "--query.max-samples=200000",
			       "--log.level=info",
			       web ? own : NULL,
			       NULL };

	snprintf(config, sizeof(config), "--config.file=%s/prometheus.yml", dir);
	snprintf(data, sizeof(data), "--storage.tsdb.path=%s/data", dir);
	snprintf(own, sizeof(own), "--web.config.file=%s", web ? web : "");
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

pid_t server_start(const char *dir, const char *web)
{
	char path[ROOM];
	pid_t server;
	int log;

	snprintf(path, sizeof(path), "%s/log", dir);
	log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(log >= 0);
	server = fork();
	assert_true(server >= 0);
	if (!server) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		become_server(dir, web);
	}
	close(log);
	return server;
}

int server_port(const char *dir)
{
	static const char says[] = "msg=\"Listening on\" address=127.0.0.1:";
	char path[ROOM], line[1024];
	int port = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/log", dir);
	f = fopen(path, "r");
	while (!port && f && fgets(line, sizeof(line), f)) {
		const char *at = strchr(line, '\n') ? strstr(line, says) : NULL;

		port = at ? atoi(at + strlen(says)) : 0;
	}
	if (f)
		fclose(f);
	return port;
}

void server_stop(pid_t server)
{
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
}
