package dev.lanewise.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The one place that decides the vector width. */
final class Width {

  /** Selects the width; without it, the one that the hardware prefers. */
  static final String PROPERTY = "lanewise.vectorBits";

  static final VectorSpecies<Float> FLOATS = floats(requestedBits());

  /** Lanes of one vector of floats: 4, 8 or 16. */
  static final int L = FLOATS.length();

  /** 512-bit vectors come with 32 registers; narrower ones may have 16. */
  static final boolean MANY_REGISTERS = L == 16;

  /** Ints, lane for lane beside the floats. */
  static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

  /** As wide as the floats, so half as many lanes. */
  static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, FLOATS.vectorShape());

  private Width() {}

  static int preferredBits() {
    return Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512);
  }

  private static int requestedBits() {
    String value = System.getProperty(PROPERTY);
    return value == null ? preferredBits() : parse(value);
  }

  private static int parse(String value) {
    return switch (value) {
      case "128" -> 128;
      case "256" -> 256;
      case "512" -> 512;
      default ->
          throw new IllegalArgumentException(
              "-D" + PROPERTY + "=" + value + ": the vector width is 128, 256 or 512 bits");
    };
  }

  private static VectorSpecies<Float> floats(int bits) {
    return switch (bits) {
      case 128 -> FloatVector.SPECIES_128;
      case 256 -> FloatVector.SPECIES_256;
      default -> FloatVector.SPECIES_512;
    };
  }
}
