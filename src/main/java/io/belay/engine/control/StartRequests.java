package io.belay.engine.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.belay.engine.control.RunControl.NotPossible;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Starts of runs under an {@code Idempotency-Key}: a client that did not see the answer asks again,
 * and gets the run that the first request started. The key belongs to its user.
 */
@Component
class StartRequests {

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final ObjectMapper json;

  StartRequests(JdbcTemplate jdbc, PlatformTransactionManager transactions, ObjectMapper json) {
    this.jdbc = jdbc;
    this.transaction = new TransactionTemplate(transactions);
    this.json = json.copy().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
  }

  /**
   * @param start starts the run, in the transaction that keeps the key
   * @return id of the run
   * @throws NotPossible when the key was used for another request
   */
  String once(
      String user,
      String key,
      String runbook,
      String name,
      Map<String, Object> values,
      Supplier<String> start) {
    String request = digest(user + "\n" + key);
    String content = digest(runbook + "\n" + name + "\n" + text(values));
    try {
      return transaction.execute(
          status -> {
            jdbc.update(
                "INSERT INTO belay_start_request (request, content, at) VALUES (?,?,?)",
                request,
                content,
                LocalDateTime.now(ZoneOffset.UTC));
            String run = start.get();
            jdbc.update(
                "UPDATE belay_start_request SET run_id = ? WHERE request = ?", run, request);
            return run;
          });
    } catch (DuplicateKeyException earlier) {
      return runOf(request, content);
    }
  }

  private String runOf(String request, String content) {
    List<Map<String, Object>> found =
        jdbc.queryForList(
            "SELECT content, run_id FROM belay_start_request WHERE request = ?", request);
    if (found.isEmpty()) {
      throw new NotPossible(
          "the first request with this Idempotency-Key failed just now; ask again");
    }
    if (!content.equals(found.get(0).get("content"))) {
      throw new NotPossible("this Idempotency-Key was used for another start; nothing was started");
    }
    return (String) found.get(0).get("run_id");
  }

  private String text(Map<String, Object> values) {
    try {
      return json.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
