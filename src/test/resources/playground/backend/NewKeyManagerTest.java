import java.util.List;

/** The tests of the new implementation, as a program: one line each, exit code 1 when one fails. */
public final class NewKeyManagerTest {

  private static int failures;

  private NewKeyManagerTest() {}

  public static void main(String[] args) {
    NewKeyManager keys = new NewKeyManager();
    expect("the first key comes first", "a", keys.apply(List.of("a", "b")));
    expect("then the one that was used less", "b", keys.apply(List.of("a", "b")));
    expect("and again the first", "a", keys.apply(List.of("a", "b")));
    expect("a key that is blacklisted is not chosen", "a", keys.apply(List.of("a")));
    expect("uses are counted", 3L, keys.uses("a"));
    expect("a key that comes back has its turn", "b", keys.apply(List.of("a", "b")));
    expect("without a key there is an error", "no active key", errorWithoutKeys(keys));
    System.exit(failures == 0 ? 0 : 1);
  }

  private static String errorWithoutKeys(NewKeyManager keys) {
    try {
      return keys.apply(List.of());
    } catch (IllegalStateException e) {
      return e.getMessage();
    }
  }

  private static void expect(String name, Object wanted, Object seen) {
    boolean well = wanted.equals(seen);
    failures += well ? 0 : 1;
    System.out.println((well ? "ok - " : "not ok - ") + name + (well ? "" : ": " + seen));
  }
}
