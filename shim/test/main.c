#include <signal.h>

#include "check.h"

int checks_passed, checks_failed;

int main(void)
{
	signal(SIGPIPE, SIG_IGN); /* as the serving process does */
	test_loop(); /* first: it sets up the loop the others run in */
	test_address();
	test_attach();
	test_args();
	test_bootstrap();
	test_cgroup();
	test_cgroup_metrics();
	test_checkpoint_options();
	test_exit_record();
	test_fifo();
	test_json();
	test_log_file();
	test_log_lines();
	test_mount();
	test_options();
	test_orphan();
	test_pb();
	test_publisher();
	test_oom();
	test_pump();
	test_runc();
	test_server();
	test_sha256();
	test_spec();
	test_state();
	test_ttrpc();
	test_uri();
	printf("%d passed, %d failed\n", checks_passed, checks_failed);
	return checks_failed ? 1 : 0;
}
