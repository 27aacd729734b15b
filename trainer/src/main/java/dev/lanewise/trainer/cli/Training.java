package dev.lanewise.trainer.cli;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.cli.jvm.StopSignals;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.profile.InvalidRecordingException;
import dev.lanewise.trainer.profile.ProfileRecording;
import dev.lanewise.trainer.run.CheckpointFailurePolicy;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.run.NonFinitePolicy;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.run.RunForecast;
import dev.lanewise.trainer.run.TrainingRun;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.RankOrders;
import dev.lanewise.trainer.text.TrainingData;
import java.io.IOException;
import java.util.Optional;

/** Trains runs, one after the other, until a signal stops the one that is on its way. */
final class Training implements AutoCloseable {

  private final How how;
  private final Display display;
  private final StopSignals signals;
  private KnownModel base;
  private TrainingRun current;
  private boolean stopped;

  /**
   * What all runs of a command have in common, besides settings and text.
   *
   * @param base the model that the first of them begins with, just found; null for none
   */
  record How(
      int workers,
      KernelSet kernels,
      MemoryEstimate memory,
      KnownModel base,
      NonFinitePolicy onNonFinite,
      CheckpointFailurePolicy onCheckpointFailure,
      boolean profile,
      boolean locks,
      RankOrders ranks) {

    private String machine() {
      String own = "%s, %s kernels".formatted(Counted.of(workers, "thread"), kernels.name());
      return ranks.isAlone()
          ? own
          : "%d ranks (%s) of %s".formatted(ranks.cluster().size(), ranks.cluster().library(), own);
    }
  }

  /** Catches signals until closed. */
  Training(How how, Display display) {
    this.how = how;
    this.base = how.base;
    this.display = display;
    this.signals = StopSignals.catching(this::stop);
  }

  private void stop() {
    display.tell(new RunMessage.Stopping());
    synchronized (this) {
      stopped = true;
      if (current != null) {
        current.stop();
      }
    }
  }

  private synchronized void begin(TrainingRun run) {
    current = run;
    if (stopped) {
      run.stop();
    }
  }

  /** Whether no more runs are to begin. */
  boolean isStopped() {
    return signals.isCaught();
  }

  /**
   * Trains a run, and shows where its time went if that was asked for.
   *
   * @param text null if the run goes on from its corpus
   * @param resume whether it is there already
   */
  TrainingRun.Outcome train(Settings settings, RunFolder folder, TrainingData text, boolean resume)
      throws IOException {
    TrainingRun.Options options = options(settings, folder, text, resume);
    TrainingRun.Outcome outcome;
    try (ProfileRecording recording = new ProfileRecording(folder.recording())) {
      Runnable ready = how.profile ? recording::start : () -> {};
      WatchedRun watched = new WatchedRun(display, how.memory, how.machine(), ready);
      TrainingRun run = run(options, watched);
      begin(how.locks ? run : run.withoutLock());
      outcome = run.run();
    }
    display.close();
    if (how.profile) {
      showProfile(folder);
    }
    return outcome;
  }

  private TrainingRun run(TrainingRun.Options options, WatchedRun watched) {
    KnownModel found = base;
    // A later run begins hours after it was found.
    base = null;
    return new TrainingRun(options, watched).withMemory(watched).withBase(found).onRanks(how.ranks);
  }

  private TrainingRun.Options options(
      Settings settings, RunFolder folder, TrainingData text, boolean resume) {
    return new TrainingRun.Options(
        settings,
        folder.path(),
        text,
        how.workers,
        how.kernels,
        Optimizers.STANDARD,
        Schedules.STANDARD,
        resume,
        how.onNonFinite,
        how.onCheckpointFailure);
  }

  /**
   * Measures a few steps of a run.
   *
   * @param folder to be thrown away
   * @return nothing if it was stopped
   */
  Optional<RunForecast> forecast(Settings settings, RunFolder folder, TrainingData text)
      throws IOException {
    WatchedRun watched = new WatchedRun(display, how.memory, how.machine());
    TrainingRun run = run(options(settings, folder, text, false), watched);
    begin(run);
    Optional<RunForecast> forecast = run.forecast();
    display.close();
    return forecast;
  }

  /** A run that was stopped, or was complete already, may have taken no step. */
  private void showProfile(RunFolder folder) throws IOException {
    try {
      display.result(ProfileCommand.of(folder));
    } catch (InvalidRecordingException e) {
      display.warning(e.getMessage());
    }
  }

  @Override
  public void close() {
    signals.close();
  }
}
