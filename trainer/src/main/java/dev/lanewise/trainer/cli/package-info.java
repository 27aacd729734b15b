/** The command line: the commands, and the start of the JVM they need. */
package dev.lanewise.trainer.cli;
