#include "log-driver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "loop.h"
#include "scratch.h"

struct log_driver *log_driver_open(const char *uri, struct buf *error)
{
	struct log_driver *d = calloc(1, sizeof *d);
	if (!d) {
		buf_str(error, "out of memory");
		return NULL;
	}
	struct log_options *o = &d->options;
	d->file.fd = -1;
	int saved = EINVAL;
	if (log_options_parse(o, uri, error)) {
		if (!log_file_open(&d->file, o->path, o->format != LOG_RAW, o->max_size, o->max_files) &&
		    (!o->attach || !attach_open(&d->attach, o->attach)))
			return d;
		saved = errno == EINVAL ? ENOTSUP : errno;
		buf_fmt(error, "open %s: %s", d->file.fd < 0 ? o->path : o->attach,
			errno == EINVAL ? "is not a regular file" : strerror(errno));
	}
	log_driver_close(d);
	errno = saved;
	return NULL;
}

static void flush(struct log_out *o)
{
	struct log_driver *d = o->owner;
	log_file_write(&d->file, o->p, o->len);
	o->len = 0;
}

static void begin(struct log_driver *d, struct log_out *o, unsigned stream, struct scratch *s)
{
	*o = (struct log_out){.p = s->out, .cap = SCRATCH_OUT, .flush = flush, .owner = d, .format = d->options.format,
			      .stream = stream == ATTACH_STDERR ? "stderr" : "stdout"};
	log_out_time(o, now_wall());
}

/* Says where the log has a hole; if even that cannot be written it does not count as lost output. */
static void mark_hole(struct log_driver *d, struct log_out *o)
{
	struct log_file *f = &d->file;
	uint64_t hole = f->lost_now;
	if (!hole || o->format != LOG_JSON)
		return;
	log_out_lost(o, hole, strerror(f->last_error));
	if (!log_file_write(f, o->p, o->len)) {
		f->lost -= o->len;
		f->lost_now = hole;
	}
	o->len = 0;
}

void log_driver_put(struct log_driver *d, unsigned stream, const uint8_t *data, size_t len)
{
	struct scratch *s = d->options.format == LOG_RAW ? NULL : scratch_get();
	d->read += len;
	if (s) {
		struct log_out o;
		begin(d, &o, stream, s);
		mark_hole(d, &o);
		log_lines_feed(&d->lines[stream - 1], &o, data, len);
		if (o.len)
			flush(&o);
	} else if (d->options.format == LOG_RAW) {
		log_file_write(&d->file, data, len);
	} else {
		d->file.lost += len;
		d->file.lost_now += len;
		d->file.last_error = ENOMEM;
	}
	if (d->attach.path)
		attach_output(&d->attach, stream, data, len);
}

void log_driver_end(struct log_driver *d)
{
	for (unsigned stream = ATTACH_STDOUT; stream <= ATTACH_STDERR; stream++) {
		struct scratch *s = d->lines[stream - 1].held ? scratch_get() : NULL;
		if (!s)
			continue;
		struct log_out o;
		begin(d, &o, stream, s);
		mark_hole(d, &o);
		log_lines_end(&d->lines[stream - 1], &o);
		flush(&o);
	}
	if (d->file.lost_now)
		log_warn("%llu bytes at the end of %s were lost", (unsigned long long)d->file.lost_now, d->file.path);
	d->file.lost_now = 0;
	if (d->attach.path && !d->attach.ended)
		attach_end(&d->attach);
}

void log_driver_close(struct log_driver *d)
{
	for (int i = 0; i < 2; i++)
		free(d->lines[i].held);
	log_file_close(&d->file);
	attach_close(&d->attach);
	log_options_free(&d->options);
	free(d);
}
