/** Files that last: forced to the disk and renamed, and what they hold by SHA-256. */
package dev.lanewise.trainer.files;
