package io.belay.model.lint;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.model.Approval;
import io.belay.model.Forms;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.UserTask;

/** A user task has an instruction, candidate groups that exist, and a form for the answer. */
final class UserTasks implements Rule {

  private static final Set<String> GROUPS =
      Set.of("viewer", "operator", Approval.APPROVERS, "administrator");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      for (UserTask task : file.all(UserTask.class)) {
        check(set, task, rule -> out.accept(file.finding(task, rule)));
      }
    }
  }

  static boolean isForApprovers(UserTask task) {
    return task.getCamundaCandidateGroupsList().contains(Approval.APPROVERS);
  }

  private static void check(ModelSet set, UserTask task, Consumer<String> refuse) {
    if (task.getDocumentations().stream().allMatch(text -> text.getTextContent().isBlank())) {
      refuse.accept("has no documentation; write the instruction for the person");
    }
    List<String> groups = task.getCamundaCandidateGroupsList();
    if (groups.isEmpty() || !GROUPS.containsAll(groups)) {
      refuse.accept(
          "candidate groups %s must be some of viewer, operator, approver, administrator"
              .formatted(groups));
    }
    checkForm(set, task.getCamundaFormRef(), task.getCamundaFormRefBinding(), refuse);
    checkUploads(set, task, refuse);
  }

  /** The fields of the task's form. */
  static List<JsonNode> fields(ModelSet set, UserTask task) {
    return set.forms().stream()
        .filter(known -> known.name().equals(task.getCamundaFormRef()))
        .flatMap(known -> known.json().findParents("key").stream())
        .toList();
  }

  private static void checkUploads(ModelSet set, UserTask task, Consumer<String> refuse) {
    String form = task.getCamundaFormRef();
    List<JsonNode> uploads = fields(set, task).stream().filter(Forms::isUpload).toList();
    boolean isApproval = isForApprovers(task) || PersonsDecisions.decision(set, task).isPresent();
    if (!uploads.isEmpty() && isApproval) {
      refuse.accept(
          "form '%s' asks for a file, and an approval takes none: it is decided on what Belay shows; ask for the file in a task before it"
              .formatted(form));
    }
    if (uploads.size() > 1) {
      refuse.accept("form '%s' asks for more than one file; ask for one".formatted(form));
    }
    uploads.stream()
        .filter(upload -> !upload.path("disabled").asBoolean())
        .forEach(
            upload ->
                refuse.accept(
                    "field '%s' of form '%s' shows an uploaded file, and nobody types into it; set disabled"
                        .formatted(upload.path("key").asText(), form)));
  }

  static void checkForm(ModelSet set, String form, String binding, Consumer<String> refuse) {
    if (form == null) {
      refuse.accept("has no form; set formRef");
      return;
    }
    if (set.forms().stream().noneMatch(known -> known.name().equals(form))) {
      refuse.accept("formRef '%s' is not in the set; add forms/%<s.form".formatted(form));
    }
    if (!"deployment".equals(binding)) {
      refuse.accept("formRefBinding is not 'deployment'; set it");
    }
  }
}
