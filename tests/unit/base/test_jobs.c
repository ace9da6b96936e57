/* Work is done beside the loop, told of in it, once, in order, and the queue has an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "base/jobs.h"

struct fixture {
	struct clock clock;
	struct loop *loop;
	struct jobs *jobs;
	int told, ran, order_bad;
	int64_t sum;
	pthread_mutex_t gate; /* held: work waits */
	pthread_t of_work;
};

struct piece {
	struct fixture *f;
	int n;
	int64_t result;
};

static struct piece pieces[JOBS_MAX + 1];

static void work(void *ctx)
{
	struct piece *p = ctx;

	pthread_mutex_lock(&p->f->gate);
	pthread_mutex_unlock(&p->f->gate);
	for (int i = 0; i <= p->n; i++)
		p->result += i;
	p->f->of_work = pthread_self();
}

static void done(void *ctx, bool ran)
{
	struct piece *p = ctx;

	p->f->order_bad += p->n != p->f->told;
	p->f->told++;
	p->f->ran += ran;
	p->f->sum += p->result;
}

static void open_on(struct fixture *f, bool manual)
{
	memset(f, 0, sizeof(*f));
	pthread_mutex_init(&f->gate, NULL);
	if (manual)
		clock_manual(&f->clock, (struct when){ 1000 });
	else
		clock_real(&f->clock);
	f->loop = loop_new(&f->clock);
	f->jobs = jobs_new(f->loop);
}

static void shut(struct fixture *f)
{
	jobs_free(f->jobs);
	loop_free(f->loop);
	pthread_mutex_destroy(&f->gate);
}

static bool add(struct fixture *f, int n)
{
	pieces[n] = (struct piece){ .f = f, .n = n };
	return jobs_add(f->jobs, work, done, &pieces[n]);
}

static void a_thread_works_and_the_loop_is_told(void **state)
{
	struct fixture f;

	(void)state;
	open_on(&f, false);
	for (int i = 0; i < 100; i++)
		assert_true(add(&f, i));
	assert_int_equal(f.told, 0);
	while (f.told < 100)
		loop_step(f.loop, -1);
	assert_int_equal(f.told, 100);
	assert_int_equal(f.ran, 100);
	assert_int_equal(f.order_bad, 0);
	assert_int_equal(f.sum, 166650); /* of i(i+1)/2 for 0..99 */
	assert_false(pthread_equal(f.of_work, pthread_self()));
	shut(&f);
}

static void a_manual_clock_has_no_thread(void **state)
{
	struct fixture f;

	(void)state;
	open_on(&f, true);
	assert_true(add(&f, 0));
	assert_true(pthread_equal(f.of_work, pthread_self()));
	assert_int_equal(f.told, 0); /* from the loop, never from inside the call */
	loop_step(f.loop, 0);
	assert_int_equal(f.told, 1);
	assert_int_equal(f.sum, 0);
	shut(&f);
}

static void the_queue_is_bounded_and_given_up_at_the_end(void **state)
{
	struct fixture f;

	(void)state;
	open_on(&f, false);
	pthread_mutex_lock(&f.gate);
	for (int i = 0; i < JOBS_MAX; i++)
		assert_true(add(&f, i));
	assert_false(add(&f, JOBS_MAX));
	pthread_mutex_unlock(&f.gate);
	jobs_free(f.jobs);
	assert_int_equal(f.told, JOBS_MAX); /* each exactly once, run or not */
	assert_int_equal(f.order_bad, 0);
	f.jobs = NULL;
	shut(&f);
}

static void without_a_job_there_is_no_thread_to_join(void **state)
{
	struct fixture f;

	(void)state;
	open_on(&f, false);
	shut(&f);
	jobs_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_works_and_the_loop_is_told),
		cmocka_unit_test(a_manual_clock_has_no_thread),
		cmocka_unit_test(the_queue_is_bounded_and_given_up_at_the_end),
		cmocka_unit_test(without_a_job_there_is_no_thread_to_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
