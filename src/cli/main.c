#include "cli/mount.h"
#include "cli/run.h"

int
main(int argc, char *argv[])
{
	return run(argc, argv, cli_mount);
}
