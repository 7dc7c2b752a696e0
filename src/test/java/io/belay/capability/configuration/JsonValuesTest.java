package io.belay.capability.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.belay.command.ChildProcesses;
import io.belay.playground.Scratch;
import io.belay.step.Assignments;
import io.belay.step.FakeStepContext;
import io.belay.target.CommittingConnections;
import io.belay.target.Connections;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import io.belay.target.TestTypes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Values in a JSON file, and in the document of a real server. */
class JsonValuesTest {

  private static final String DOCUMENT = "{ \"id\":7 , \"rules\":{\"mode\":\"old\"} }\n";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final Connections connections = new CommittingConnections();
  private final ValueStores stores =
      new ValueStores(connections, new ChildProcesses(), new HttpProbe());
  private final SetValues set = new SetValues(stores);
  private final RestoreValues restore = new RestoreValues(stores);
  private final List<String> puts = new ArrayList<>();
  private HttpServer server;
  private String document = DOCUMENT;
  private int failing;
  private Charset charset = StandardCharsets.UTF_8;
  private boolean rewrites;
  private Path file;
  private FakeStepContext context;

  @BeforeEach
  void world() throws Exception {
    file = Files.writeString(Scratch.directory("json-values").resolve("app.json"), DOCUMENT);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    URI url = URI.create("http://localhost:" + server.getAddress().getPort());
    context =
        new FakeStepContext(
            Map.of(
                "file", target(file, "/rules", null, null),
                "service", target(null, "/rules", "flags", "/flags/7"),
                "flags", http(url)));
  }

  @AfterEach
  void stop() {
    server.stop(0);
    connections.close();
  }

  private static HttpTarget http(URI url) {
    return new HttpTarget(
        url,
        Map.of("Authorization", Secret.of("Bearer t0k3n")),
        Duration.ofSeconds(10),
        null,
        null,
        null,
        null,
        null,
        Map.of(),
        Map.of(),
        List.of());
  }

  private static ValuesTarget target(Path file, String at, String http, String path) {
    return new ValuesTarget(
        Map.of("mode", ".*", "limit", "\\d+"),
        file,
        EnvDialect.DOTENV,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        at,
        http,
        path,
        null);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    boolean ours =
        exchange.getRequestURI().getPath().equals("/flags/7")
            && "Bearer t0k3n".equals(exchange.getRequestHeaders().getFirst("Authorization"));
    boolean put = exchange.getRequestMethod().equals("PUT");
    int status = ours ? put && failing-- > 0 ? 503 : 200 : 404;
    if (put && status == 200) {
      puts.add(body);
      document = rewrites ? JSON.writeValueAsString(JSON.readTree(body)) : body;
    }
    byte[] answer = (status == 200 && !put ? document : "").getBytes(charset);
    exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private static SetValues.Input input(String target) {
    return new SetValues.Input(target, Assignments.valueOf("mode=new\nlimit=5"), false);
  }

  private static final String CHANGED =
      "{ \"id\":7 , \"rules\":{\"limit\": 5,\"mode\":\"new\"} }\n";

  @Test
  void valuesInAJsonFile_comeBack_andAllElseStays() throws Exception {
    assertThat(context.run(set, input("file")).changed()).isEqualTo(2);
    assertThat(file).hasContent(CHANGED);
    assertThat(context.run(restore, new RestoreValues.Input("file")).restored()).isEqualTo(2);
    assertThat(Files.readString(file)).isEqualTo(DOCUMENT);
  }

  @Test
  void valuesOfAService_comeBack_inOneRequest_andWhatIsThereIsNotSentAgain() throws Exception {
    failing = 1;
    assertThatThrownBy(() -> context.run(set, input("service")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("/flags/7: 503; whether it took effect is not known");
    assertThat(context.retry(set, input("service")).changed()).isEqualTo(2);
    context.retry(set, input("service"));
    assertThat(puts).containsExactly(CHANGED);
    assertThat(context.run(restore, new RestoreValues.Input("none")).restored()).isEqualTo(2);
    assertThat(puts).containsExactly(CHANGED, DOCUMENT);
  }

  /** Most services keep what a document means, and write it in their own way. */
  @Test
  void serviceThatWritesItsDocumentAnew_hasTheValue() throws Exception {
    rewrites = true;
    document = "{ \"rules\" : { \"mode\" : { \"b\" : 1.50, \"a\" : [ 2 ] } } }";
    Assignments rule = Assignments.valueOf("mode={\"z\":[1,2],\"b\":{\"c\":true}}");
    SetValues.Input input = new SetValues.Input("service", rule, false);
    assertThat(context.run(set, input).changed()).isEqualTo(1);
    assertThat(context.run(set, input).changed()).isZero();
    assertThat(puts).hasSize(1);
    assertThat(context.run(restore, new RestoreValues.Input("none")).restored()).isEqualTo(1);
    assertThat(JsonText.canonical(document))
        .isEqualTo("{\"rules\":{\"mode\":{\"a\":[2],\"b\":1.5}}}");
  }

  @Test
  void documentThatIsNone_isRefused() throws Exception {
    document = "{}";
    assertThatThrownBy(() -> context.run(set, input("service")))
        .hasMessageContaining("no object at '/rules'; nothing was changed");
    Files.writeString(file, "{\"rules\":{},\"rules\":{}}");
    assertThatThrownBy(() -> context.run(set, input("file")))
        .hasMessageContaining("has a name twice")
        .hasMessageContaining("nothing was written");
    assertThat(puts).isEmpty();
  }

  /** Its other members would come back with other text. */
  @Test
  void documentThatIsNotUtf8_isNotPutBack() throws Exception {
    charset = StandardCharsets.ISO_8859_1;
    document = "{ \"name\": \"Zoë\", \"rules\": {} }";
    assertThatThrownBy(() -> context.run(set, input("service")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("it is not UTF-8")
        .hasMessageContaining("nothing was changed");
    assertThat(puts).isEmpty();
  }

  /** What was set is taken back there, and two objects of one document are not put at once. */
  @Test
  void place_isTheObject_andTheLeaseIsTheDocuments() throws Exception {
    assertThat(target(null, "/rules", "flags", "/flags/7").address())
        .contains("flags/flags/7#/rules");
    assertThat(target(null, "/rules", "flags", "/flags/7").identity())
        .isEqualTo(target(null, "/", "flags", "/flags/7").identity())
        .isNotEqualTo(target(null, "/", "flags", "/flags/8").identity());
    assertThat(target(file, "/rules", null, null).address().orElseThrow()).endsWith("json#/rules");
    assertThat(new ValuesTargetType().identify(target(file, "/", null, null)))
        .isNotEqualTo(new ValuesTargetType().identify(target(file, "/rules", null, null)));
  }

  @Test
  void settings_areRefusedEarly() {
    assertThat(TestTypes.problems(new ValuesTargetType(), target(null, null, "flags", "/x")))
        .anyMatch(problem -> problem.endsWith(".at: is needed with 'http'"));
    assertThat(TestTypes.problems(new ValuesTargetType(), target(file, "flags", null, null)))
        .anyMatch(problem -> problem.contains(".at: must be a JSON pointer such as"));
    assertThat(TestTypes.problems(new ValuesTargetType(), target(file, "/", null, "/x")))
        .anyMatch(problem -> problem.contains(".path: is needed with 'http', and only there"));
  }
}
