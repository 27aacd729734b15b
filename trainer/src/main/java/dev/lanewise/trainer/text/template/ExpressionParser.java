package dev.lanewise.trainer.text.template;

import dev.lanewise.trainer.text.template.Expression.ArgumentList;
import dev.lanewise.trainer.text.template.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads expressions, by Jinja2's grammar: it binds {@code ~} tighter than {@code +}, and filters
 * tighter than a sign.
 */
final class ExpressionParser {
  /** Of brackets, filters and operators within each other. */
  private static final int DEEPEST = 60;

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private final KnownNames names;
  private int depth;

  ExpressionParser(TokenStream tokens, KnownNames names) {
    this.tokens = tokens;
    this.names = names;
  }

  Expression expression() {
    return conditional();
  }

  /** An expression, or several with commas between, which make a tuple. */
  Expression tuple(boolean withConditional) {
    return tuple(withConditional, false, null);
  }

  /**
   * Reads expressions with commas between them.
   *
   * @param inBrackets whether nothing, between brackets, is a tuple too
   * @param endName a name that ends it, or null
   */
  Expression tuple(boolean withConditional, boolean inBrackets, String endName) {
    int line = tokens.line();
    List<Expression> items = new ArrayList<>();
    boolean several = false;
    while (true) {
      if (!items.isEmpty()) {
        if (!tokens.skipOperator(",")) {
          break;
        }
        several = true;
      }
      if (endsTuple(endName)) {
        break;
      }
      items.add(withConditional ? conditional() : or());
    }
    if (items.isEmpty() && !inBrackets) {
      throw tokens.error("an expression is expected, not " + tokens.current().described());
    }
    return several || items.isEmpty() ? new Expression.Items(line, items, true) : items.get(0);
  }

  private boolean endsTuple(String endName) {
    Token token = tokens.current();
    return token.kind() == Kind.PRINT_END
        || token.kind() == Kind.BLOCK_END
        || token.isOperator(")")
        || endName != null && token.isName(endName);
  }

  private Expression conditional() {
    int line = tokens.line();
    if (++depth > DEEPEST) {
      throw tokens.error("expressions are nested more than " + DEEPEST + " deep");
    }
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression condition = or();
      Expression otherwise = tokens.skipName("else") ? conditional() : null;
      value = new Expression.Conditional(line, condition, value, otherwise);
    }
    depth--;
    return value;
  }

  private Expression or() {
    Expression left = and();
    int line = tokens.line();
    while (tokens.skipName("or")) {
      left = bounded(new Expression.Logic(line, left, and(), false));
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    int line = tokens.line();
    while (tokens.skipName("and")) {
      left = bounded(new Expression.Logic(line, left, not(), true));
    }
    return left;
  }

  private Expression not() {
    int line = tokens.line();
    if (!tokens.skipName("not")) {
      return comparison();
    }
    deeper();
    Expression negated = new Expression.Not(line, not());
    depth--;
    return negated;
  }

  private Expression comparison() {
    int line = tokens.line();
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      Token token = tokens.current();
      if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        operators.add(tokens.next().text());
      } else if (tokens.skipName("in")) {
        operators.add("in");
      } else if (token.isName("not") && tokens.peek().isName("in")) {
        tokens.next();
        tokens.next();
        operators.add("not in");
      } else {
        return operators.isEmpty()
            ? first
            : new Expression.Comparison(line, first, operators, others);
      }
      others.add(sum());
    }
  }

  private Expression sum() {
    int line = tokens.line();
    Expression left = joined();
    while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
      left = bounded(new Expression.Binary(line, tokens.next().text(), left, joined()));
    }
    return left;
  }

  private Expression joined() {
    int line = tokens.line();
    List<Expression> parts = new ArrayList<>();
    parts.add(product());
    while (tokens.skipOperator("~")) {
      parts.add(product());
    }
    return parts.size() == 1 ? parts.get(0) : new Expression.Joined(line, parts);
  }

  private Expression product() {
    int line = tokens.line();
    Expression left = power();
    while (tokens.current().kind() == Kind.OPERATOR
        && Set.of("*", "/", "//", "%").contains(tokens.current().text())) {
      left = bounded(new Expression.Binary(line, tokens.next().text(), left, power()));
    }
    return left;
  }

  private Expression power() {
    int line = tokens.line();
    Expression left = unary(true);
    while (tokens.skipOperator("**")) {
      left = bounded(new Expression.Binary(line, "**", left, unary(true)));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    int line = tokens.line();
    Expression value;
    if (tokens.current().isOperator("-") || tokens.current().isOperator("+")) {
      deeper();
      boolean minus = tokens.next().isOperator("-");
      value = new Expression.Sign(line, unary(false), minus);
      depth--;
    } else {
      value = primary();
    }
    value = postfix(value);
    return withFilters ? filtersAndTests(value) : value;
  }

  private void deeper() {
    if (++depth > DEEPEST) {
      throw tokens.error("expressions are nested more than " + DEEPEST + " deep");
    }
  }

  /**
   * A chain of operators nests as deep as it is long: {@link Evaluation} bounds it, and so does
   * this, before anything runs.
   */
  private Expression bounded(Expression chain) {
    names.countNode(chain.line());
    return chain;
  }

  private Expression primary() {
    Token token = tokens.next();
    int line = token.line();
    switch (token.kind()) {
      case NAME -> {
        return switch (token.text()) {
          case "true", "True" -> new Expression.Literal(line, true);
          case "false", "False" -> new Expression.Literal(line, false);
          case "none", "None" -> new Expression.Literal(line, null);
          default -> new Expression.Name(line, names.mention(token.text()));
        };
      }
      case STRING -> {
        StringBuilder text = new StringBuilder(token.text());
        while (tokens.current().kind() == Kind.STRING) {
          text.append(tokens.next().text());
        }
        return new Expression.Literal(line, text.toString());
      }
      case INTEGER -> {
        return new Expression.Literal(line, integer(token));
      }
      case FLOAT -> {
        return new Expression.Literal(line, Double.parseDouble(token.text()));
      }
      default -> {
        return bracketed(token);
      }
    }
  }

  private static Object integer(Token token) {
    String text = PythonText.lower(token.text());
    int base =
        text.startsWith("0x") ? 16 : text.startsWith("0o") ? 8 : text.startsWith("0b") ? 2 : 10;
    if (text.length() > 1000) {
      throw new TemplateException(token.line(), "a number of more than 1000 digits");
    }
    return Arithmetic.normal(new BigInteger(base == 10 ? text : text.substring(2), base));
  }

  private Expression bracketed(Token open) {
    if (open.isOperator("(")) {
      Expression value = tuple(true, true, null);
      tokens.expectOperator(")");
      return value;
    }
    if (open.isOperator("[")) {
      List<Expression> items = new ArrayList<>();
      while (!tokens.current().isOperator("]")) {
        separate(!items.isEmpty());
        if (!tokens.current().isOperator("]")) {
          items.add(expression());
        }
      }
      tokens.next();
      return new Expression.Items(open.line(), items, false);
    }
    if (open.isOperator("{")) {
      return dict(open.line());
    }
    throw new TemplateException(open.line(), "a value is expected, not " + open.described());
  }

  private void separate(boolean separated) {
    if (separated) {
      tokens.expectOperator(",");
    }
  }

  private Expression dict(int line) {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.current().isOperator("}")) {
      separate(!keys.isEmpty());
      if (!tokens.current().isOperator("}")) {
        keys.add(expression());
        tokens.expectOperator(":");
        values.add(expression());
      }
    }
    tokens.next();
    return new Expression.Dict(line, keys, values);
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.current().isOperator("(")) {
        value = call(value);
      } else if (tokens.current().isOperator(".") || tokens.current().isOperator("[")) {
        value = bounded(subscript(value));
      } else {
        return value;
      }
    }
  }

  private Expression filtersAndTests(Expression start) {
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
            open.line(), of, new Expression.Literal(name.line(), integer(name)));
      }
      throw new TemplateException(
          name.line(), "a name or a number is expected after the dot, not " + name.described());
    }
    Expression first = subscribed(of, open.line());
    if (first instanceof Expression.Slice slice && slice.of() == of) {
      tokens.expectOperator("]");
      return slice;
    }
    List<Expression> keys = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",")) {
      keys.add(expression());
    }
    tokens.expectOperator("]");
    return new Expression.Item(
        open.line(), of, keys.size() == 1 ? first : new Expression.Items(open.line(), keys, true));
  }

  private Expression subscribed(Expression of, int line) {
    Expression start = tokens.current().isOperator(":") ? null : expression();
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
    return token.isOperator(":") || token.isOperator("]") ? null : expression();
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
    bounded(call);
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
      separate(!first);
      first = false;
      if (tokens.current().isOperator(")")) {
        break;
      }
      boolean keyword = tokens.current().kind() == Kind.NAME && tokens.peek().isOperator("=");
      if (namedSpread != null
          || spread != null && !keyword && !tokens.current().isOperator("**")
          || !keyword && !named.isEmpty() && !isSpread()) {
        throw tokens.error("the arguments are in an order that is not allowed");
      }
      if (tokens.skipOperator("*")) {
        spread = expression();
      } else if (tokens.skipOperator("**")) {
        namedSpread = expression();
      } else if (keyword) {
        String name = tokens.next().text();
        tokens.next();
        if (named.put(name, expression()) != null) {
          throw tokens.error("the argument '" + name + "' is given twice");
        }
      } else {
        places.add(expression());
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
    return bounded(filterOf(on));
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
    bounded(tested);
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
    return new ArgumentList(List.of(postfix(primary())), Map.of(), null, null);
  }
}
