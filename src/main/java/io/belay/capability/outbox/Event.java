package io.belay.capability.outbox;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * One row of an outbox.
 *
 * @param aggregate empty when it belongs to none
 * @param order value of the column that orders it among the events of its aggregate
 * @param payload null for none
 * @param json whether the payload is JSON, else it is text
 */
record Event(String id, String aggregate, String order, String type, String payload, boolean json) {

  private static final JsonFactory JSON = new JsonFactory();

  /**
   * The event as a CloudEvent 1.0 in JSON. A JSON payload is copied as it is: no number loses
   * digits.
   *
   * @param source of the event; with its id, it identifies the event at every attempt
   */
  String cloudEvent(String source) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      out.writeStringField("specversion", "1.0");
      out.writeStringField("id", id);
      out.writeStringField("source", source);
      out.writeStringField("type", type);
      if (!aggregate.isEmpty()) {
        out.writeStringField("subject", aggregate);
      }
      if (payload != null) {
        out.writeStringField("datacontenttype", json ? "application/json" : "text/plain");
        out.writeFieldName("data");
        if (json) {
          out.writeRawValue(payload);
        } else {
          out.writeString(payload);
        }
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** Without the payload, which may be private. */
  @Override
  public String toString() {
    return "event %s%s".formatted(id, aggregate.isEmpty() ? "" : " of aggregate " + aggregate);
  }
}
