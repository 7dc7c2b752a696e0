package io.belay.security;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/** A request with the parameters and the body that were checked, whatever was sent. */
final class CheckedRequest extends HttpServletRequestWrapper {

  /** Parameters that keep the engine from building objects from stored values. */
  private static final Map<String, String> FIXED =
      Map.of(
          "deserializevalue",
          "deserializeValue=false",
          "deserializevalues",
          "deserializeValues=false");

  private final String query;
  private final JsonNode body;
  private final byte[] bytes;

  /**
   * @param body null when there is none
   * @param bytes null to pass on what was sent
   */
  CheckedRequest(HttpServletRequest request, String query, JsonNode body, byte[] bytes) {
    super(request);
    this.query = query;
    this.body = body;
    this.bytes = bytes;
  }

  JsonNode body() {
    return body;
  }

  /**
   * The query string to pass on.
   *
   * @throws DoorKeeper.Closed when a parameter would be evaluated
   */
  static String query(String sent) throws DoorKeeper.Closed {
    List<String> kept = new ArrayList<>();
    for (String part : sent == null ? new String[0] : sent.split("&")) {
      String name = name(part);
      if (BodyShape.isEvaluated(name)) {
        throw new DoorKeeper.Closed(
            HttpStatus.BAD_REQUEST,
            "Refused: %s: expressions are not evaluated here; give the value itself."
                .formatted(name));
      }
      if (!part.isEmpty() && !FIXED.containsKey(name.toLowerCase(Locale.ROOT))) {
        kept.add(part);
      }
    }
    kept.addAll(FIXED.values());
    return String.join("&", kept);
  }

  private static String name(String parameter) throws DoorKeeper.Closed {
    try {
      return URLDecoder.decode(parameter.split("=", 2)[0], StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new DoorKeeper.Closed(
          HttpStatus.BAD_REQUEST, "The parameters in the address are not encoded correctly.");
    }
  }

  @Override
  public String getQueryString() {
    return query;
  }

  @Override
  public int getContentLength() {
    return bytes == null ? super.getContentLength() : bytes.length;
  }

  @Override
  public long getContentLengthLong() {
    return bytes == null ? super.getContentLengthLong() : bytes.length;
  }

  @Override
  public String getContentType() {
    return bytes == null ? super.getContentType() : header("content-type");
  }

  @Override
  public String getCharacterEncoding() {
    return bytes == null ? super.getCharacterEncoding() : StandardCharsets.UTF_8.name();
  }

  @Override
  public String getHeader(String name) {
    return isOfTheBody(name) ? header(name.toLowerCase(Locale.ROOT)) : super.getHeader(name);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    if (!isOfTheBody(name)) {
      return super.getHeaders(name);
    }
    String value = header(name.toLowerCase(Locale.ROOT));
    return Collections.enumeration(value == null ? List.of() : List.of(value));
  }

  @Override
  public Enumeration<String> getHeaderNames() {
    if (bytes == null) {
      return super.getHeaderNames();
    }
    Stream<String> others =
        Collections.list(super.getHeaderNames()).stream().filter(name -> !isOfTheBody(name));
    Stream<String> ours = OF_THE_BODY.stream().filter(name -> header(name) != null);
    return Collections.enumeration(Stream.concat(others, ours).toList());
  }

  private static final Set<String> OF_THE_BODY =
      Set.of("content-type", "content-length", "content-encoding", "transfer-encoding");

  private boolean isOfTheBody(String header) {
    return bytes != null && OF_THE_BODY.contains(header.toLowerCase(Locale.ROOT));
  }

  private String header(String lowerCase) {
    return switch (lowerCase) {
      case "content-type" -> body == null ? null : MediaType.APPLICATION_JSON_VALUE;
      case "content-length" -> String.valueOf(bytes.length);
      default -> null;
    };
  }

  @Override
  public BufferedReader getReader() throws IOException {
    return bytes == null
        ? super.getReader()
        : new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    return bytes == null ? super.getInputStream() : new Bytes(bytes);
  }

  private static final class Bytes extends ServletInputStream {

    private final ByteArrayInputStream bytes;

    Bytes(byte[] bytes) {
      this.bytes = new ByteArrayInputStream(bytes);
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      return bytes.read(buffer, offset, length);
    }

    @Override
    public boolean isFinished() {
      return bytes.available() == 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new UnsupportedOperationException("read it in the request's thread");
    }
  }
}
