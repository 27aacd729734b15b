package dev.lanewise.trainer.text.template;

import dev.lanewise.trainer.text.template.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
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
  private final SuffixParser suffixes;
  private int depth;

  ExpressionParser(TokenStream tokens, KnownNames names) {
    this.tokens = tokens;
    this.names = names;
    this.suffixes = new SuffixParser(tokens, names, this);
  }

  Expression expression() {
    return conditional();
  }

  /** What stands behind values. */
  SuffixParser suffixes() {
    return suffixes;
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
        || (endName != null && token.isName(endName));
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
      left = names.counted(new Expression.Logic(line, left, and(), false));
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    int line = tokens.line();
    while (tokens.skipName("and")) {
      left = names.counted(new Expression.Logic(line, left, not(), true));
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
      left = names.counted(new Expression.Binary(line, tokens.next().text(), left, joined()));
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
      left = names.counted(new Expression.Binary(line, tokens.next().text(), left, power()));
    }
    return left;
  }

  private Expression power() {
    int line = tokens.line();
    Expression left = unary(true);
    while (tokens.skipOperator("**")) {
      left = names.counted(new Expression.Binary(line, "**", left, unary(true)));
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
    value = suffixes.postfix(value);
    return withFilters ? suffixes.filtersAndTests(value) : value;
  }

  private void deeper() {
    if (++depth > DEEPEST) {
      throw tokens.error("expressions are nested more than " + DEEPEST + " deep");
    }
  }

  Expression primary() {
    Token token = tokens.next();
    int line = token.line();
    return switch (token.kind()) {
      case NAME ->
          switch (token.text()) {
            case "true", "True" -> new Expression.Literal(line, true);
            case "false", "False" -> new Expression.Literal(line, false);
            case "none", "None" -> new Expression.Literal(line, null);
            default -> new Expression.Name(line, names.mention(token.text()));
          };
      case STRING -> {
        StringBuilder text = new StringBuilder(token.text());
        while (tokens.current().kind() == Kind.STRING) {
          text.append(tokens.next().text());
        }
        yield new Expression.Literal(line, text.toString());
      }
      case INTEGER -> new Expression.Literal(line, integer(token));
      case FLOAT -> new Expression.Literal(line, Double.parseDouble(token.text()));
      default -> bracketed(token);
    };
  }

  static Object integer(Token token) {
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

  /** The comma between two items. */
  void separate(boolean separated) {
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
}
