package dev.lanewise.trainer.text.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names by their bytes, one after another: finds the longest that begins at a place of a text. */
final class NameTree {

  /** No name begins here. */
  static final int NONE = -1;

  /** It takes more of the text to tell. */
  static final int UNDECIDED = -2;

  private static final int ROOT = 0;

  private final boolean[] begins = new boolean[1 << Byte.SIZE];
  private final int[] lengths;

  /** The node behind a node (times 256) and a byte. */
  private final Map<Integer, Integer> next = new HashMap<>();

  /** The name that ends in a node. */
  private int[] names = {NONE};

  /** Whether any node is behind a node. */
  private boolean[] inner = {false};

  private int nodes = 1;

  NameTree(List<byte[]> all) {
    lengths = all.stream().mapToInt(name -> name.length).toArray();
    for (int i = 0; i < lengths.length; i++) {
      add(all.get(i), i);
    }
  }

  private void add(byte[] name, int index) {
    int node = ROOT;
    for (byte b : name) {
      inner[node] = true;
      node = next.computeIfAbsent(edge(node, b), edge -> newNode());
    }
    if (name.length > 0) {
      begins[name[0] & 0xFF] = true;
      names[node] = index;
    }
  }

  private int newNode() {
    if (nodes == names.length) {
      names = Arrays.copyOf(names, 2 * nodes);
      inner = Arrays.copyOf(inner, 2 * nodes);
    }
    names[nodes] = NONE;
    return nodes++;
  }

  private static int edge(int node, byte b) {
    return node << Byte.SIZE | (b & 0xFF);
  }

  boolean begins(byte b) {
    return begins[b & 0xFF];
  }

  int length(int name) {
    return lengths[name];
  }

  /** The longest name at bytes[at..limit), unless a longer one may still come. */
  int longest(byte[] bytes, int at, int limit, boolean last) {
    int best = NONE;
    int node = ROOT;
    for (int i = at; i < limit; i++) {
      Integer behind = next.get(edge(node, bytes[i]));
      if (behind == null) {
        return best;
      }
      node = behind;
      if (names[node] != NONE) {
        best = names[node];
      }
    }
    return last || !inner[node] ? best : UNDECIDED;
  }
}
