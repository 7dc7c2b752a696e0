package io.belay.engine;

import io.belay.engine.ModelWorld.Call;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Checklists of one item each: a change by a command that is named as the list. */
final class ScriptedChecklists {

  private final List<String> left;
  private final List<String> done = new ArrayList<>();

  ScriptedChecklists(String... names) {
    left = new ArrayList<>(List.of(names));
  }

  void answer(ModelRun run) {
    run.answer("chooseItem", call -> next(call, left, done));
    run.answer("chooseItemBack", call -> temporary(call) ? item("NONE") : next(call, done, left));
  }

  /** The lists whose item is done. */
  List<String> done() {
    return List.copyOf(done);
  }

  private static Map<String, Object> next(Call call, List<String> from, List<String> to) {
    String checklist = call.inputs().get("checklist").toString();
    if (!from.remove(checklist)) {
      return item("NONE");
    }
    to.add(checklist);
    Map<String, Object> item = item("CHANGE_BY_COMMAND");
    item.put("subject", checklist);
    return item;
  }

  private static boolean temporary(Call call) {
    return "true".equals(String.valueOf(call.inputs().get("temporaryOnly")));
  }

  private static Map<String, Object> item(String kind) {
    Map<String, Object> item = new HashMap<>();
    List.of("subject", "parameters", "expected", "instruction").forEach(key -> item.put(key, ""));
    List.of("due", "askedText", "askedFile").forEach(key -> item.put(key, null));
    IntStream.rangeClosed(1, 6).forEach(number -> item.put("check" + number, null));
    item.putAll(Map.of("kind", kind, "number", 1, "name", "item", "temporary", false));
    return item;
  }
}
