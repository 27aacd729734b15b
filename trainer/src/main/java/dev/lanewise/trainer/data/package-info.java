/**
 * From text files to batches of token ids: reading and cleaning text, token files on disk, the
 * training order, and the validation windows.
 */
package dev.lanewise.trainer.data;
