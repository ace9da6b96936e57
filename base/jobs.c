#include "base/jobs.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct job {
	struct job *next;
	job_work work;
	job_done done;
	void *ctx;
};

struct queue {
	struct job *first, **end;
};

/* `lock` guards todo, ready and stop; the rest is the loop's alone. */
struct jobs {
	struct loop *loop;
	struct queue todo, ready;
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t more;
	pthread_t thread;
	bool started;
	int fd;              /* the thread says that something is ready */
	struct watch *watch; /* of fd; NULL: without a thread */
	struct timer *timer; /* without a thread */
	size_t waiting;
};

static void queue_init(struct queue *q)
{
	q->first = NULL;
	q->end = &q->first;
}

static void queue_push(struct queue *q, struct job *one)
{
	one->next = NULL;
	*q->end = one;
	q->end = &one->next;
}

static struct job *queue_take(struct queue *q)
{
	struct job *one = q->first;

	if (one && !(q->first = one->next))
		q->end = &q->first;
	return one;
}

/* ---- the thread --------------------------------------------------------------------------------------------------------- */

/* The next job, or NULL: it is over. Called with the lock. */
static struct job *next_job(struct jobs *j)
{
	while (!j->stop && !j->todo.first)
		pthread_cond_wait(&j->more, &j->lock);
	return j->stop ? NULL : queue_take(&j->todo);
}

static void tell_loop(const struct jobs *j)
{
	const uint64_t one = 1;

	/* Full is as good as told: it takes 2^64 - 1 to be. */
	if (write(j->fd, &one, sizeof(one)) < 0)
		return;
}

static void *run(void *ctx)
{
	struct jobs *j = ctx;
	struct job *one;

	pthread_mutex_lock(&j->lock);
	while ((one = next_job(j))) {
		pthread_mutex_unlock(&j->lock);
		one->work(one->ctx);
		pthread_mutex_lock(&j->lock);
		queue_push(&j->ready, one);
		tell_loop(j);
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

/* Signals are the loop's. */
static bool start(struct jobs *j)
{
	sigset_t all, before;

	if (j->started)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	j->started = pthread_create(&j->thread, NULL, run, j) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return j->started;
}

/* ---- the loop ----------------------------------------------------------------------------------------------------------- */

/* What is ready now: a job that is added by one of these waits for the next step. */
static void deliver(struct jobs *j)
{
	struct queue now;
	struct job *one;

	queue_init(&now);
	pthread_mutex_lock(&j->lock);
	while ((one = queue_take(&j->ready)))
		queue_push(&now, one);
	pthread_mutex_unlock(&j->lock);
	while ((one = queue_take(&now))) {
		j->waiting--;
		one->done(one->ctx, true);
		free(one);
	}
}

static void on_ready(void *ctx, int fd, unsigned events)
{
	uint64_t n;

	(void)events;
	if (read(fd, &n, sizeof(n)) == (ssize_t)sizeof(n))
		deliver(ctx);
}

static void on_time(void *ctx)
{
	deliver(ctx);
}

struct jobs *jobs_new(struct loop *l)
{
	struct jobs *j = x_alloc(sizeof(*j));

	j->loop = l;
	queue_init(&j->todo);
	queue_init(&j->ready);
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->more, NULL);
	j->fd = loop_clock(l)->manual ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (j->fd >= 0)
		j->watch = watch_new(l, j->fd, WATCH_READ, on_ready, j);
	else
		j->timer = timer_new(l, on_time, j);
	return j;
}

static void join(struct jobs *j)
{
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_signal(&j->more);
	pthread_mutex_unlock(&j->lock);
	if (j->started)
		pthread_join(j->thread, NULL);
}

static void give_up(struct queue *q, bool ran)
{
	struct job *one;

	while ((one = queue_take(q))) {
		one->done(one->ctx, ran);
		free(one);
	}
}

void jobs_free(struct jobs *j)
{
	if (!j)
		return;
	join(j);
	give_up(&j->ready, true);
	give_up(&j->todo, false);
	watch_free(j->watch);
	timer_free(j->timer);
	if (j->fd >= 0)
		close(j->fd);
	pthread_cond_destroy(&j->more);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

static void hand_over(struct jobs *j, struct job *one)
{
	if (!j->watch)
		one->work(one->ctx);
	pthread_mutex_lock(&j->lock);
	queue_push(j->watch ? &j->todo : &j->ready, one);
	pthread_cond_signal(&j->more);
	pthread_mutex_unlock(&j->lock);
	if (j->timer)
		timer_in(j->timer, 0);
}

bool jobs_add(struct jobs *j, job_work work, job_done done, void *ctx)
{
	struct job *one;

	if (j->stop || j->waiting >= JOBS_MAX || (j->watch && !start(j)))
		return false;
	one = x_alloc(sizeof(*one));
	*one = (struct job){ .work = work, .done = done, .ctx = ctx };
	j->waiting++;
	hand_over(j, one);
	return true;
}
