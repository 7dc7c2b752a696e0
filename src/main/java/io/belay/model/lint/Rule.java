package io.belay.model.lint;

import java.util.function.Consumer;

/** A rule for sets of models. Reports every violation, in one pass, and never throws. */
interface Rule {

  void check(ModelSet set, Consumer<Finding> out);
}
