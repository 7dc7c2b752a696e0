package io.belay.security;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.step.AgentSettings.Agent;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Checks what an agent sends to engine-rest, and hands the engine exactly what was checked: the
 * parsed body written anew, so that no two readers can understand it differently.
 */
class AgentGate extends OncePerRequestFilter {

  private static final int LARGEST = 1024 * 1024;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Agents agents;
  private final AgentTaskRules rules;
  private final Problems problems;

  AgentGate(Agents agents, AgentTaskRules rules, Problems problems) {
    this.agents = agents;
    this.rules = rules;
    this.problems = problems;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!agents.isOne(request.getUserPrincipal())) {
      chain.doFilter(request, response);
      return;
    }
    Optional<Agent> limits = agents.limits(request.getUserPrincipal());
    byte[] sent = request.getInputStream().readNBytes(LARGEST + 1);
    if (sent.length > LARGEST) {
      problems.write(
          request, response, HttpStatus.PAYLOAD_TOO_LARGE, "The body is longer than 1 MB.");
      return;
    }
    JsonNode body;
    try {
      body = JSON.readTree(sent);
    } catch (JsonProcessingException e) {
      problems.write(request, response, HttpStatus.BAD_REQUEST, "The body is no valid JSON.");
      return;
    }
    try {
      if (limits.isEmpty() || !(body instanceof ObjectNode object)) {
        throw new AgentTaskRules.Broken("an agent may not do this");
      }
      rules.check(request.getUserPrincipal().getName(), limits.get(), Agents.path(request), object);
    } catch (AgentTaskRules.Broken broken) {
      problems.write(
          request, response, HttpStatus.FORBIDDEN, "Refused: " + broken.getMessage() + ".");
      return;
    }
    chain.doFilter(new Checked(request, JSON.writeValueAsBytes(body)), response);
  }

  private static final class Checked extends HttpServletRequestWrapper {

    private final byte[] body;

    Checked(HttpServletRequest request, byte[] body) {
      super(request);
      this.body = body;
    }

    @Override
    public int getContentLength() {
      return body.length;
    }

    @Override
    public long getContentLengthLong() {
      return body.length;
    }

    @Override
    public BufferedReader getReader() {
      return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
    }

    @Override
    public ServletInputStream getInputStream() {
      ByteArrayInputStream bytes = new ByteArrayInputStream(body);
      return new ServletInputStream() {
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
      };
    }
  }
}
