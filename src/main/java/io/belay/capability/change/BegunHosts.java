package io.belay.capability.change;

import io.belay.step.StepContext;
import java.util.ArrayList;
import java.util.List;

/**
 * The hosts on which one execution has begun a change, in this order.
 *
 * @param hosts names of their targets
 */
record BegunHosts(List<String> hosts) {

  static final String CHECKPOINT = "begunHosts";

  /** Of one of the hosts. */
  static CheckedChange.Memory memory(String host, StepContext context) {
    return new CheckedChange.Memory() {
      @Override
      public boolean begun() {
        return saved(context).contains(host);
      }

      @Override
      public void begin() {
        List<String> all = new ArrayList<>(saved(context));
        if (!all.contains(host)) {
          all.add(host);
        }
        context.save(CHECKPOINT, new BegunHosts(List.copyOf(all)));
      }
    };
  }

  private static List<String> saved(StepContext context) {
    return context.saved(CHECKPOINT, BegunHosts.class).map(BegunHosts::hosts).orElse(List.of());
  }
}
