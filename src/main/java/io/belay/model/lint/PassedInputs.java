package io.belay.model.lint;

import io.belay.model.DeclaredType;
import io.belay.model.Forms;
import io.belay.model.Parameter;
import io.belay.model.PhaseInputs;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;

/**
 * A call passes every required input of its phase, no undeclared one, and only literals that keep
 * to the rules.
 */
final class PassedInputs implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      for (CallActivity call : file.all(CallActivity.class)) {
        set.called(call)
            .flatMap(ProcessFile::inputs)
            .ifPresent(
                declared -> {
                  Consumer<String> refuse = rule -> out.accept(file.finding(call, rule));
                  check(set, call, declared, refuse);
                  checkTypes(known(set, file), call, declared, refuse);
                });
      }
    }
  }

  private static void check(
      ModelSet set, CallActivity call, PhaseInputs declared, Consumer<String> refuse) {
    Set<String> given = new HashSet<>();
    for (CamundaIn in : Parameters.extensions(call, CamundaIn.class)) {
      if (in.getCamundaBusinessKey() != null) {
        continue;
      }
      String target = in.getCamundaTarget();
      if (in.getCamundaVariables() != null) {
        refuse.accept(
            "passes all variables to %s, which declares its inputs; pass each of them"
                .formatted(call.getCalledElement()));
      } else if (target == null
          || (in.getCamundaSource() == null) == (in.getCamundaSourceExpression() == null)) {
        refuse.accept(
            "an input is passed by its name as target, and either a variable as source or a value as"
                + " sourceExpression");
      } else if (!given.add(target)) {
        refuse.accept("passes input '%s' twice; keep one".formatted(target));
      } else {
        declared
            .find(target)
            .map(input -> problem(set, input, in))
            .orElseGet(
                () ->
                    Optional.of(
                        "which %s does not have; it has %s"
                            .formatted(
                                call.getCalledElement(),
                                declared.all().stream().map(Parameter::name).toList())))
            .ifPresent(rule -> refuse.accept("passes input '%s', %s".formatted(target, rule)));
      }
    }
    declared.all().stream()
        .filter(Parameter::required)
        .map(Parameter::name)
        .filter(name -> !given.contains(name))
        .forEach(
            name ->
                refuse.accept(
                    "does not pass input '%s', which %s requires"
                        .formatted(name, call.getCalledElement())));
  }

  /** The parameters of a runbook, or the declared inputs of a phase. */
  private static List<Parameter> known(ModelSet set, ProcessFile file) {
    return file.isRunbook()
        ? DerivedFields.startForm(set, file)
            .map(form -> Forms.parse(form.json()).all())
            .orElse(List.of())
        : file.inputs().map(PhaseInputs::all).orElse(List.of());
  }

  private static void checkTypes(
      List<Parameter> known, CallActivity call, PhaseInputs declared, Consumer<String> refuse) {
    for (CamundaIn in : Parameters.extensions(call, CamundaIn.class)) {
      Optional<Parameter> input = declared.find(String.valueOf(in.getCamundaTarget()));
      Optional<String> source = DerivedFields.source(in);
      known.stream()
          .filter(parameter -> source.filter(parameter.name()::equals).isPresent())
          .filter(parameter -> input.filter(to -> !fits(parameter, to)).isPresent())
          .forEach(
              parameter ->
                  refuse.accept(
                      "passes '%s', a %s, as input '%s', which takes a %s"
                          .formatted(
                              parameter.name(),
                              DeclaredType.of(parameter),
                              input.orElseThrow().name(),
                              DeclaredType.of(input.orElseThrow()))));
    }
  }

  private static boolean fits(Parameter parameter, Parameter input) {
    return DeclaredType.of(parameter).fits(DeclaredType.of(input))
        && (input.choices().isEmpty() || input.choices().containsAll(parameter.choices()));
  }

  private static Optional<String> problem(ModelSet set, Parameter input, CamundaIn in) {
    String text = in.getCamundaSourceExpression();
    return text == null || !PlainExpressions.isLiteral(text)
        ? Optional.empty()
        : problem(set, input, text).map(rule -> "whose value '%s' %s".formatted(text, rule));
  }

  /** Why the input does not take that literal. */
  static Optional<String> problem(ModelSet set, Parameter input, String literal) {
    try {
      PhaseInputs.value(input, literal);
    } catch (IllegalArgumentException | ArithmeticException e) {
      return Optional.of(e.getMessage());
    }
    boolean missing =
        switch (input.type()) {
          case DECISION ->
              set.decisions().stream().noneMatch(known -> known.name().equals(literal));
          case FORM -> set.forms().stream().noneMatch(known -> known.name().equals(literal));
          default -> false;
        };
    return missing
        ? Optional.of(
            "names no %s of the set".formatted(input.type().name().toLowerCase(Locale.ROOT)))
        : Optional.empty();
  }
}
