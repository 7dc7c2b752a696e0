package io.belay.model.lint;

import io.belay.step.StepDelegate;
import io.belay.target.ProtectedTargets;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Checks a set of models before it is deployed: known elements and steps only, no scripts, no logic
 * in expressions, valid inputs, phases that always complete, ladders that lead down in the right
 * order, complete diagrams. Has no effects; the same set always gives the same findings.
 */
public class ModelLint {

  private final Steps steps;
  private final List<Rule> rules;

  /**
   * @param delegates all steps that a model may use
   * @param inputs says whether a step accepts its literal inputs, such as {@link BoundInputs}
   * @param targets that an approval and a backup must protect, asked for at each check
   */
  public ModelLint(
      Collection<? extends StepDelegate<?, ?>> delegates,
      InputCheck inputs,
      Supplier<ProtectedTargets> targets) {
    this.steps = new Steps(delegates);
    this.rules =
        List.of(
            new OneProcess(),
            new KnownElements(),
            new KnownEvents(),
            new KnownSteps(),
            new StepInputs(inputs),
            new PlainExpressions(),
            new AsyncFlags(),
            new LabelledGateways(),
            new DescriptiveNames(),
            new References(),
            new UserTasks(),
            new PersonsDecisions(),
            new PhaseEnds(),
            new PhaseInterrupts(),
            new RunbookParts(),
            new PhaseGates(),
            new Verdicts(),
            new DeclaredInputs(),
            new PassedInputs(),
            new InputsOfCalledSteps(inputs),
            new GivenVariables(),
            new WrittenOnce(),
            new LiveElements(),
            new UndoForEachChange(),
            new TemporaryChanges(),
            new UndoFitsPhase(),
            new WayDown(),
            new Irreversible(),
            new GuardedChanges(targets),
            new CompleteDiagram(),
            new GateDecisions(),
            new FeelSyntax(),
            new FormIds());
  }

  /** For models without an environment: targets are protected by their kind. */
  public ModelLint(Collection<? extends StepDelegate<?, ?>> delegates, InputCheck inputs) {
    this(delegates, inputs, ProtectedTargets::byKind);
  }

  /**
   * Reports everything that is wrong.
   *
   * @param models content by name, such as {@code runbooks/x.bpmn}, {@code phases/y.bpmn}, {@code
   *     decisions/z.dmn}, {@code forms/f.form}; the whole set, because models refer to each other
   * @return empty when the set may be deployed
   */
  public List<Finding> check(Map<String, byte[]> models) {
    Set<Finding> findings = new HashSet<>();
    ModelSet own = new ModelReader(findings::add).read(models, steps);
    DerivedFields.check(own, findings::add);
    ModelSet set = DerivedFields.completed(own);
    for (Rule rule : rules) {
      try {
        rule.check(set, findings::add);
      } catch (RuntimeException e) {
        // Fail closed: what cannot be checked is not deployed.
        findings.add(
            new Finding(
                "",
                "",
                "the set cannot be checked (%s: %s); correct the other findings first"
                    .formatted(rule.getClass().getSimpleName(), e)));
      }
    }
    return findings.stream()
        .sorted(
            Comparator.comparing(Finding::file)
                .thenComparing(Finding::element)
                .thenComparing(Finding::rule))
        .toList();
  }
}
