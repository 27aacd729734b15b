package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.CacheLine;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.Workspace;
import dev.lanewise.kernels.KernelSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What layers reserve their memory from while a model is put together: parameters, panels of packed
 * weights, activations, scratch, random streams. When all layers are made, everything has its
 * place.
 */
public final class Blueprint {

  private final KernelSet kernels;
  private final int sequences;
  private final int time;
  private final ParameterLayout.Builder parameters = ParameterLayout.builder();
  private final Workspace.Plan activations = Workspace.plan();
  private final WeightPanels.Plan panels;
  private int scratchSize;
  private int ownScratchSize;
  private final Set<Parameter> overwritten = new HashSet<>();
  private int dropouts;

  /**
   * Begins a model.
   *
   * @param sequences most sequences in one pass
   * @param time most positions in one sequence
   */
  public Blueprint(KernelSet kernels, int sequences, int time) {
    this.kernels = kernels;
    this.sequences = sequences;
    this.time = time;
    this.panels = new WeightPanels.Plan(kernels.matmul());
  }

  /** Returns the kernels that the model runs on. */
  public KernelSet kernels() {
    return kernels;
  }

  /** Returns the most sequences of a pass. */
  public int sequences() {
    return sequences;
  }

  /** Returns the most positions of a sequence. */
  public int time() {
    return time;
  }

  /** Returns the most rows of a pass: B · T. */
  public long rows() {
    return (long) sequences * time;
  }

  /** Adds a parameter. */
  public Parameter parameter(String name, int... dimensions) {
    return parameters.add(name, dimensions);
  }

  /** Says that the first backward of a fresh pass overwrites all of the parameter's gradient. */
  public void overwritesGradient(Parameter parameter) {
    overwritten.add(parameter);
  }

  /** Returns the parameters whose gradients have to be zero before backward, as it only adds. */
  public List<Parameter> accumulatedParameters() {
    return layout().parameters().stream().filter(p -> !overwritten.contains(p)).toList();
  }

  /** Reserves activations that keep their value from forward to backward; returns the offset. */
  public int activation(String name, long floats) {
    return activations.reserve(name, floats);
  }

  /** Asks for scratch that a team shares: any operation may overwrite it. */
  public void scratch(long floats) {
    scratchSize = Math.max(scratchSize, requireRoom(floats));
  }

  /** Asks for scratch of each member of a team: any operation may overwrite it. */
  public void ownScratch(long floats) {
    ownScratchSize = Math.max(ownScratchSize, requireRoom(floats));
  }

  private static int requireRoom(long floats) {
    if (floats > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "scratch of " + floats + " floats; shorten the context, or make the model smaller");
    }
    return (int) floats;
  }

  /** Returns where packed weights get their places. */
  public WeightPanels.Plan panels() {
    return panels;
  }

  /** Returns the number of the next dropout's random stream. */
  public int dropoutStream() {
    return dropouts++;
  }

  /** Returns the layout of the parameters added. */
  public ParameterLayout layout() {
    return parameters.build();
  }

  /** Ends the planning of activations; call once, when all layers are made. */
  public Pass.Memory memory() {
    int scratch = activations.reserve("scratch", scratchSize);
    // Whole lines, so that those of other members, which lie behind it, begin with a line too.
    int each = Math.ceilDiv(ownScratchSize, CacheLine.FLOATS) * CacheLine.FLOATS;
    int ownScratch = activations.reserve("scratch of a worker", each);
    return new Pass.Memory(activations, scratch, ownScratch, each);
  }
}
