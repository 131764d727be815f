#include "cgroup-host.h"

#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "buf.h"

enum { CGROUP2_MAGIC = 0x63677270 };

static const char *pretended_root;
static bool pretended_unified;

void cgroup_pretend(const char *root, bool unified)
{
	pretended_root = root;
	pretended_unified = unified;
}

bool cgroup_unified(void)
{
	struct statfs st;
	if (pretended_root)
		return pretended_unified;
	return !statfs("/sys/fs/cgroup", &st) && st.f_type == CGROUP2_MAGIC;
}

char *cgroup_host_path(const char *path)
{
	struct buf b = {0};
	buf_str(&b, pretended_root ? pretended_root : "");
	buf_str(&b, path);
	if (b.failed) {
		buf_free(&b);
		return NULL;
	}
	buf_cstr(&b);
	return (char *)b.p;
}
