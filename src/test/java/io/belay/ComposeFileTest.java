package io.belay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.belay.target.AllTargetTypes;
import io.belay.target.Environments;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.yaml.snakeyaml.Yaml;

/**
 * {@code docker-compose.yml}, {@code Dockerfile} and what they refer to, as far as they can be
 * checked without Docker.
 */
class ComposeFileTest {

  private static final Pattern VARIABLE = Pattern.compile("(?<!\\$)\\$\\{([A-Z_]+)(:[?-][^}]*)?}");
  private static final Path COMPOSE = Path.of("docker-compose.yml");

  /** With merge keys applied, as Docker reads it. */
  private final JsonNode compose = new ObjectMapper().valueToTree(yaml(COMPOSE));

  @Test
  void everyVariable_isExplainedInTheExample_andNoOther() throws IOException {
    assertThat(example().keySet()).containsExactlyInAnyOrderElementsOf(variables());
  }

  @Test
  void everyVariable_isRequired_unlessItsDefaultIsLoopback() throws IOException {
    assertThat(VARIABLE.matcher(read(COMPOSE)).results())
        .allSatisfy(
            use ->
                assertThat(use.group(2))
                    .as(use.group(1))
                    .matches(rule -> rule.startsWith(":?") || rule.startsWith(":-127.0.0.1:")));
  }

  @Test
  void theExample_holdsNoPassword() throws IOException {
    example()
        .forEach(
            (name, value) ->
                assertThat(value).as(name).matches(text -> text.isEmpty() || isLoopback(text)));
  }

  private static boolean isLoopback(String text) {
    return text.startsWith("127.0.0.1:");
  }

  @Test
  void noSecret_standsInTheFile_orOnACommandLine() {
    compose
        .path("services")
        .forEach(
            service -> {
              service
                  .path("environment")
                  .properties()
                  .forEach(
                      variable -> {
                        if (variable.getKey().matches(".*(PASSWORD|TOKEN|KEY|SECRET).*")) {
                          assertThat(variable.getValue().asText())
                              .as(variable.getKey())
                              .matches("\\$\\{[A-Z_]+:\\?.+}");
                        }
                      });
              assertThat(VARIABLE.matcher(service.path("command").toString()).find()).isFalse();
            });
  }

  @Test
  void everythingThatIsReferredTo_isDeclared() {
    Set<String> services = names("services");
    compose
        .path("services")
        .properties()
        .forEach(
            entry -> {
              JsonNode service = entry.getValue();
              String name = entry.getKey();
              assertThat(services).as(name).containsAll(keys(service.path("depends_on")));
              assertThat(names("networks")).as(name).containsAll(texts(service.path("networks")));
              for (String volume : texts(service.path("volumes"))) {
                String source = volume.split(":")[0];
                if (source.startsWith("./")) {
                  assertThat(Path.of(source)).as(name).exists();
                } else {
                  assertThat(names("volumes")).as(name).contains(source);
                }
              }
              assertThat(service.has("image")).as(name + " has an image").isTrue();
              waitsOnlyForWhatCanBeKnown(service);
            });
  }

  private void waitsOnlyForWhatCanBeKnown(JsonNode service) {
    service
        .path("depends_on")
        .properties()
        .forEach(
            wait -> {
              JsonNode other = compose.path("services").path(wait.getKey());
              switch (wait.getValue().path("condition").asText()) {
                case "service_healthy" -> assertThat(other.has("healthcheck")).isTrue();
                case "service_completed_successfully" ->
                    assertThat(other.path("restart").asText()).isEqualTo("no");
                default ->
                    assertThat(wait.getValue().path("condition").asText())
                        .isEqualTo("service_started");
              }
            });
  }

  @Test
  void whatWeBuild_runsWithoutPrivileges_onAReadOnlySystem() {
    compose
        .path("services")
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().has("build")) {
                assertThat(entry.getValue().path("read_only").asBoolean())
                    .as(entry.getKey())
                    .isTrue();
                assertThat(texts(entry.getValue().path("cap_drop"))).containsExactly("ALL");
              }
            });
  }

  @Test
  void commands_nameMainClassesAndWordsThatExist() throws Exception {
    for (JsonNode service : compose.path("services")) {
      List<String> command = texts(service.path("command"));
      String target = service.path("build").path("target").asText();
      if (target.equals("belay") && !command.isEmpty()) {
        Class.forName(command.get(0)).getMethod("main", String[].class);
      } else if (target.equals("playground")) {
        assertThat(String.join(" ", command))
            .isIn("prepare", "serve v1", "serve v2", "serve staging", "users");
      }
    }
    String dockerfile = read(Path.of("Dockerfile"));
    for (String main : all("\"(io\\.belay\\.[A-Za-z.]+)\"", dockerfile)) {
      Class.forName(main).getMethod("main", String[].class);
    }
    assertThat(all("(?m)^FROM \\S+ AS (\\S+)$", dockerfile))
        .contains("build", "belay", "playground");
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }

  @Test
  void whatTheImageCopies_isThere_andNotHiddenFromTheBuild() throws IOException {
    List<String> shown =
        Files.readAllLines(Path.of(".dockerignore")).stream()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();
    for (String source : all("(?m)^COPY (?!--from)(\\S+) ", read(Path.of("Dockerfile")))) {
      assertThat(Path.of(source)).exists();
      assertThat(shown).contains(source);
    }
    assertThat(read(Path.of("Dockerfile")))
        .contains("USER belay", "BELAY_HEALTH_PORT=8079", "http://127.0.0.1:8079/actuator/health")
        .doesNotContain("latest");
    // The jar has that port without the image, too.
    assertThat(read(Path.of("src/main/resources/application.yaml")))
        .contains("port: ${BELAY_HEALTH_PORT:8079}");
  }

  @Test
  void belay_canBeScaled_behindTheFront() throws IOException {
    JsonNode belay = compose.path("services").path("belay");
    // Two containers cannot have the same name or publish the same port.
    assertThat(belay.has("ports") || belay.has("container_name")).isFalse();
    assertThat(belay.path("environment").path("BELAY_DATABASE_URL").asText())
        .startsWith("jdbc:postgresql:");
    JsonNode front = compose.path("services").path("front");
    assertThat(texts(front.path("networks"))).containsAnyElementsOf(texts(belay.path("networks")));
    assertThat(texts(front.path("ports"))).allMatch(port -> port.endsWith(":8080"));
    assertThat(read(Path.of("docker/front.cfg")))
        .contains("bind :8080", "server-template node 10 belay:8080 check port 8079 ")
        .contains("uri /actuator/health/readiness");
  }

  @Test
  void theAgent_mayDoStepsThatExist_andGetsNoDatabaseOfTheEngine() throws IOException {
    JsonNode services =
        new ObjectMapper().valueToTree(yaml(Path.of("docker/agent.yml"))).path("services");
    JsonNode agent = services.path("agent");
    assertThat(texts(agent.path("networks"))).containsExactly("application");
    assertThat(agent.path("environment").toString()).doesNotContain("BELAY_DATABASE");
    String topics = services.at("/belay/environment/BELAY_AGENTS_NEAR_TOPICS").asText();
    String steps = read(Path.of("src/main/resources/steps.properties"));
    assertThat(topics.split(",")).hasSizeGreaterThan(1).allMatch(steps::contains);
    assertThat(names("volumes"))
        .containsAll(
            texts(agent.path("volumes")).stream()
                .map(volume -> volume.split(":")[0])
                .filter(source -> !source.startsWith("./"))
                .toList());
  }

  @Test
  void theGateway_knowsOnlyServicesOfThisFile() throws IOException {
    JsonNode gateway = new YAMLMapper().readTree(Path.of("docker/gateway.yml").toFile());
    List<String> hosts = new ArrayList<>();
    gateway
        .path("backends")
        .forEach(servers -> servers.forEach(url -> hosts.add(URI.create(url.asText()).getHost())));
    assertThat(hosts).isNotEmpty();
    assertThat(names("services")).containsAll(hosts);
  }

  @Test
  void theEnvironment_isValid_withTheVariablesThatBelayGets(@TempDir Path directory)
      throws IOException {
    Path changelog = Files.writeString(directory.resolve("changelog.sql"), "--liquibase");
    Files.writeString(
        directory.resolve("compose.yml"),
        read(Path.of("docker/environments/compose.yml"))
            .replace("/srv/main-server/v2-changelog.sql", changelog.toString()));
    Map<String, Object> variables = new HashMap<>();
    compose
        .path("services")
        .path("belay")
        .path("environment")
        .fieldNames()
        .forEachRemaining(name -> variables.put(name, "https://example.com/" + name));
    StandardEnvironment settings = new StandardEnvironment();
    settings
        .getPropertySources()
        .remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
    settings.getPropertySources().addFirst(new MapPropertySource("compose", variables));

    var environment = new Environments(directory, settings, AllTargetTypes.types()).load("compose");

    assertThat(environment.targets()).containsKeys("v1", "v2", "staging", "router", "tests");
    assertThat(read(Path.of("docker/environments/compose.yml")))
        .doesNotContainPattern("(?m)^\\s+(password|token|webhook-token): [^$]");
  }

  private static Object yaml(Path file) {
    try {
      return new Yaml().load(read(file));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }

  private static Set<String> variables() throws IOException {
    return VARIABLE
        .matcher(read(COMPOSE))
        .results()
        .map((MatchResult use) -> use.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Map<String, String> example() throws IOException {
    return Files.readAllLines(Path.of(".env.example")).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }

  private Set<String> names(String section) {
    return keys(compose.path(section));
  }

  private static Set<String> keys(JsonNode object) {
    Set<String> keys = new TreeSet<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asText()));
    return texts;
  }
}
