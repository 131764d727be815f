#include "overlay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "id-map.h"
#include "mount-api.h"

/* The kernel copies at most one page of data. */
enum { DATA_MAX = 4095 };

static const char *lower_dirs(const char *options)
{
	const char *dirs = strstr(options, "lowerdir=");
	return dirs && (dirs == options || dirs[-1] == ',') ? dirs + 9 : NULL;
}

/* The deepest directory above all lower directories, with a slash at its end. */
static char *common_parent(const char *options)
{
	const char *dirs = lower_dirs(options);
	if (!dirs)
		return NULL;
	size_t end = strcspn(dirs, ","), common = strcspn(dirs, ":,");
	for (const char *d = dirs; d < dirs + end; d += strcspn(d, ":,") + 1) {
		size_t n = 0, len = strcspn(d, ":,");
		while (n < common && n < len && d[n] == dirs[n])
			n++;
		common = n;
	}
	while (common && dirs[common - 1] != '/')
		common--;
	return common > 1 && *dirs == '/' ? strndup(dirs, common) : NULL;
}

/* The options with `instead` for the common parent of every lower directory. */
static void move_lower_dirs(const char *options, const char *parent, const char *instead, struct buf *out)
{
	const char *dirs = lower_dirs(options);
	size_t end = strcspn(dirs, ","), strip = strlen(parent);
	buf_add(out, options, (size_t)(dirs - options));
	for (const char *d = dirs; d < dirs + end;) {
		size_t len = strcspn(d, ":,");
		buf_str(out, *instead || len > strip ? instead : ".");
		buf_add(out, d + strip, len - strip);
		d += len;
		if (*d == ':')
			buf_byte(out, *d++);
	}
	buf_str(out, dirs + end);
}

/* With names relative to the common parent, which is then where we are. */
static int mount_relative(const char *source, const char *target, unsigned long flags, const char *options)
{
	char *parent = common_parent(options), *here = parent ? getcwd(NULL, 0) : NULL;
	struct buf rel = {0};
	int r = -1;
	errno = E2BIG;
	if (here) {
		move_lower_dirs(options, parent, "", &rel);
		if (!rel.failed && rel.len <= DATA_MAX && !chdir(parent)) {
			r = mount(source, target, "overlay", flags, buf_cstr(&rel));
			int saved = errno;
			if (chdir(here)) /* cannot happen: we were just there; every path we use is absolute anyway */
				saved = errno;
			errno = saved;
		}
	}
	int saved = errno;
	buf_free(&rel);
	free(parent);
	free(here);
	errno = saved;
	return r;
}

int overlay_mount(const char *source, const char *target, unsigned long flags, const char *options)
{
	if (strlen(options) <= DATA_MAX - 511)
		return mount(source, target, "overlay", flags, options);
	if (!mount_overlay_by_parts(source, target, flags, options))
		return 0;
	/* A kernel that does not know the calls, or not yet lower directories one by one, answers one of these. */
	return errno == ENOSYS || errno == EINVAL ? mount_relative(source, target, flags, options) : -1;
}

/* A path beside target: on failure too only in a directory that is the shim's own. */
static char *beside(const char *target)
{
	struct buf path = {0};
	buf_fmt(&path, "%s.idmapped-XXXXXX", target);
	if (path.failed || !mkdtemp((char *)buf_cstr(&path)))
		buf_free(&path);
	return (char *)path.p;
}

int overlay_mount_mapped(const char *source, const char *target, unsigned long flags, const char *options,
			 const char *uids, const char *gids)
{
	char *parent = common_parent(options), *mapped = parent ? beside(target) : NULL;
	struct buf moved = {0}, at = {0};
	int r = -1, saved = parent ? errno : EXDEV;
	if (mapped && !id_map_mount(parent, mapped, MS_RDONLY, uids, gids)) {
		buf_fmt(&at, "%s/", mapped);
		move_lower_dirs(options, parent, buf_cstr(&at), &moved);
		errno = ENOMEM;
		r = moved.failed || at.failed ? -1 : overlay_mount(source, target, flags, buf_cstr(&moved));
		saved = errno;
		/* The overlay keeps what it was made of. */
		umount2(mapped, MNT_DETACH);
	} else if (mapped) {
		saved = errno;
	}
	if (mapped)
		rmdir(mapped);
	buf_free(&moved);
	buf_free(&at);
	free(mapped);
	free(parent);
	errno = saved;
	return r;
}
