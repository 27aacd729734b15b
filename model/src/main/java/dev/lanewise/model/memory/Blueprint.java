package dev.lanewise.model.memory;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.MemoryPlan;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.KernelSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What layers reserve their memory from while a model is put together: parameters, panels of packed
 * weights, activations, scratch, caches, random streams. When all layers are made, everything has
 * its place.
 */
public final class Blueprint {

  private final KernelSet kernels;
  private final int sequences;
  private final int time;
  private final int context;
  private final Predicate<String> trained;
  private final Adaptation adaptation;
  private final ParameterLayout.Builder parameters = ParameterLayout.builder();
  private final MemoryPlan activations = new MemoryPlan();
  private final PanelPlan panels;
  private final Scratch scratch;
  private final List<Heads> caches = new ArrayList<>();
  private final Set<Parameter> overwritten = new HashSet<>();
  private long trainingScratch;
  private long inferenceScratch;
  private int dropouts;
  private final List<RowTable> tables = new ArrayList<>();
  private final List<Integer> numbers = new ArrayList<>();

  /**
   * Begins a model.
   *
   * @param sequences most sequences in one pass
   * @param time most positions in one sequence of a pass
   * @param context most positions that the model tells apart, and generates
   * @param trained says by a parameter's name whether it is trained; the others are frozen
   * @param adaptation what is added to weights
   */
  public Blueprint(
      KernelSet kernels,
      int sequences,
      int time,
      int context,
      Predicate<String> trained,
      Adaptation adaptation) {
    this(kernels, sequences, time, context, trained, adaptation, PanelPlan.LARGE);
  }

  /**
   * As the other.
   *
   * @param large floats of trained weights from which on products of many rows read them as they
   *     lie: packed copies would be worth sparing
   */
  public Blueprint(
      KernelSet kernels,
      int sequences,
      int time,
      int context,
      Predicate<String> trained,
      Adaptation adaptation,
      long large) {
    this.kernels = kernels;
    this.sequences = sequences;
    this.time = time;
    this.context = context;
    this.trained = trained;
    this.adaptation = adaptation;
    this.panels = new PanelPlan(kernels.matmul(), large);
    this.scratch = new Scratch(kernels);
  }

  /** Returns the kernels that the model runs on. */
  public KernelSet kernels() {
    return kernels;
  }

  /** Returns what is added to weights. */
  public Adaptation adaptation() {
    return adaptation;
  }

  /** Returns the most positions of a sequence of a pass. */
  public int time() {
    return time;
  }

  /** Returns the most positions that the model tells apart. */
  public int context() {
    return context;
  }

  /** Returns the most sequences of a pass. */
  public int sequences() {
    return sequences;
  }

  /** Returns the most rows of a pass: B · T. */
  public long rows() {
    return (long) sequences * time;
  }

  /** Adds a parameter. */
  public Parameter parameter(String name, Role role, Initializer initializer, int... dimensions) {
    return parameters.add(name, role, initializer, trained.test(name), dimensions);
  }

  /** Adds a matrix that is made of matrices of so many columns, side by side. */
  public Parameter parameter(
      String name, Role role, Initializer initializer, int rows, List<Integer> parts) {
    int columns = parts.stream().mapToInt(Integer::intValue).sum();
    return parameters.add(name, parts, role, initializer, trained.test(name), rows, columns);
  }

  /** Says that the first backward of a fresh pass overwrites all of the parameter's gradient. */
  public void overwritesGradient(Parameter parameter) {
    overwritten.add(parameter);
  }

  /** Returns the parameters whose gradients have to be zero before backward, as it only adds. */
  public List<Parameter> accumulated() {
    return layout().trainable().stream().filter(p -> !overwritten.contains(p)).toList();
  }

  /** Reserves a layer's result, a row for each row of the pass. */
  public Activation result(String name, int columns) {
    return activations.result(name, rows(), columns);
  }

  /**
   * Reserves a layer's result that little work gives. Where only what is added to a model is
   * trained, activations are most of the memory, and backward computes such results again.
   */
  public Activation cheapResult(String name, int columns) {
    return repeatsCheap()
        ? activations.repeatedResult(name, rows(), columns)
        : result(name, columns);
  }

  /** Returns whether backward has to compute again what {@link #cheapResult} reserves. */
  public boolean repeatsCheap() {
    return !adaptation.isNone();
  }

  /** Reserves the result of a block, which is kept where backward computes the block again. */
  public Activation blockOutput(String name, int columns) {
    return activations.blockOutput(name, rows(), columns);
  }

  /** Reserves numbers that only their layer understands. */
  public Activation state(String name, long rows, int columns) {
    return activations.state(name, rows, columns);
  }

  /**
   * Reserves what is computed a block of rows at a time; passes may have another number of them.
   */
  public Activation block(String name, long rows, int columns) {
    return activations.block(name, rows, columns);
  }

  /** As {@link #state}, with no room in passes for inference. */
  public Activation keptForBackward(String name, long rows, int columns) {
    return activations.keptForBackward(name, rows, columns);
  }

  /**
   * Reserves room, a row for each row of the pass, that all who name it so use in turn: none keeps
   * anything in it beyond its own turn.
   */
  public Activation buffer(String name, int columns) {
    return activations.buffer(name, rows(), columns);
  }

  /** Returns some columns of an activation as one of their own. */
  public Activation columns(Activation of, int from, int count) {
    return activations.columns(of, from, count);
  }

  /** Says that what is reserved next belongs to the next of several like blocks. */
  public void beginBlock() {
    activations.beginBlock();
  }

  /** Says that the block is complete. */
  public void endBlock() {
    activations.endBlock();
  }

  /** Begins to plan the scratch of one operation of a backward pass. */
  public Scratch.Operation scratch() {
    return scratch.operation();
  }

  /** Asks for scratch of each member of a team: any operation may overwrite it. */
  public void ownScratch(long training, long inference) {
    trainingScratch = Math.max(trainingScratch, training);
    inferenceScratch = Math.max(inferenceScratch, inference);
  }

  /** Returns where packed weights get their places. */
  public PanelPlan panels() {
    return panels;
  }

  /** Reserves a cache of keys and values; returns its number. */
  public int keyValueCache(Heads heads) {
    caches.add(heads);
    return caches.size() - 1;
  }

  /** Returns the number of the next dropout's random stream. */
  public int dropoutStream() {
    return dropouts++;
  }

  /** Adds a table whose rows are found by tokens; returns its number. */
  public int rowTable(RowTable table) {
    tables.add(table);
    return tables.size() - 1;
  }

  /**
   * Reserves whole numbers for each member of a team, in passes with backward; returns the number
   * of the array.
   */
  public int numbers(int count) {
    numbers.add(count);
    return numbers.size() - 1;
  }

  /** Returns the tables added, by number. */
  public List<RowTable> rowTables() {
    return List.copyOf(tables);
  }

  /** Returns the layout of the parameters added. */
  public ParameterLayout layout() {
    return parameters.build();
  }

  /** Ends the planning; call once, when all layers are made. */
  public PassPlan passes() {
    return new PassPlan(
        activations,
        scratch,
        trainingScratch,
        inferenceScratch,
        kernels.attention(),
        kernels.matmul().scratchFloats(),
        caches,
        tables.size(),
        numbers,
        sequences,
        time,
        context);
  }
}
