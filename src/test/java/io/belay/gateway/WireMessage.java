package io.belay.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One HTTP/1.1 message as it came over the wire, byte for byte (as Latin-1). The names of fields
 * are in lower case and sorted, which means nothing in HTTP; a chunked body is put together.
 *
 * @param start the request line, or an answer's version and status without its phrase
 */
record WireMessage(
    String start,
    Map<String, List<String>> fields,
    String body,
    Map<String, List<String>> trailers) {

  /** Of one connection, and so of each proxy's own choice. */
  private static final Set<String> OF_THE_CONNECTION =
      Set.of("connection", "keep-alive", "proxy-connection", "upgrade", "expect");

  WireMessage withoutConnectionFields() {
    Map<String, List<String>> kept = new TreeMap<>(fields);
    kept.keySet().removeAll(OF_THE_CONNECTION);
    return new WireMessage(start, kept, body, trailers);
  }

  /** A request without content may say so, or may not. */
  WireMessage withoutEmptyLength() {
    Map<String, List<String>> kept = new TreeMap<>(fields);
    kept.remove("content-length", List.of("0"));
    return new WireMessage(start, kept, body, trailers);
  }

  /**
   * @param bodiless whether no body follows whatever the fields say
   * @return null at the end of the stream
   */
  static WireMessage read(InputStream in, boolean bodiless) throws IOException {
    String first = line(in);
    if (first == null) {
      return null;
    }
    boolean answer = first.startsWith("HTTP/");
    String start = answer ? first.substring(0, Math.min(12, first.length())) : first;
    Map<String, List<String>> fields = fields(in);
    if (bodiless || start.matches("HTTP/1.1 (1..|204|304)")) {
      return new WireMessage(start, fields, "", Map.of());
    }
    if (fields.containsKey("transfer-encoding")) {
      StringBuilder body = new StringBuilder();
      for (int size; (size = Integer.parseInt(line(in).replaceAll(";.*", ""), 16)) > 0; ) {
        body.append(latin(in.readNBytes(size)));
        line(in);
      }
      return new WireMessage(start, fields, body.toString(), fields(in));
    }
    List<String> length = fields.get("content-length");
    int size = length != null ? Integer.parseInt(length.get(0)) : answer ? Integer.MAX_VALUE : 0;
    return new WireMessage(start, fields, latin(in.readNBytes(size)), Map.of());
  }

  private static Map<String, List<String>> fields(InputStream in) throws IOException {
    Map<String, List<String>> fields = new TreeMap<>();
    for (String line; (line = line(in)) != null && !line.isEmpty(); ) {
      int colon = line.indexOf(':');
      fields
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(line.substring(colon + 1).replaceAll("^ | $", ""));
    }
    return fields;
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next; (next = in.read()) >= 0; line.write(next)) {
      if (next == '\n') {
        return latin(line.toByteArray()).replaceAll("\r$", "");
      }
    }
    return line.size() == 0 ? null : latin(line.toByteArray());
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
