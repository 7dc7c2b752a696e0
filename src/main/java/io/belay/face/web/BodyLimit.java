package io.belay.face.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.engine.control.TaskProofs;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses bodies of the REST interfaces that are too large, with or without a content length. */
@Component
class BodyLimit extends OncePerRequestFilter {

  /** In bytes; the largest form of a runbook has a few thousand. */
  static final long LIMIT = 256 * 1024;

  /** For agents, whose checkpoints and manifests can be long, in bytes. */
  private static final long AGENT_LIMIT = 4 * 1024 * 1024;

  /** A file that proves a person's work. */
  private static final Pattern PROOF = Pattern.compile("/api/tasks/[^/]+/proof");

  /** For the pages, as {@code server.tomcat.max-http-form-post-size}. */
  private static final long FORM_LIMIT = 2 * 1024 * 1024;

  /** For the engine's interfaces, which also accept models. */
  static final long ENGINE_LIMIT = 16 * 1024 * 1024;

  /** The body is larger than its limit. */
  static final class BodyTooLarge extends IOException {
    BodyTooLarge(long limit) {
      super("The body has more than %d bytes.".formatted(limit));
    }
  }

  private final ObjectMapper json;

  BodyLimit(ObjectMapper json) {
    this.json = json;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return limit(request) == Long.MAX_VALUE;
  }

  /** How much of a request's body will be read, in bytes. */
  static long ofBuffer(HttpServletRequest request) {
    long limit = limit(request);
    return limit == Long.MAX_VALUE ? FORM_LIMIT : limit;
  }

  private static long limit(HttpServletRequest request) {
    String path = request.getRequestURI().substring(request.getContextPath().length());
    if (path.startsWith("/api/agent/")) {
      return AGENT_LIMIT;
    }
    if (PROOF.matcher(path).matches()) {
      return TaskProofs.LARGEST;
    }
    if (path.startsWith("/api/")) {
      return LIMIT;
    }
    return path.startsWith("/engine-rest/") || path.startsWith("/camunda/")
        ? ENGINE_LIMIT
        : Long.MAX_VALUE;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    long limit = limit(request);
    if (request.getContentLengthLong() > limit) {
      response.setStatus(HttpStatus.PAYLOAD_TOO_LARGE.value());
      response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
      json.writeValue(
          response.getOutputStream(),
          ProblemDetail.forStatusAndDetail(
              HttpStatus.PAYLOAD_TOO_LARGE, new BodyTooLarge(limit).getMessage()));
      return;
    }
    chain.doFilter(new Limited(request, limit), response);
  }

  private static final class Limited extends HttpServletRequestWrapper {

    private final long limit;

    Limited(HttpServletRequest request, long limit) {
      super(request);
      this.limit = limit;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      return new Counting(super.getInputStream(), limit);
    }
  }

  private static final class Counting extends ServletInputStream {

    private final ServletInputStream body;
    private final long limit;
    private long count;

    Counting(ServletInputStream body, long limit) {
      this.body = body;
      this.limit = limit;
    }

    @Override
    public int read() throws IOException {
      int value = body.read();
      count(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = body.read(buffer, offset, length);
      count(Math.max(read, 0));
      return read;
    }

    private void count(int read) throws BodyTooLarge {
      count += read;
      if (count > limit) {
        throw new BodyTooLarge(limit);
      }
    }

    @Override
    public boolean isFinished() {
      return body.isFinished();
    }

    @Override
    public boolean isReady() {
      return body.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      body.setReadListener(listener);
    }
  }
}
