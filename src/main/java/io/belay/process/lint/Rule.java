package io.belay.process.lint;

import java.util.function.Consumer;

/** One thing that a set of models must keep. Says every breach, in one pass, and never throws. */
interface Rule {

  void check(ModelSet set, Consumer<Finding> out);
}
