/*
 * The containers of this shim and their processes.
 *
 * A container is born by Create and dies with Delete of its init process; execs are added by Exec and removed by
 * Delete. `op` is the call that is changing a process right now (a runtime call is under way); other calls that
 * would change it wait in `waiting` and are run again from the start when it is done. State, Wait, Kill of init and
 * all reads never wait.
 */
#pragma once
#include "console.h"
#include "options.h"
#include "reap.h"
#include "runc.h"
#include "server.h"
#include "state.h"
#include "streams.h"

/* Go's zero time: what clients expect where there is no time yet. */
#define GO_ZERO_TIME (-62135596800LL)

struct container;

struct process {
	struct process *next; /* execs only */
	struct container *container;
	enum proc_kind kind;
	enum proc_state state;
	char *id;             /* exec id; the container's id for init */
	char *in, *out, *err; /* as the client gave them */
	bool terminal;
	struct buf spec;      /* execs: the process object for the runtime */
	pid_t pid;            /* 0: none yet */
	struct child child;
	struct streams streams;
	struct console console;
	uint32_t exit_status;
	struct timespec exited_at;
	bool started_once;    /* a start was tried: Wait must not block for ever on a failed one */
	struct call *waiters; /* Wait calls, linked by `queued` */
	struct call *op;      /* the call changing this process */
	struct call *waiting; /* calls behind op, linked by `queued` */
	/* A death noticed while a start is under way; handled after the start event. */
	bool died_early;
	unsigned early_status;
	struct timespec early_at;
};

struct container {
	struct container *next;
	char *id, *bundle, *rootfs; /* rootfs NULL: nothing mounted by us */
	char *checkpoint, *parent_checkpoint; /* directories that Start restores from; checkpoint NULL: Start starts */
	struct options options;
	struct runc runc;
	struct process init;
	struct process *execs;
	bool visible;      /* Create has succeeded */
	bool pausing;
	bool kill_all;     /* no own pid namespace: the rest is killed when init ends */
	unsigned running_execs;
	bool init_dead;    /* init was reaped; its exit may still be waiting for the execs' */
	bool killing;      /* the kill of the rest is under way */
	char *cgroup;      /* see cgroup.h */
	struct oom *oom;
	unsigned refs;     /* runtime calls that still look at it */
	bool freed;
};

extern struct container *containers;
extern const char *shim_namespace;

/* False for an id that could leave the bundle directory or be taken for an option. */
bool id_valid(const char *id);
struct container *container_new(const char *id, const char *bundle);
/* Takes it off the list and ends its streams; the memory lives on while references are held. */
void container_free(struct container *c);
void container_hold(struct container *c);
void container_release(struct container *c);
/* A container whose Create has succeeded, else NULL. */
struct container *container_find(const char *id);
/* Whether the id is taken, also by one whose Create is still under way. */
bool container_known(const char *id);
struct process *process_new(struct container *c, const char *exec_id);
void process_init(struct process *p, struct container *c, enum proc_kind kind);
/* Frees an exec and takes it off its container. */
void process_free(struct process *p);
struct process *process_find(struct container *c, const char *exec_id);

/* Claims the process for a change; false: the call was parked and will be run again. */
bool process_begin(struct process *p, struct call *call);
/* Ends the change and lets the next parked call run. */
void process_end(struct process *p);
/* Moves all parked calls to *list (for a process that is going away). */
void process_take_waiting(struct process *p, struct call **list);
void calls_again(struct call *list);
