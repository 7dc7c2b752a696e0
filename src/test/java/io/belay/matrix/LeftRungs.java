package io.belay.matrix;

import io.belay.matrix.RunbookModel.End;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is known so far of the places at which one runbook can be left.
 *
 * @param reached what each undisturbed scenario reaches, by its name
 * @param places all that there are
 */
record LeftRungs(Map<String, Set<String>> reached, List<Rung> places, List<LeftRung> results) {

  static LeftRungs nothing() {
    return new LeftRungs(new TreeMap<>(), new ArrayList<>(), new ArrayList<>());
  }

  static LeftRungs known(String runbook) {
    return MatrixRecords.read("rungs-" + runbook, LeftRungs.class, LeftRungs::nothing);
  }

  void save(String runbook) {
    MatrixRecords.write("rungs-" + runbook, this);
  }

  boolean isGood(Rung rung) {
    return of(rung).filter(result -> result.problems().isEmpty()).isPresent();
  }

  Optional<LeftRung> of(Rung rung) {
    return results.stream().filter(result -> result.rung().isAs(rung)).findFirst();
  }

  void put(LeftRung result) {
    results.removeIf(earlier -> earlier.rung().isAs(result.rung()));
    results.add(result);
  }

  /** Ends of phases that nothing reached. */
  List<End> unreachedEnds(RunbookModel model) {
    Set<String> all = new TreeSet<>();
    reached.values().forEach(all::addAll);
    results.forEach(result -> all.addAll(result.ends()));
    return model.ends().stream().filter(end -> !all.contains(end.key())).toList();
  }
}
