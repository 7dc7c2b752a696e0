package io.belay.capability.document.query;

/** A query that cannot be answered; the message names the place in it and the rule. */
public class InvalidQuery extends RuntimeException {

  private final String field;

  public InvalidQuery(String field, String rule) {
    super(field.isEmpty() ? rule : field + ": " + rule);
    this.field = field;
  }

  /** The place in the request, such as {@code query.age.$gt}. */
  public String field() {
    return field;
  }

  public String rule() {
    return field.isEmpty() ? getMessage() : getMessage().substring(field.length() + 2);
  }
}
