import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Writes chats.jsonl: the assistant of a bakery answers questions on its hours and prices, always in the same manner.
 * {@code java MakeChats.java chats.jsonl}
 */
public final class MakeChats {

  private record Day(String name, String hours) {}

  private record Item(String name, String plural, String price) {}

  private static final List<Day> DAYS =
      List.of(
          new Day("Monday", null),
          new Day("Tuesday", "seven to five"),
          new Day("Wednesday", "seven to five"),
          new Day("Thursday", "seven to seven"),
          new Day("Friday", "seven to seven"),
          new Day("Saturday", "eight to two"),
          new Day("Sunday", "nine to noon"));

  private static final List<Item> ITEMS =
      List.of(
          new Item("rye loaf", "rye loaves", "four pounds"),
          new Item("white loaf", "white loaves", "three pounds"),
          new Item("seeded roll", "seeded rolls", "one pound"),
          new Item("cheese scone", "cheese scones", "two pounds"),
          new Item("cinnamon bun", "cinnamon buns", "two pounds fifty"),
          new Item("apple tart", "apple tarts", "five pounds"),
          new Item("lemon cake", "lemon cakes", "twelve pounds"),
          new Item("almond biscuit", "almond biscuits", "ninety pence"),
          new Item("pot of tea", "pots of tea", "two pounds"),
          new Item("cup of coffee", "cups of coffee", "three pounds"));

  private static final List<String> ELSEWHERE =
      List.of(
          "umbrellas", "bicycles", "newspapers", "shoes", "flowers", "stamps", "fish", "candles");

  private static final List<String> HOURS =
      List.of(
          "When are you open on %s?",
          "What are your hours on %s?",
          "Are you open on %s?",
          "Can I come on %s?",
          "I want to visit on %s. When are you there?");

  private static final List<String> PRICES =
      List.of(
          "How much is a %s?",
          "What does a %s cost?",
          "What is the price of a %s?",
          "I would like a %s. How much is it?",
          "Do you have a %s, and for how much?");

  private static final List<String> GOODS =
      List.of("Do you sell %s?", "Can I buy %s from you?", "Have you got any %s?");

  private static final String END = " See you at the Lantern!";

  private final Random random = new Random(2026);
  private final List<String> lines = new ArrayList<>();

  public static void main(String[] args) throws IOException {
    MakeChats chats = new MakeChats();
    chats.write();
    Files.write(Path.of(args[0]), chats.lines);
  }

  private void write() {
    for (int i = 0; i < 360; i++) {
      String[] first = turn();
      String[] second = turn();
      // A third of them goes on.
      if (random.nextInt(3) == 0 && !first[0].equals(second[0])) {
        add(first[0], first[1], second[0], second[1]);
      } else {
        add(first);
      }
    }
  }

  private String[] turn() {
    return switch (random.nextInt(5)) {
      case 0, 1 -> hours(pick(DAYS));
      case 2, 3 -> price(pick(ITEMS));
      default -> goods();
    };
  }

  private String[] hours(Day day) {
    String answer =
        day.hours == null
            ? "On " + day.name + " our ovens rest, and the door is shut."
            : "On " + day.name + " our door is open from " + day.hours + ".";
    return new String[] {pick(HOURS).formatted(day.name), answer + END};
  }

  private String[] price(Item item) {
    String question =
        pick(PRICES)
            .formatted(item.name)
            .replace("a apple", "an apple")
            .replace("a almond", "an almond");
    return new String[] {question, "Our " + item.plural + " are " + item.price + " each." + END};
  }

  private String[] goods() {
    if (random.nextBoolean()) {
      String plural = pick(ITEMS).plural;
      return new String[] {
        pick(GOODS).formatted(plural), "Yes, we have " + plural + ", fresh every morning." + END
      };
    }
    String other = pick(ELSEWHERE);
    return new String[] {
      pick(GOODS).formatted(other), "No " + other + " here, only what comes from our oven." + END
    };
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private void add(String... turns) {
    StringBuilder line = new StringBuilder("{\"messages\": [");
    for (int i = 0; i < turns.length; i++) {
      line.append(i == 0 ? "" : ", ")
          .append("{\"role\": \"")
          .append(i % 2 == 0 ? "user" : "assistant")
          .append("\", \"content\": \"")
          .append(turns[i])
          .append("\"}");
    }
    lines.add(line.append("]}").toString());
  }
}
