/** What the pages about runs are made of: their frame and looks, charts, and figures in words. */
package dev.lanewise.trainer.run.page;
