package dev.lanewise.trainer.run.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Short names for groups of runs: what the names of their folders begin with. */
final class GroupNames {

  private static final String BEFORE_A_SEED = "[-_. ]*((?<![a-zA-Z])(seed|s))?[-_. ]*$";

  private GroupNames() {}

  /** Returns a name for each group, all of them different. */
  static List<String> of(List<List<ComparedRun>> groups) {
    boolean tellApart =
        groups.stream().flatMap(List::stream).map(ComparedRun::name).distinct().count()
            == groups.stream().mapToLong(List::size).sum();
    List<String> names = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (List<ComparedRun> group : groups) {
      List<String> folders =
          group.stream()
              .map(run -> tellApart ? run.name() : run.folder().path())
              .map(Path::toString)
              .toList();
      String common = common(folders);
      String name = common;
      for (int i = 2; !taken.add(name); i++) {
        name = common + " (" + i + ")";
      }
      names.add(name);
    }
    return names;
  }

  /** Names such as mine-seed-1 and mine-seed-12 are of "mine". */
  static String common(List<String> names) {
    String first = names.getFirst();
    if (names.size() == 1) {
      return first;
    }
    int length = first.length();
    for (String name : names) {
      int same = 0;
      while (same < Math.min(length, name.length()) && name.charAt(same) == first.charAt(same)) {
        same++;
      }
      length = same;
    }
    // A number is not cut into two.
    while (length > 0
        && Character.isDigit(first.charAt(length - 1))
        && cutsANumber(names, length)) {
      length--;
    }
    String common = first.substring(0, length).replaceFirst(BEFORE_A_SEED, "");
    return common.isEmpty() ? first + " and " + (names.size() - 1) + " more" : common;
  }

  private static boolean cutsANumber(List<String> names, int at) {
    return names.stream()
        .anyMatch(name -> name.length() > at && Character.isDigit(name.charAt(at)));
  }
}
