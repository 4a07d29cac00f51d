#ifndef CLI_PATHS_H
#define CLI_PATHS_H

struct err;

/**
 * Where things are, by the XDG base directories: a variable that is not set,
 * or that is no absolute path, stands for its default below HOME, or below
 * what the table of users says.  Each function returns 0, and in *ret a path
 * that the caller frees; -ENOENT when nothing says where; -ENOMEM.
 */

/** The configuration file: ~/.config/trellofs/config. */
int paths_config(char **ret, struct err *err);

/** The profile's downloads: ~/.cache/trellofs/PROFILE, which may not exist. */
int paths_cache(const char *profile, char **ret, struct err *err);

/**
 * The profile's database: ~/.local/state/trellofs/PROFILE.db.  The folder is
 * made if it is missing, and what others may see of folder and database is
 * taken from them; where that is not ours to do, -EPERM.  The database itself
 * may not exist yet.
 */
int paths_state(const char *profile, char **ret, struct err *err);

/** The folder that it is in, of all profiles, made and closed likewise. */
int paths_state_folder(char **ret, struct err *err);

/** The database without a look at the disk. */
int paths_state_name(const char *profile, char **ret, struct err *err);

/** Make the folder of downloads, and close it to others likewise. */
int paths_make_cache(char *path, struct err *err);

/** Make the folder and those above it, closed to others, as mkdir -p does.
 * path is as it was afterwards.  0 or -errno with err. */
int paths_make_folder(char *path, struct err *err);

#endif
