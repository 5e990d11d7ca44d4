/* Standard input and output as such: terminals, and text until its end. Streams are common.h's. */
#ifndef AS_TOOLS_OUTPUT_H
#define AS_TOOLS_OUTPUT_H

/* Ends a program whose stdin (0) or stdout (1) is binary and a terminal, unless --force. */
void refuse_terminal(int fd);
/* Ends a program whose output is text: flush, check, exit status. */
int finish_text(void);
/* Ends the program when text can no longer be written: once a line, in programs
 * whose output may be long, so that `| head` stops them. */
void check_text(void);

#endif
