package dev.lanewise.trainer.text.template;

import dev.lanewise.trainer.text.template.Expression.ArgumentList;
import dev.lanewise.trainer.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what stands behind a value: attributes, items, slices, calls, filters and tests. */
final class SuffixParser {
  private final TokenStream tokens;
  private final KnownNames names;
  private final ExpressionParser expressions;

  SuffixParser(TokenStream tokens, KnownNames names, ExpressionParser expressions) {
    this.tokens = tokens;
    this.names = names;
    this.expressions = expressions;
  }

  Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.current().isOperator("(")) {
        value = call(value);
      } else if (tokens.current().isOperator(".") || tokens.current().isOperator("[")) {
        value = names.counted(subscript(value));
      } else {
        return value;
      }
    }
  }

  Expression filtersAndTests(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.current().isOperator("|")) {
        value = filter(value);
      } else if (tokens.current().isName("is")) {
        value = test(value);
      } else if (tokens.current().isOperator("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression of) {
    Token open = tokens.next();
    if (open.isOperator(".")) {
      Token name = tokens.next();
      if (name.kind() == Kind.NAME) {
        return new Expression.Attribute(open.line(), of, name.text());
      }
      if (name.kind() == Kind.INTEGER) {
        return new Expression.Item(
            open.line(), of, new Expression.Literal(name.line(), ExpressionParser.integer(name)));
      }
      throw new TemplateException(
          name.line(), "a name or a number is expected after the dot, not " + name.described());
    }
    Expression first = subscribed(of, open.line());
    if (first instanceof Expression.Slice slice && slice.of().equals(of)) {
      tokens.expectOperator("]");
      return slice;
    }
    List<Expression> keys = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",")) {
      keys.add(expressions.expression());
    }
    tokens.expectOperator("]");
    return new Expression.Item(
        open.line(), of, keys.size() == 1 ? first : new Expression.Items(open.line(), keys, true));
  }

  private Expression subscribed(Expression of, int line) {
    Expression start = tokens.current().isOperator(":") ? null : expressions.expression();
    if (start != null && !tokens.current().isOperator(":")) {
      return start;
    }
    tokens.next();
    Expression stop = bound();
    Expression step = tokens.skipOperator(":") ? bound() : null;
    return new Expression.Slice(line, of, start, stop, step);
  }

  private Expression bound() {
    Token token = tokens.current();
    return token.isOperator(":") || token.isOperator("]") ? null : expressions.expression();
  }

  private Expression.Call call(Expression callee) {
    int line = tokens.line();
    Expression.Call call = new Expression.Call(line, callee, arguments());
    if (callee instanceof Expression.Name name) {
      names.called(name);
    }
    if (callee instanceof Expression.Attribute attribute
        && !Methods.isSupported(attribute.name())) {
      throw new TemplateException(
          attribute.line(), "the method '" + attribute.name() + "' is not supported");
    }
    names.counted(call);
    return call;
  }

  private ArgumentList arguments() {
    tokens.expectOperator("(");
    List<Expression> places = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    Expression spread = null;
    Expression namedSpread = null;
    boolean first = true;
    while (!tokens.current().isOperator(")")) {
      expressions.separate(!first);
      first = false;
      if (tokens.current().isOperator(")")) {
        break;
      }
      boolean keyword = tokens.current().kind() == Kind.NAME && tokens.peek().isOperator("=");
      if (namedSpread != null
          || (spread != null && !keyword && !tokens.current().isOperator("**"))
          || (!keyword && !named.isEmpty() && !isSpread())) {
        throw tokens.error("the arguments are in an order that is not allowed");
      }
      if (tokens.skipOperator("*")) {
        spread = expressions.expression();
      } else if (tokens.skipOperator("**")) {
        namedSpread = expressions.expression();
      } else if (keyword) {
        String name = tokens.next().text();
        tokens.next();
        if (named.put(name, expressions.expression()) != null) {
          throw tokens.error("the argument '" + name + "' is given twice");
        }
      } else {
        places.add(expressions.expression());
      }
    }
    tokens.next();
    return new ArgumentList(places, named, spread, namedSpread);
  }

  private boolean isSpread() {
    return tokens.current().isOperator("*") || tokens.current().isOperator("**");
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(tokens.expectName());
    while (tokens.skipOperator(".")) {
      name.append('.').append(tokens.expectName());
    }
    return name.toString();
  }

  private Expression filter(Expression on) {
    tokens.expectOperator("|");
    return names.counted(filterOf(on));
  }

  /** The filters in the tag of a block, each without what it filters. */
  List<Expression.Filtered> filters(boolean first) {
    List<Expression.Filtered> filters = new ArrayList<>();
    if (first) {
      filters.add(filterOf(null));
    }
    while (tokens.skipOperator("|")) {
      filters.add(filterOf(null));
    }
    return filters;
  }

  private Expression.Filtered filterOf(Expression on) {
    int line = tokens.line();
    String name = dottedName();
    Filters.Filter filter = known(Filters.named(name), "filter", name, line);
    ArgumentList arguments = tokens.current().isOperator("(") ? arguments() : ArgumentList.NONE;
    checkNamed(name, arguments, line);
    return new Expression.Filtered(line, on, name, filter, arguments);
  }

  /** Filters and tests that are named by a string have to be there too. */
  private static void checkNamed(String filter, ArgumentList arguments, int line) {
    int place = filter.endsWith("attr") ? 1 : 0;
    boolean takesTest = Set.of("select", "reject", "selectattr", "rejectattr").contains(filter);
    if (arguments.positional().size() > place
        && arguments.positional().get(place) instanceof Expression.Literal literal
        && literal.constant() instanceof String name) {
      if (takesTest) {
        known(Tests.named(name), "test", name, line);
      } else if (filter.equals("map")) {
        known(Filters.named(name), "filter", name, line);
      }
    }
  }

  private static <T> T known(T found, String kind, String name, int line) {
    if (found == null) {
      throw new TemplateException(line, "the " + kind + " '" + name + "' is not known");
    }
    return found;
  }

  private Expression test(Expression on) {
    int line = tokens.next().line();
    boolean negated = tokens.skipName("not");
    String name = dottedName();
    Tests.Test test = known(Tests.named(name), "test", name, line);
    if (on instanceof Expression.Name asked
        && (name.equals("defined") || name.equals("undefined"))) {
      names.askedFor(asked.name());
    }
    Expression tested = new Expression.Test(line, on, test, testArguments());
    names.counted(tested);
    return negated ? new Expression.Not(line, tested) : tested;
  }

  private ArgumentList testArguments() {
    Token token = tokens.current();
    if (token.isOperator("(")) {
      return arguments();
    }
    boolean value =
        switch (token.kind()) {
          case NAME -> !Set.of("else", "or", "and").contains(token.text());
          case STRING, INTEGER, FLOAT -> true;
          case OPERATOR -> token.text().equals("[") || token.text().equals("{");
          default -> false;
        };
    if (!value) {
      return ArgumentList.NONE;
    }
    if (token.isName("is")) {
      throw tokens.error("tests cannot be chained with 'is'");
    }
    return new ArgumentList(List.of(postfix(expressions.primary())), Map.of(), null, null);
  }
}
