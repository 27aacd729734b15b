package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class SafetensorsPropertyTest {

  private static ProbedFile file;

  @BeforeContainer
  static void makeFile() throws IOException {
    file = new ProbedFile(Files.createTempFile("property", ".safetensors"));
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.delete(file.path());
  }

  /** What is written is read back to the bit. */
  @Property(tries = 300)
  void everythingFiniteComesBack(
      @ForAll("tensors") Map<String, FloatTensor> tensors,
      @ForAll @Size(max = 3) Map<String, String> metadata)
      throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    tensors.forEach(writer::add);
    metadata.forEach(writer::metadata);
    Files.write(file.path(), ProbedFile.bytes(writer));
    try (SafetensorsFile in = SafetensorsFile.open(file.path())) {
      assertThat(in.metadata()).isEqualTo(metadata);
      assertThat(in.names()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
      for (Map.Entry<String, FloatTensor> tensor : tensors.entrySet()) {
        Shape shape = tensor.getValue().shape();
        FloatTensor found = new FloatTensor(new float[shape.size()], 0, shape);
        in.read(tensor.getKey(), found);
        for (int i = 0; i < found.size(); i++) {
          assertThat(Float.floatToRawIntBits(found.get(i)))
              .isEqualTo(Float.floatToRawIntBits(tensor.getValue().get(i)));
        }
      }
    }
  }

  @Provide
  Arbitrary<Map<String, FloatTensor>> tensors() {
    Arbitrary<String> names =
        Arbitraries.strings().ofMaxLength(20).filter(SafetensorsPropertyTest::isText);
    Arbitrary<FloatTensor> values =
        Arbitraries.integers()
            .between(0, 5)
            .list()
            .ofMaxSize(3)
            .flatMap(
                dimensions -> {
                  Shape shape = Shape.of(dimensions.stream().mapToInt(d -> d).toArray());
                  return Arbitraries.floats()
                      .list()
                      .ofSize(shape.size() + 1)
                      .map(floats -> tensor(floats, shape));
                });
    return Arbitraries.maps(names, values).ofMaxSize(6);
  }

  /** Not half of a surrogate pair, which UTF-8 cannot say. */
  private static boolean isText(String name) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(name)
        && !name.equals(SafetensorsHeader.METADATA);
  }

  private static FloatTensor tensor(List<Float> floats, Shape shape) {
    float[] data = new float[floats.size()];
    for (int i = 0; i < data.length; i++) {
      data[i] = floats.get(i);
    }
    return new FloatTensor(data, 1, shape);
  }

  /** Bytes that are not even meant to be a file. */
  @Property(tries = 500)
  void rubbishIsRefused(@ForAll byte[] rubbish) throws IOException {
    assertThat(file.isReadable(SafetensorsBytes.of(rubbish, 0))).isFalse();
    file.isReadable(rubbish);
  }
}
