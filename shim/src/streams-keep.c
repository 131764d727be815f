#include <stddef.h>
#include <sys/stat.h>

#include "streams.h"
#include "uri.h"

enum { ENDS = 3 };

int *streams_end(struct streams *s, unsigned role)
{
	struct pump *const pumps[] = {&s->in, &s->out, &s->err};
	struct pump *p = pumps[role / ENDS];
	int *const ends[] = {&p->src_fd, &p->dst_fd, &p->keep_fd};
	return ends[role % ENDS];
}

static bool is_fifo(int fd)
{
	struct stat st;
	return fd >= 0 && !fstat(fd, &st) && S_ISFIFO(st.st_mode);
}

void streams_each_kept(struct streams *s, const char *out, void (*fn)(struct streams *, unsigned role, void *arg),
		       void *arg)
{
	enum uri_kind kind = uri_kind(out);
	bool fifos = kind == URI_NONE || kind == URI_FIFO;
	/* A file that is read ends by itself: the process sees that only if nobody else holds its input open. */
	bool input_ends = s->in.src_fd >= 0 && !is_fifo(s->in.src_fd);
	for (unsigned role = 0; role < STREAMS_ROLES; role++) {
		bool is_sink = role >= ENDS && role % ENDS;
		/* Sinks other than a client's FIFOs are opened anew; a terminal's input is a copy of its master. */
		if ((is_sink && !fifos) || (role == 1 && s->console >= 0) || (role < ENDS && input_ends))
			continue;
		fn(s, role, arg);
	}
}
