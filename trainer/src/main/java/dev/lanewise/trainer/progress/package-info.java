/** How far work that takes long has come: one small type for all of it. */
package dev.lanewise.trainer.progress;
