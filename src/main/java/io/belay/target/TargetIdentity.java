package io.belay.target;

import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The system that a target is, whatever name or address leads there. The address is what the
 * environment file says; the facts are what the system itself says, and are empty until somebody
 * has asked it.
 *
 * @param by how two identities are compared
 * @param address without a secret
 * @param facts by name; see {@link TargetType#identify}
 */
public record TargetIdentity(By by, String address, SortedMap<String, String> facts) {

  static final String SYSTEM = "system identifier";
  static final String DATABASE = "database oid";
  static final String SERVER = "server";
  static final String PROCESS = "run id";
  static final String REPLICATION = "replication id";
  static final String FORMER_REPLICATION = "former replication id";
  static final String KERNEL = "boot id";

  /** What makes two systems the same. */
  public enum By {
    /** The address in the environment file. */
    ADDRESS,
    /** The cluster's system identifier and the database's object id. */
    POSTGRES,
    /** The process, or the history of its data, or the resolved address. */
    REDIS,
    /** Every fact that both have; they must have at least one in common. */
    FACTS,
    /** Resolved paths; device and inode if the same kernel gave both. */
    FILES
  }

  /** How a system that was found compares with a known one. */
  public enum Match {
    SAME,
    /** The same system with something new to record: it restarted or failed over. */
    CHANGED,
    OTHER
  }

  public TargetIdentity {
    facts = facts == null ? new TreeMap<>() : facts;
  }

  /** Whether somebody has asked the system itself, where that is possible. */
  boolean isAsked() {
    return by == By.ADDRESS || !facts.isEmpty();
  }

  /** How {@code found} compares with this one. */
  public Match compare(TargetIdentity found) {
    if (by != found.by) {
      return Match.OTHER;
    }
    if (!isAsked() || !found.isAsked()) {
      return same(address, found.address);
    }
    return switch (by) {
      case ADDRESS -> same(address, found.address);
      case POSTGRES -> comparePostgres(found);
      case REDIS -> compareRedis(found);
      case FACTS -> compareFacts(found);
      case FILES -> compareFiles(found);
    };
  }

  private static Match same(String one, String other) {
    return one.equals(other) ? Match.SAME : Match.OTHER;
  }

  private Match comparePostgres(TargetIdentity found) {
    if (!equal(DATABASE, found)) {
      return Match.OTHER;
    }
    boolean bothTell = facts.containsKey(SYSTEM) && found.facts.containsKey(SYSTEM);
    return equal(bothTell ? SYSTEM : SERVER, found) ? Match.SAME : Match.OTHER;
  }

  private Match compareRedis(TargetIdentity found) {
    if (equal(PROCESS, found)) {
      return equal(REPLICATION, found) ? Match.SAME : Match.CHANGED;
    }
    String history = facts.get(REPLICATION);
    boolean sameHistory =
        history != null
            && (history.equals(found.facts.get(REPLICATION))
                || history.equals(found.facts.get(FORMER_REPLICATION)));
    return sameHistory || equal(SERVER, found) ? Match.CHANGED : Match.OTHER;
  }

  private Match compareFacts(TargetIdentity found) {
    SortedMap<String, String> common = new TreeMap<>(facts);
    common.keySet().retainAll(found.facts.keySet());
    if (common.isEmpty() || !common.keySet().stream().allMatch(fact -> equal(fact, found))) {
      return Match.OTHER;
    }
    return facts.keySet().containsAll(found.facts.keySet()) ? Match.SAME : Match.CHANGED;
  }

  private Match compareFiles(TargetIdentity found) {
    boolean oneKernel = equal(KERNEL, found);
    boolean more = false;
    for (String name : union(found)) {
      boolean comparable = !name.equals(KERNEL) && (oneKernel || !name.endsWith(" device"));
      String known = facts.get(name);
      if (comparable && known == null) {
        more = true; // a directory created since
      } else if (comparable && !known.equals(found.facts.get(name))) {
        return Match.OTHER;
      }
    }
    return more ? Match.CHANGED : Match.SAME;
  }

  private Iterable<String> union(TargetIdentity found) {
    SortedMap<String, String> all = new TreeMap<>(facts);
    all.putAll(found.facts);
    return all.keySet();
  }

  private boolean equal(String fact, TargetIdentity found) {
    return facts.containsKey(fact) && Objects.equals(facts.get(fact), found.facts.get(fact));
  }

  /** The same system after one of its facts has changed. */
  public TargetIdentity with(String fact, String value) {
    SortedMap<String, String> changed = new TreeMap<>(facts);
    changed.put(fact, value);
    return new TargetIdentity(by, address, changed);
  }

  /** The database that takes this one's name when it is replaced on the same server. */
  public TargetIdentity withDatabase(long oid) {
    return with(DATABASE, Long.toString(oid));
  }

  @Override
  public String toString() {
    if (facts.isEmpty()) {
      return address;
    }
    StringBuilder text = new StringBuilder(address).append(" (");
    facts.forEach((name, value) -> text.append(name).append(' ').append(value).append(", "));
    return text.replace(text.length() - 2, text.length(), ")").toString();
  }
}
