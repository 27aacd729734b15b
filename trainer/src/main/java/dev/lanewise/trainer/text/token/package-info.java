/** Token ids on disk and in batches: files, the order of training, the validation windows. */
package dev.lanewise.trainer.text.token;
