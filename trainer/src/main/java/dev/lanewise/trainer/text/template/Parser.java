package dev.lanewise.trainer.text.template;

import dev.lanewise.trainer.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads a template's statements. */
final class Parser {
  private static final int DEEPEST = 50;
  private static final Set<String> OF_OTHER_TEMPLATES =
      Set.of("include", "import", "from", "extends", "block");

  private final TokenStream tokens;
  private final KnownNames names = new KnownNames();
  private final ExpressionParser expressions;
  private int depth;
  private int loops;

  private Parser(String source) {
    this.tokens = new TokenStream(Lexer.tokens(source));
    this.expressions = new ExpressionParser(tokens, names);
  }

  static Block parse(String source) {
    Parser parser = new Parser(source);
    Block template = parser.block(null, parser.tokens.line());
    parser.names.check();
    return template;
  }

  /**
   * Statements up to a tag that ends them, whose name is then the current token.
   *
   * @param ends the names of those tags; null for the end of the template
   */
  private Block block(Set<String> ends, int line) {
    if (++depth > DEEPEST) {
      throw tokens.error("blocks are nested more than " + DEEPEST + " deep");
    }
    List<Statement> statements = new ArrayList<>();
    while (tokens.current().kind() != Kind.END) {
      Token token = tokens.next();
      if (token.kind() == Kind.DATA) {
        statements.add(new Statement.Text(token.line(), token.text()));
      } else if (token.kind() == Kind.PRINT_BEGIN) {
        statements.add(new Statement.Print(tokens.line(), expressions.tuple(true)));
        tokens.expect(Kind.PRINT_END);
      } else if (ends != null
          && tokens.current().kind() == Kind.NAME
          && ends.contains(tokens.current().text())) {
        depth--;
        return new Block(statements);
      } else {
        statements.addAll(statement());
        tokens.expect(Kind.BLOCK_END);
      }
    }
    if (ends != null) {
      throw new TemplateException(
          line,
          "the block that begins here does not end: it needs "
              + String.join(" or ", ends.stream().sorted().toList()));
    }
    depth--;
    return new Block(statements);
  }

  /** The body of a tag, up to the tag of this name, which is passed. */
  private Block body(String end, int line) {
    Block body = body(Set.of(end), line);
    tokens.next();
    return body;
  }

  private Block body(Set<String> ends, int line) {
    tokens.skipOperator(":");
    tokens.expect(Kind.BLOCK_END);
    return block(ends, line);
  }

  private List<Statement> statement() {
    int line = tokens.line();
    String tag = tokens.expectName();
    return switch (tag) {
      case "if" -> List.of(condition(line));
      case "for" -> List.of(loop(line));
      case "set" -> List.of(set(line));
      case "macro" -> List.of(macro(line));
      case "call" -> List.of(callBlock(line));
      case "filter" ->
          List.of(
              new Statement.Captured(
                  line, null, expressions.suffixes().filters(true), body("endfilter", line)));
      case "with" -> List.of(with(line));
      case "generation" -> List.of(new Statement.Generation(line, body("endgeneration", line)));
      case "print" -> printed(line);
      case "break", "continue" -> {
        if (loops == 0) {
          throw new TemplateException(line, "'" + tag + "' stands outside of a loop");
        }
        yield List.of(
            tag.equals("break") ? new Statement.Break(line) : new Statement.Continue(line));
      }
      default -> {
        String reason =
            OF_OTHER_TEMPLATES.contains(tag)
                ? "is not supported: a chat template stands alone"
                : "is not known";
        throw new TemplateException(line, "the tag '" + tag + "' " + reason);
      }
    };
  }

  private List<Statement> printed(int line) {
    List<Statement> prints = new ArrayList<>();
    do {
      prints.add(new Statement.Print(line, expressions.expression()));
    } while (tokens.skipOperator(","));
    return prints;
  }

  private Statement condition(int line) {
    Set<String> ends = Set.of("elif", "else", "endif");
    List<Expression> conditions = new ArrayList<>();
    List<Block> branches = new ArrayList<>();
    do {
      conditions.add(expressions.tuple(false));
      branches.add(body(ends, line));
    } while (tokens.skipName("elif"));
    branches.add(tokens.next().isName("else") ? body("endif", line) : new Block(List.of()));
    return new Statement.If(line, conditions, branches);
  }

  private Statement loop(int line) {
    loops++;
    Target target = targets("in");
    loops--;
    tokens.expectName("in");
    Expression items = expressions.tuple(false, false, "recursive");
    Expression condition = tokens.skipName("if") ? expressions.expression() : null;
    boolean recursive = tokens.skipName("recursive");
    loops++;
    Block body = body(Set.of("endfor", "else"), line);
    loops--;
    Block otherwise = tokens.next().isName("else") ? body("endfor", line) : new Block(List.of());
    return new Statement.For(line, target, items, condition, recursive, body, otherwise);
  }

  private Statement set(int line) {
    Target target;
    if (tokens.peek().isOperator(".")) {
      String namespace = names.mention(tokens.expectName());
      tokens.next();
      target = new Target.Attribute(namespace, tokens.expectName());
    } else {
      target = targets(null);
    }
    if (tokens.skipOperator("=")) {
      return new Statement.Set(line, target, expressions.tuple(true));
    }
    List<Expression.Filtered> filters = expressions.suffixes().filters(false);
    return new Statement.Captured(line, target, filters, body("endset", line));
  }

  /** Names with commas between, which may stand in brackets. */
  private Target targets(String endName) {
    List<Target> targets = new ArrayList<>();
    boolean several = false;
    while (true) {
      if (!targets.isEmpty()) {
        if (!tokens.skipOperator(",")) {
          break;
        }
        several = true;
      }
      Token token = tokens.current();
      if (token.kind() == Kind.BLOCK_END
          || token.isOperator(")")
          || token.isOperator("=")
          || (endName != null && token.isName(endName))) {
        break;
      }
      targets.add(oneTarget());
    }
    if (targets.isEmpty()) {
      throw tokens.error("a name is expected, not " + tokens.current().described());
    }
    return several ? new Target.Several(targets) : targets.get(0);
  }

  private Target oneTarget() {
    if (tokens.skipOperator("(")) {
      if (++depth > DEEPEST) {
        throw tokens.error("names are nested more than " + DEEPEST + " deep");
      }
      Target inner = targets(null);
      depth--;
      tokens.expectOperator(")");
      return inner;
    }
    if (tokens.peek().isOperator(".")) {
      String namespace = names.mention(tokens.expectName());
      tokens.next();
      return new Target.Attribute(namespace, tokens.expectName());
    }
    return new Target.Name(assignable());
  }

  private String assignable() {
    String name = tokens.expectName();
    if (Set.of("true", "false", "none", "True", "False", "None").contains(name)
        || (name.equals("loop") && loops > 0)) {
      throw tokens.error("'" + name + "' cannot be assigned to");
    }
    names.assign(name);
    return name;
  }

  private Statement with(int line) {
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (tokens.current().kind() != Kind.BLOCK_END) {
      if (!targets.isEmpty()) {
        tokens.expectOperator(",");
      }
      targets.add(oneTarget());
      tokens.expectOperator("=");
      values.add(expressions.expression());
    }
    return new Statement.With(line, targets, values, body("endwith", line));
  }

  private Statement macro(int line) {
    String name = assignable();
    Set<String> mentioned = names.beginMacro();
    return new Statement.DefineMacro(line, definition(name, mentioned, "endmacro", line));
  }

  private Statement callBlock(int line) {
    Set<String> mentioned = names.beginMacro();
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    if (tokens.current().isOperator("(")) {
      signature(parameters, defaults);
    }
    Expression call = expressions.expression();
    if (!(call instanceof Expression.Call called)) {
      throw new TemplateException(line, "'call' needs a call");
    }
    MacroDefinition caller =
        new MacroDefinition(null, parameters, defaults, macroBody("endcall", line), mentioned);
    return new Statement.CallBlock(line, called, caller);
  }

  private MacroDefinition definition(String name, Set<String> mentioned, String end, int line) {
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    signature(parameters, defaults);
    return new MacroDefinition(name, parameters, defaults, macroBody(end, line), mentioned);
  }

  private Block macroBody(String end, int line) {
    int around = loops;
    loops = 0;
    Block body = body(end, line);
    loops = around;
    names.endMacro();
    return body;
  }

  private void signature(List<String> parameters, List<Expression> defaults) {
    tokens.expectOperator("(");
    boolean optional = false;
    while (!tokens.current().isOperator(")")) {
      if (!parameters.isEmpty()) {
        tokens.expectOperator(",");
      }
      String parameter = assignable();
      if (parameters.contains(parameter)) {
        throw tokens.error("two parameters are called '" + parameter + "'");
      }
      parameters.add(parameter);
      boolean hasDefault = tokens.skipOperator("=");
      if (optional && !hasDefault) {
        throw tokens.error("a parameter without a default follows one that has one");
      }
      optional = hasDefault;
      defaults.add(hasDefault ? expressions.expression() : null);
    }
    tokens.next();
  }
}
