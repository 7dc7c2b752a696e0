package io.belay.engine;

import io.belay.model.Refusal;
import java.util.List;

/** An expression says more than an expression may; it was not evaluated. */
class ExpressionRefused extends Refusal {

  private static final int LONGEST = 100;

  ExpressionRefused(String expression, String why) {
    super(
        "The expression was not evaluated",
        List.of(
            new Problem(
                "",
                "'%s' is refused: an expression reads variables, compares them and names steps, and calls no methods (%s)"
                    .formatted(
                        expression.length() <= LONGEST
                            ? expression
                            : expression.substring(0, LONGEST) + "…",
                        why))));
  }
}
