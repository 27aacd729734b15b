package dev.lanewise.trainer.text.template;

import dev.lanewise.trainer.text.template.Token.Kind;
import java.util.List;

/** Tokens, one after the other. The last one, the end, stays. */
final class TokenStream {
  private final List<Token> tokens;
  private int at;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  Token peek() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  int line() {
    return current().line();
  }

  Token next() {
    Token token = current();
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  boolean skipName(String name) {
    return skip(current().isName(name));
  }

  boolean skipOperator(String operator) {
    return skip(current().isOperator(operator));
  }

  private boolean skip(boolean wanted) {
    if (wanted) {
      next();
    }
    return wanted;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw error("'" + operator + "' is expected, not " + current().described());
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw error("'" + name + "' is expected, not " + current().described());
    }
  }

  String expectName() {
    if (current().kind() != Kind.NAME) {
      throw error("a name is expected, not " + current().described());
    }
    return next().text();
  }

  void expect(Kind kind) {
    if (current().kind() != kind) {
      String wanted = new Token(kind, "", 0).described();
      throw error(wanted + " is expected, not " + current().described());
    }
    next();
  }

  TemplateException error(String message) {
    return new TemplateException(line(), message);
  }
}
