package io.belay.model.lint;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.camunda.bpm.model.bpmn.instance.Process;

/** A file is one executable process with the file's name as its id and a history time to live. */
final class OneProcess implements Rule {

  private static final Pattern TIME_TO_LIVE = Pattern.compile("P?[1-9][0-9]{0,4}D?");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    Map<String, String> fileById = new HashMap<>();
    for (ProcessFile file : set.processes()) {
      Process process = file.process();
      if (file.model().getModelElementsByType(Process.class).size() > 1) {
        out.accept(
            file.finding(process, "the file has more than one process; give each its own file"));
      }
      if (!process.isExecutable()) {
        out.accept(file.finding(process, "the process is not executable; set isExecutable"));
      }
      if (!file.name().equals(process.getId())) {
        out.accept(
            file.finding(
                process,
                "the process id '%s' is not the file's name; call it '%s'"
                    .formatted(process.getId(), file.name())));
      }
      String other = fileById.putIfAbsent(process.getId(), file.file());
      if (other != null) {
        out.accept(
            file.finding(process, "the process id is taken by " + other + "; rename one of them"));
      }
      String timeToLive = process.getCamundaHistoryTimeToLiveString();
      if (timeToLive == null || !TIME_TO_LIVE.matcher(timeToLive).matches()) {
        out.accept(
            file.finding(process, "has no history time to live; set it in days, such as P365D"));
      }
    }
  }
}
