#ifndef CLI_TOKEN_COMMAND_H
#define CLI_TOKEN_COMMAND_H

#include <stdatomic.h>
#include <stddef.h>

struct err;
struct secret;

#define TOKEN_COMMAND_TIMEOUT_MS 30000
#define TOKEN_COMMAND_OUTPUT_MAX 4096
#define TOKEN_COMMAND_WORDS_MAX 64

/**
 * Split a command into words as a shell reads quotes and backslashes, but
 * expand nothing.  What only a shell could do (pipes, lists, redirections,
 * variables, "~") is an error that says how to ask for one.  *ret_words ends
 * with NULL; free it with token_command_free().  Returns 0, -EINVAL with err,
 * or -ENOMEM.
 */
int token_command_split(
    const char *command, char ***ret_words, struct err *err);
void token_command_free(char **words);

/**
 * Run the command, without a shell, and put the first line that it prints
 * into ret_token.  Standard input and standard error are the program's own,
 * so that it can ask for a passphrase.  Returns 0; -ETIMEDOUT after
 * timeout_ms, when it is killed, as when *cancel becomes true (-ECANCELED; NULL:
 * it does not); -EFBIG when it prints more than
 * TOKEN_COMMAND_OUTPUT_MAX bytes; -EIO when it fails or prints nothing; what
 * starting it gave.  err says which, and never what it printed.
 */
int token_command_run(const char *command, int timeout_ms,
    const atomic_bool *cancel, struct secret *ret_token, struct err *err);

#endif
