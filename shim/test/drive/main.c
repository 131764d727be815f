/*
 * A daemon of one container: starts a shim on a bundle and prints what it answers and tells.
 *
 *     drive SHIM BUNDLE ID
 *
 * The container is created and started, its statistics are printed, the file "go" is made in its root file system, and
 * when init has ended they are printed again. Events are printed as they come. Exit status 1: a call failed.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "address.h"
#include "client.h"
#include "file.h"
#include "metrics.h"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Answers the calls of the shim and prints their topics until it hangs up. */
static void serve_events(int listen_fd)
{
	int fd = fcntl(listen_fd, F_SETFL, 0) ? -1 : accept(listen_fd, NULL, NULL);
	struct ttrpc_parser in = {0};
	while (client_frame(fd, &in)) {
		struct ttrpc_request r;
		struct buf out = {0};
		if (!ttrpc_decode_request(in.body.p, in.body.len, &r))
			break;
		struct pb forward = pb_over(r.payload, r.payload_len), envelope = {0};
		if (pb_next(&forward))
			envelope = pb_over(forward.data, forward.len);
		while (pb_next(&envelope))
			if (pb_is(&envelope, 3, PB_BYTES))
				printf("event %.*s\n", (int)envelope.len, (const char *)envelope.data);
		fflush(stdout);
		ttrpc_put_response(&out, in.h.stream, RPC_OK, "", NULL);
		if (write(fd, out.p, out.len) != (ssize_t)out.len)
			break;
		buf_free(&out);
		buf_free(&in.body);
	}
	_exit(0);
}

/* Runs the shim's start command in the bundle; returns a connection to the socket it names. */
static int start_shim(const char *shim, const char *bundle, const char *id, const char *daemon)
{
	int out[2];
	char address[256];
	if (pipe(out))
		die("pipe");
	if (!fork()) {
		int none = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (chdir(bundle) || dup2(none, 0) < 0 || dup2(out[1], 1) < 0)
			die(bundle);
		close(out[0]);
		close(out[1]);
		execl(shim, shim, "-namespace", CLIENT_NAMESPACE, "-address", daemon, "-publish-binary", "/bin/false", "-id", id, "start",
		      (char *)NULL);
		die(shim);
	}
	close(out[1]);
	size_t n = 0;
	for (ssize_t r; n < sizeof address - 1 && (r = read(out[0], address + n, sizeof address - 1 - n)) > 0;)
		n += (size_t)r;
	close(out[0]);
	address[n] = 0;
	address[strcspn(address, "\n")] = 0;
	return client_connect(address_strip(address));
}

/* Calls and prints a failure; the answer's bytes stay in *answer. */
static void call(int fd, const char *method, struct buf *request, struct buf *answer)
{
	struct buf error = {0};
	if (!client_call(fd, method, request, answer, &error)) {
		printf("failed %s: %s\n", method, buf_cstr(&error));
		exit(1);
	}
	buf_free(request);
}

static void print_stats(int fd, const char *id, const char *when)
{
	struct buf request = {0}, answer = {0}, text = {0};
	pb_str(&request, 1, id);
	call(fd, "Stats", &request, &answer);
	struct pb r = pb_over(answer.p, answer.len), any = {0};
	if (pb_next(&r))
		any = pb_over(r.data, r.len);
	const struct metrics_field *message = NULL;
	while (pb_next(&any)) {
		if (any.field == 1) {
			printf("stats %s %.*s\n", when, (int)any.len, (const char *)any.data);
			message = memmem(any.data, any.len, ".v2.", 4) ? metrics_v2 : metrics_v1;
		} else if (message) {
			metrics_text(&text, message, any.data, any.len);
		}
	}
	fputs(buf_cstr(&text), stdout);
	buf_free(&text);
	buf_free(&answer);
}

static void run(int fd, const char *bundle, const char *id)
{
	struct buf request = {0}, answer = {0};
	pb_str(&request, 1, id);
	pb_str(&request, 2, bundle);
	call(fd, "Create", &request, &answer);
	pb_str(&request, 1, id);
	call(fd, "Start", &request, &answer);
	print_stats(fd, id, "running");
	char *go = path_join(bundle, "rootfs/go");
	if (!go || file_write(go, 0600, "", 0))
		die("go");
	free(go);
	pb_str(&request, 1, id);
	call(fd, "Wait", &request, &answer);
	struct pb r = pb_over(answer.p, answer.len);
	printf("exit %llu\n", pb_next(&r) && pb_is(&r, 1, PB_VARINT) ? (unsigned long long)r.num : 0);
	print_stats(fd, id, "ended");
	pb_str(&request, 1, id);
	call(fd, "Delete", &request, &answer);
	pb_str(&request, 1, id);
	call(fd, "Shutdown", &request, &answer);
	buf_free(&answer);
}

/* Where the shim finds its daemon and puts what it has of its own. */
struct places {
	char dir[32], *daemon, *events, *sockets, *states, *state;
};

static void make_places(struct places *p)
{
	strcpy(p->dir, "/tmp/drive-XXXXXX");
	if (!mkdtemp(p->dir))
		die(p->dir);
	p->daemon = path_join(p->dir, "d");
	p->events = path_join(p->dir, "e");
	p->sockets = path_join(p->dir, "s");
	p->states = path_join(p->dir, "r");
	p->state = path_join(p->states, "drive");
	setenv("TTRPC_ADDRESS", p->events, 1);
	setenv("GANTRY_SHIM_SOCKET_DIR", p->sockets, 1);
	setenv("GANTRY_RUNC_ROOT", p->states, 1);
}

static void remove_places(struct places *p)
{
	unlink(p->events);
	rmdir(p->sockets);
	rmdir(p->state);
	rmdir(p->states);
	if (rmdir(p->dir))
		perror(p->dir);
	free(p->daemon);
	free(p->events);
	free(p->sockets);
	free(p->states);
	free(p->state);
}

int main(int argc, char **argv)
{
	struct places places;
	if (argc != 4) {
		fprintf(stderr, "usage: drive SHIM BUNDLE ID\n");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_places(&places);
	int listen_fd = address_listen(places.events);
	if (listen_fd < 0)
		die(places.events);
	pid_t listener = fork();
	if (!listener) {
		/* A run that failed must not leave the listener behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve_events(listen_fd);
	}
	close(listen_fd);
	int fd = start_shim(argv[1], argv[2], argv[3], places.daemon);
	if (fd < 0)
		die("connect");
	run(fd, argv[2], argv[3]);
	close(fd);
	waitpid(listener, NULL, 0);
	remove_places(&places);
	return 0;
}
