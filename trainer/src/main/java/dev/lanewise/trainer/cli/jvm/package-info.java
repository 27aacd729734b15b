/** The JVM under the command line: its start with the flags it needs, its signals, its facts. */
package dev.lanewise.trainer.cli.jvm;
