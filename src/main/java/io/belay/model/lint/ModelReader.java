package io.belay.model.lint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.dmn.Dmn;
import org.camunda.bpm.model.xml.ModelException;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;

/** Reads the files of a set, and reports why a file cannot be read. */
final class ModelReader {

  static final int MAX_BYTES = 2_000_000;
  static final int MAX_FILES = 200;

  /** More cannot be watched on one page; it also bounds what the rules have to compare. */
  static final int MAX_NODES = 500;

  private static final Pattern NAME =
      Pattern.compile(
          "(?:(runbooks|phases)/[a-z0-9]+(?:-[a-z0-9]+)*\\.bpmn"
              + "|(decisions)/[a-z0-9]+(?:-[a-z0-9]+)*\\.dmn"
              + "|(forms)/[a-z0-9]+(?:-[a-z0-9]+)*\\.form)");

  private final JsonMapper json =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private final List<ProcessFile> processes = new ArrayList<>();
  private final List<DecisionFile> decisions = new ArrayList<>();
  private final List<FormFile> forms = new ArrayList<>();
  private final Consumer<Finding> out;

  ModelReader(Consumer<Finding> out) {
    this.out = out;
  }

  ModelSet read(Map<String, byte[]> models, Steps steps) {
    if (models.isEmpty()) {
      refuse("", "there is no model in the set; a set holds everything that is to be deployed");
    }
    if (models.size() > MAX_FILES) {
      refuse("", "%d files are more than the %d of a set".formatted(models.size(), MAX_FILES));
    } else {
      new TreeMap<>(models).forEach(this::readFile);
    }
    return new ModelSet(steps, processes, decisions, forms);
  }

  private void readFile(String file, byte[] content) {
    Matcher name = NAME.matcher(file);
    if (file.length() > 200 || !name.matches()) {
      refuse(
          file.length() > 200 ? file.substring(0, 200) + "…" : file,
          "is no known kind of file; a set holds runbooks/*.bpmn, phases/*.bpmn, decisions/*.dmn and"
              + " forms/*.form with names in kebab-case");
      return;
    }
    if (content.length > MAX_BYTES) {
      refuse(file, "has %d bytes, more than %d".formatted(content.length, MAX_BYTES));
      return;
    }
    try {
      if (name.group(3) != null) {
        readForm(file, content);
      } else if (name.group(2) != null) {
        Document xml = SafeXml.read(content);
        decisions.add(
            new DecisionFile(
                file, xml, Dmn.readModelFromStream(new ByteArrayInputStream(content))));
      } else {
        readProcess(file, content);
      }
    } catch (SAXException | ModelException e) {
      refuse(file, "cannot be read: " + SafeXml.describe(e));
    }
  }

  private void readProcess(String file, byte[] content) throws SAXException {
    Document xml = SafeXml.read(content);
    BpmnModelInstance model = Bpmn.readModelFromStream(new ByteArrayInputStream(content));
    int nodes = model.getModelElementsByType(FlowNode.class).size();
    if (nodes > MAX_NODES) {
      refuse(file, "has %d flow nodes, more than %d; split it".formatted(nodes, MAX_NODES));
      return;
    }
    model.getModelElementsByType(Process.class).stream()
        .findFirst()
        .ifPresentOrElse(
            process -> processes.add(new ProcessFile(file, xml, model, process)),
            () -> refuse(file, "has no process; a file holds exactly one"));
  }

  private void readForm(String file, byte[] content) {
    try {
      JsonNode form = json.readTree(content);
      if (form.path("components").isArray()) {
        forms.add(new FormFile(file, form));
      } else {
        refuse(file, "is no Camunda Form: it has no list of components");
      }
    } catch (JsonProcessingException e) {
      refuse(
          file,
          "cannot be read: line %d: %s"
              .formatted(
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                  e.getOriginalMessage()));
    } catch (IOException e) {
      refuse(file, "cannot be read: " + e.getMessage());
    }
  }

  private void refuse(String file, String rule) {
    out.accept(new Finding(file, "", rule));
  }
}
