package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.Scratch;
import java.util.List;

/**
 * What is added to the product with a weight: y += z Bᵀ with z = scale · dropout(x) A, of low rank
 * (see {@link Adaptation}), for one or several parts of the columns of y. It is added behind the
 * product and its bias, so the chain of an element of y goes on with the rank as inner index.
 *
 * <p>z has few columns: who computes a row of it computes all of the row.
 */
final class LowRankAdapter {

  /** The buffer of the gradient of z. */
  private static final String GRADIENT = "gradient of an adapter";

  private final int in;
  private final int width;
  private final int rank;
  private final float scale;
  private final long flopsPerRow;
  private final int downPanels;
  private final WeightProduct inputProduct;
  private final int inputPanels;
  private final Activation z;
  private final Activation dz;
  private final WeightGradient downGradient;
  private final Part[] parts;

  /** Null without dropout. */
  private final AdapterDropout dropout;

  private final Matmul matmul;
  private final Elementwise elementwise;

  /**
   * One B and what it is computed with.
   *
   * @param y its columns of the result; null for all
   * @param dy likewise
   * @param dzPanels B among the packed weights, as backward uses it
   */
  private record Part(
      int out,
      Activation y,
      Activation dy,
      Activation z,
      Activation dz,
      WeightProduct product,
      int dzPanels,
      WeightGradient gradient) {}

  /**
   * Makes what is added to a weight.
   *
   * @param scratch of the layer's backward, which this is a part of
   * @param y where the layer's result will be; null if nothing is added to some of its columns only
   * @param dy where its gradient will be, likewise
   * @return null if nothing is
   */
  static LowRankAdapter of(
      Blueprint blueprint,
      Scratch.Operation scratch,
      String name,
      Parameter weight,
      Activation y,
      Activation dy) {
    List<Adaptation.Columns> columns = blueprint.adaptation().of(weight.name());
    return columns.isEmpty()
        ? null
        : new LowRankAdapter(blueprint, scratch, name, weight, columns, y, dy);
  }

  private LowRankAdapter(
      Blueprint blueprint,
      Scratch.Operation scratch,
      String name,
      Parameter weight,
      List<Adaptation.Columns> columns,
      Activation y,
      Activation dy) {
    Adaptation adaptation = blueprint.adaptation();
    this.in = weight.shape().dimension(0);
    this.rank = adaptation.rank();
    this.scale = adaptation.scale();
    this.width = columns.size() * rank;
    this.matmul = blueprint.kernels().matmul();
    this.elementwise = blueprint.kernels().elementwise();
    // As PEFT draws it: the bound of Kaiming's uniform distribution with a = sqrt(5).
    Initializer uniform = new Initializer.Uniform(1 / Math.sqrt(in));
    List<Integer> ranks = columns.stream().map(each -> rank).toList();
    Parameter down =
        blueprint.parameter(Adaptation.down(weight.name()), Role.ADAPTER, uniform, in, ranks);
    this.downPanels = blueprint.panels().forward(down, false);
    this.inputPanels = blueprint.panels().backward(down, true);
    this.inputProduct = new WeightProduct(blueprint, width, in, inputPanels);
    int rows = (int) blueprint.rows();
    this.downGradient = gradient(blueprint, scratch, down, false, rows);
    // Kept where blocks are run again: of the last layer of a block only backward is.
    this.z = blueprint.blockOutput(name + ".lora", width);
    this.dz = blueprint.buffer(GRADIENT, width);
    this.parts = new Part[columns.size()];
    long flops = 2L * in * width;
    for (int i = 0; i < parts.length; i++) {
      parts[i] = part(blueprint, scratch, weight, columns.get(i), i, y, dy);
      flops += 2L * rank * parts[i].out;
    }
    this.flopsPerRow = flops;
    this.dropout = AdapterDropout.of(blueprint, down, parts.length);
  }

  private static WeightGradient gradient(
      Blueprint blueprint,
      Scratch.Operation scratch,
      Parameter weight,
      boolean transposed,
      int rows) {
    return weight.trainable()
        ? new WeightGradient(blueprint, scratch, weight, transposed, rows)
        : null;
  }

  private Part part(
      Blueprint blueprint,
      Scratch.Operation scratch,
      Parameter weight,
      Adaptation.Columns columns,
      int number,
      Activation y,
      Activation dy) {
    int out = columns.count();
    Parameter up =
        blueprint.parameter(
            Adaptation.up(weight.name(), columns), Role.ADAPTER, Initializer.ZEROS, out, rank);
    boolean whole = out == weight.rowSize();
    if (!whole && y == null) {
      throw new IllegalArgumentException(
          "%s is one matrix, of which no part can be adapted".formatted(weight.name()));
    }
    return new Part(
        out,
        whole ? null : blueprint.columns(y, columns.from(), out),
        whole ? null : blueprint.columns(dy, columns.from(), out),
        blueprint.columns(z, number * rank, rank),
        blueprint.columns(dz, number * rank, rank),
        new WeightProduct(blueprint, rank, out, blueprint.panels().forward(up, true)),
        blueprint.panels().backward(up, false),
        gradient(blueprint, scratch, up, true, (int) blueprint.rows()));
  }

  /** Computes this member's rows of z from x. A barrier before, and after. */
  void prepareForward(Pass pass, Activation x) {
    if (isDropping(pass)) {
      for (int i = 0; i < parts.length; i++) {
        Activation input = dropout.drop(pass, x, i);
        // The gradient's buffer is free in forward.
        down(pass, input, dz);
        dropout.copyColumns(pass, dz, z, i);
      }
    } else {
      down(pass, x, z);
    }
    scale(pass.view(z), pass.fromRow(), pass.ownRows());
  }

  private void down(Pass pass, Activation input, Activation to) {
    int from = pass.fromRow();
    PackedMatrix a = pass.operand(downPanels);
    matmul.multiply(
        pass.ownRows(), in, pass.view(input), from, a, 0, width, null, pass.view(to), from);
  }

  /** Adds this member's part to y. A barrier before, and after. */
  void forward(Pass pass, Activation y) {
    for (Part part : parts) {
      Matrix result = pass.view(part.y == null ? y : part.y);
      part.product.compute(pass, pass.rows(), pass.view(part.z), 0, result, result, 0);
    }
  }

  private boolean isDropping(Pass pass) {
    return dropout != null && pass.hasDropout();
  }

  private void scale(Matrix x, int fromRow, int rows) {
    for (int row = fromRow; row < fromRow + rows; row++) {
      int from = x.offset(row);
      for (int i = from; i < from + width; i++) {
        x.data()[i] *= scale;
      }
    }
  }

  /** Computes this member's rows of the gradient of z. A barrier before, and after. */
  void prepareBackward(Pass pass, Activation x, Activation dy) {
    int from = pass.fromRow();
    int own = pass.ownRows();
    for (Part part : parts) {
      Matrix d = pass.view(part.dy == null ? dy : part.dy);
      matmul.multiply(
          own,
          part.out,
          d,
          from,
          pass.operand(part.dzPanels),
          0,
          rank,
          null,
          pass.view(part.dz),
          from);
    }
    scale(pass.view(dz), from, own);
  }

  /**
   * Adds to the gradients of A and B, or writes them if {@code fresh}, and adds to dx, which this
   * member has computed its part of before. A barrier before, and after.
   */
  void backward(Pass pass, Activation x, Activation dy, Activation dx, boolean fresh) {
    int rows = pass.rows();
    for (Part part : parts) {
      if (part.gradient != null) {
        part.gradient.prepare(pass, rows, part.z, 0, part.dy == null ? dy : part.dy);
      }
    }
    if (isDropping(pass)) {
      backwardDropped(pass, x, dx, fresh);
    } else {
      prepareDown(pass, x, dz);
      pass.barrier();
      computeDown(pass, x, dz, fresh);
      Matrix result = pass.view(dx);
      inputProduct.compute(pass, rows, pass.view(dz), 0, result, result, 0);
    }
    for (Part part : parts) {
      if (part.gradient != null) {
        Activation d = part.dy == null ? dy : part.dy;
        part.gradient.compute(pass, rows, part.z, d, fresh);
      }
    }
  }

  private void prepareDown(Pass pass, Activation input, Activation d) {
    if (downGradient != null) {
      downGradient.prepare(pass, pass.rows(), input, 0, d);
    }
  }

  private void computeDown(Pass pass, Activation input, Activation d, boolean fresh) {
    if (downGradient != null) {
      downGradient.compute(pass, pass.rows(), input, d, fresh);
    }
  }

  /** Part by part, because each has a mask of its own. */
  private void backwardDropped(Pass pass, Activation x, Activation dx, boolean fresh) {
    for (int i = 0; i < parts.length; i++) {
      Activation input = dropout.drop(pass, x, i);
      Activation d = dropout.alone(pass, dz, i);
      pass.barrier();
      prepareDown(pass, input, d);
      pass.barrier();
      computeDown(pass, input, d, fresh && i == 0);
      pass.barrier();
      addDropped(pass, d, i, dx);
    }
  }

  /** As the product would, by rows, because the mask is by rows. */
  private void addDropped(Pass pass, Activation d, int part, Activation dx) {
    int from = pass.fromRow();
    int own = pass.ownRows();
    Matrix gradient = pass.view(dropout.dropped());
    PackedMatrix a = pass.operand(inputPanels);
    matmul.multiply(own, width, pass.view(d), from, a, 0, in, null, gradient, from);
    dropout.drop(pass, dropout.dropped(), part);
    elementwise.add(from, own, pass.view(dx), gradient, pass.view(dx));
  }

  /** See {@link Linear#flopsPerRow}. */
  long flopsPerRow() {
    return flopsPerRow;
  }
}
