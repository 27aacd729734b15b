/** The command line: the commands, and what they show. */
package dev.lanewise.trainer.cli;
