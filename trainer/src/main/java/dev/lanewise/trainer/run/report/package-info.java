/** The page that shows a run: charts, samples and settings in one file that needs nothing else. */
package dev.lanewise.trainer.run.report;
