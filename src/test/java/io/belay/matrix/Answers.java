package io.belay.matrix;

import io.belay.engine.control.TaskForm;
import io.belay.engine.control.TaskForm.Element;
import java.util.LinkedHashMap;
import java.util.Map;

/** What people write into a form of which nothing is known but the form. */
final class Answers {

  private static final String REASON = "rehearsed by the matrix";

  private Answers() {}

  /** Every box is ticked, every choice is the first one: by custom the one that leads on. */
  static Map<String, Object> agreeing(TaskForm form) {
    return of(form, 0);
  }

  /** Every choice is the last one: by custom the one that leads back. */
  static Map<String, Object> refusing(TaskForm form) {
    return of(form, -1);
  }

  private static Map<String, Object> of(TaskForm form, int which) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Element field : form.fields()) {
      switch (field.type()) {
        case "checkbox" -> values.put(field.key(), true);
        case "select", "radio" ->
            values.put(
                field.key(),
                field.choices().get(which < 0 ? field.choices().size() - 1 : which).value());
        case "textfield", "textarea" -> values.put(field.key(), REASON);
        default -> {
          if (field.required()) {
            throw new IllegalStateException("no answer for a required " + field.type());
          }
        }
      }
    }
    return values;
  }
}
