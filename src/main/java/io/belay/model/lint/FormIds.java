package io.belay.model.lint;

import java.util.function.Consumer;

/** A form is found by its id, which is the file's name. */
final class FormIds implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (FormFile form : set.forms()) {
      String id = form.json().path("id").asText();
      if (!id.equals(form.name())) {
        out.accept(
            new Finding(
                form.file(),
                id,
                "the form's id is not the file's name; call it '%s'".formatted(form.name())));
      }
    }
  }
}
