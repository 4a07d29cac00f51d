#include <config.h>

#include "cli/help.h"

#include <curl/curl.h>
#include <errno.h>
#include <fuse_lowlevel.h>
#include <sqlite3.h>

static const char page[] =
    "trellofs shows Trello as files: a board is a folder, a list is a folder\n"
    "in it, a card is a Markdown file.  Edit them with any editor, move them\n"
    "with mv, comment with echo >>.\n"
    "\n"
    "  trellofs --demo FOLDER           a sample board: no account, no "
    "network\n"
    "  trellofs FOLDER                  your account\n"
    "  trellofs PROFILE FOLDER          the account of a profile\n"
    "  trellofs --export FILE FOLDER    a board's JSON export; more than one\n"
    "                                   --export FILE is fine\n"
    "  trellofs login                   lets you in, and remembers it\n"
    "  trellofs logout                  takes that back\n"
    "  trellofs status [FOLDER]         how a mount is doing\n"
    "  trellofs sync [FOLDER]           waits until all changes are sent\n"
    "  trellofs refresh [FOLDER]        asks for news now\n"
    "  fusermount3 -u FOLDER            unmounts it\n"
    "\n"
    "Options:\n"
    "  -o refresh=SECONDS   how often to ask for news (30)\n"
    "  -o ro                changes nothing\n"
    "  -o sync              each change waits for Trello's answer\n"
    "  -o umask=OCTAL       the rights that nobody gets (077)\n"
    "  -o profile=NAME      the same as PROFILE\n"
    "  -o api_url=URL       another address than https://api.trello.com/1\n"
    "  -o OPTION            what FUSE knows: allow_other, auto_unmount "
    "...\n"
    "  -f                   stay in the foreground and log to standard error\n"
    "  -d                   the same, and log each request\n"
    "  -h, --help           this page\n"
    "  -V, --version        the version\n"
    "\n"
    "login takes --profile NAME, --read-only, --expires "
    "never|30days|1day|1hour,\n"
    "--oauth1 (--callback) and --revoke-old; logout --profile, --keep-token "
    "and\n"
    "--force.  The environment can have TRELLO_API_KEY and TRELLO_TOKEN.\n"
    "\n"
    "More: man trellofs, and FOLDER/.trellofs/README once it is mounted.\n";

static int
end(FILE *out)
{
	return ferror(out) || fflush(out) != 0 ? -EIO : 0;
}

int
help_print(FILE *out)
{
	(void)fputs(page, out);
	return end(out);
}

int
help_print_version(FILE *out)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);

	(void)fprintf(out,
	    "trellofs %s\nwith libfuse %s, libcurl %s, SQLite %s\n",
	    PACKAGE_VERSION, fuse_pkgversion(), curl->version,
	    sqlite3_libversion());
	return end(out);
}
