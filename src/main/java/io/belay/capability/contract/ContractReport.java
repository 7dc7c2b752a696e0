package io.belay.capability.contract;

import io.belay.capability.contract.Compared.Outcome;
import io.belay.step.Verdict;
import java.util.List;

/**
 * The outcome of a contract check, as its artifact holds it.
 *
 * @param requests the list, for people
 * @param baseline what the answers were compared with, for people
 * @param candidate name of the target
 * @param compare whether values were compared, or the structure only
 */
record ContractReport(
    String requests,
    String baseline,
    String candidate,
    CompareContract.Depth compare,
    List<Compared> results) {

  /**
   * FAIL with any breaking difference; PASS when all that was sent was compared, and that was
   * something: two services that both know none of the paths are alike, too.
   */
  Verdict verdict() {
    if (breaking() > 0) {
      return Verdict.FAIL;
    }
    return compared() == 0 || count(Outcome.NOT_COMPARED) > 0 || noneWanted()
        ? Verdict.NO_DATA
        : Verdict.PASS;
  }

  private boolean noneWanted() {
    return results.stream().noneMatch(Compared::wanted);
  }

  int compared() {
    return results.size() - count(Outcome.NOT_COMPARED) - count(Outcome.NOT_SENT);
  }

  int breaking() {
    return results.stream().mapToInt(Compared::breaking).sum();
  }

  int additions() {
    return results.stream().mapToInt(Compared::additions).sum();
  }

  int count(Outcome outcome) {
    return (int) results.stream().filter(one -> one.outcome() == outcome).count();
  }

  /** One sentence with its numbers. */
  String reason() {
    int notCompared = count(Outcome.NOT_COMPARED);
    if (breaking() > 0) {
      return "%d breaking %s in %d of %d compared answers of '%s', first %s%s"
          .formatted(
              breaking(),
              breaking() == 1 ? "difference" : "differences",
              count(Outcome.BROKEN),
              compared(),
              candidate,
              first(Outcome.BROKEN),
              notCompared == 0 ? "" : "; %d could not be compared".formatted(notCompared));
    }
    if (compared() == 0) {
      return "no request of %d was compared, first %s"
          .formatted(
              results.size(), first(notCompared > 0 ? Outcome.NOT_COMPARED : Outcome.NOT_SENT));
    }
    if (notCompared > 0) {
      return "%d of the %d requests that were sent could not be compared, first %s; %s of '%s' %s as before"
          .formatted(
              notCompared,
              notCompared + compared(),
              first(Outcome.NOT_COMPARED),
              compared() == 1 ? "the other answer" : "the other %d answers".formatted(compared()),
              candidate,
              compared() == 1 ? "is" : "are");
    }
    if (noneWanted()) {
      return "none of the %d compared answers is a success or one that the list records, first %s with %d"
          .formatted(compared(), first().request(), first().baseline());
    }
    int notSent = count(Outcome.NOT_SENT);
    return "all %d compared answers of '%s' are as those of %s, with %d %s%s"
        .formatted(
            compared(),
            candidate,
            baseline,
            additions(),
            additions() == 1 ? "addition" : "additions",
            notSent == 0
                ? ""
                : "; not sent: %d of the list's %d requests".formatted(notSent, results.size()));
  }

  private Compared first() {
    return results.stream().filter(one -> one.baseline() != null).findFirst().orElseThrow();
  }

  private String first(Outcome outcome) {
    return results.stream()
        .filter(one -> one.outcome() == outcome)
        .findFirst()
        .map(Compared::describe)
        .orElse("there is none");
  }
}
