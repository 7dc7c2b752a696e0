import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The new implementation: of the active keys, the one that was used least; of several, the first.
 * What was used before a key went away counts when it comes back.
 */
public final class NewKeyManager implements Function<List<String>, String> {

  private final Map<String, Long> used = new HashMap<>();

  @Override
  public synchronized String apply(List<String> active) {
    if (active.isEmpty()) {
      throw new IllegalStateException("no active key");
    }
    String chosen = active.get(0);
    for (String key : active) {
      if (uses(key) < uses(chosen)) {
        chosen = key;
      }
    }
    used.merge(chosen, 1L, Long::sum);
    return chosen;
  }

  /** How often it was chosen. */
  public synchronized long uses(String key) {
    return used.getOrDefault(key, 0L);
  }
}
