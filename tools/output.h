/* Standard input and output: terminals, and text to its end. Streams are in common.h. */
#ifndef AS_TOOLS_OUTPUT_H
#define AS_TOOLS_OUTPUT_H

/* Ends the program if stdin (0) or stdout (1) is for binary data and is a terminal, unless --force. */
void refuse_terminal(int fd);
/* Ends text output: flushes, checks, returns the exit status. */
int finish_text(void);
/* Ends the program when text can no longer be written. Called once a line in programs with long output, so
 * that `| head` stops them. */
void check_text(void);

#endif
