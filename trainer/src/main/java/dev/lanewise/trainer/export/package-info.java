/** Models as others read them: a file for each form in which they leave. */
package dev.lanewise.trainer.export;
