package io.belay.capability.contract;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.springframework.lang.Nullable;

/**
 * What became of one request of a list.
 *
 * @param request method and path, without secrets
 * @param why it was not sent, or not compared; empty when it was
 * @param wanted whether the old answer is a success, or one that the list records
 * @param baseline the old status; null when there is none
 * @param candidate the new status; null when there is none
 * @param differences the first ones of very many
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Compared(
    int number,
    String request,
    Outcome outcome,
    String why,
    boolean wanted,
    @Nullable Integer baseline,
    @Nullable Integer candidate,
    List<Difference> differences) {

  /** In short. */
  enum Outcome {
    AS_BEFORE,
    /** With additions only. */
    ADDED,
    BROKEN,
    /** It was sent, but there are not two whole answers. */
    NOT_COMPARED,
    NOT_SENT
  }

  static Compared without(int number, String request, Outcome outcome, String why) {
    return new Compared(number, request, outcome, why, false, null, null, List.of());
  }

  static Compared of(
      int number,
      String request,
      boolean wanted,
      Answer baseline,
      Answer candidate,
      List<Difference> differences) {
    boolean broken = differences.stream().anyMatch(Difference::breaking);
    Outcome whole = differences.isEmpty() ? Outcome.AS_BEFORE : Outcome.ADDED;
    return new Compared(
        number,
        request,
        broken ? Outcome.BROKEN : whole,
        "",
        wanted,
        baseline.status(),
        candidate.status(),
        differences);
  }

  int breaking() {
    return (int) differences.stream().filter(Difference::breaking).count();
  }

  int additions() {
    return differences.size() - breaking();
  }

  /** The first thing that is wrong with it. */
  String describe() {
    return request
        + ": "
        + differences.stream()
            .filter(Difference::breaking)
            .map(Difference::describe)
            .findFirst()
            .orElse(why);
  }
}
