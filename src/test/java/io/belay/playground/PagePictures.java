package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * Takes the pictures of the pages in {@code docs/pictures}, and others to look at, from a Belay
 * that {@code ./belay up} has started, with two runs of its own: one that is aborted in the
 * rollout, one that waits for its approval.
 *
 * <pre>mvn test-compile exec:java -Dexec.mainClass=io.belay.playground.PagePictures
 * -Dexec.classpathScope=test -Dexec.args=http://127.0.0.1:8080</pre>
 */
public final class PagePictures {

  private static final Path PICTURES = Path.of("docs/pictures");

  /** Pages that are taken to be looked at, and are in no document. */
  private static final Path OTHERS = Path.of("target/pages");

  private static final String RUNBOOK = "main-server-v1-to-v2";
  private static final int WIDTH = 1280;
  private static final int HEIGHT = 860;

  private final URI belay;
  private final DemoClient people;
  private ChromeDriver browser;

  private PagePictures(URI belay) {
    this.belay = belay;
    this.people = new DemoClient(belay);
  }

  public static void main(String[] arguments) throws Exception {
    Files.createDirectories(PICTURES);
    Files.createDirectories(OTHERS);
    new PagePictures(URI.create(arguments[0])).take();
  }

  private void take() throws Exception {
    as(null, () -> picture("/login", "page-login", "#username"));
    String run = start("10s");
    answerUntil(run, view -> view.path("phases").toString().contains("Phase_ProgressiveRollout"));
    awaitWeights(run, 2);
    as("operator", () -> picture("/runs/" + run, "run-page", "#diagram svg", 1010));
    people.post("operator", "/api/runs/" + run + "/abort", Map.of("reason", "users complain"));
    answerUntil(run, view -> view.path("status").asText().equals("ROLLED_BACK"));
    String waiting = start("2s");
    answerUntil(waiting, view -> isAskedForApproval(waiting));
    as(
        "operator",
        () -> {
          picture("/runs/" + run, "run-rolled-back", "#diagram svg", 1100);
          picture("/runs/" + run + "/report", "run-report", "h1", 1110);
          picture("/", "runs", "table");
          picture("/runbooks/" + RUNBOOK, "runbook-start", "form.fields");
          browser.findElement(By.cssSelector("[hx-get]")).click();
          await("#plan table.plan");
          shoot("page-plan");
          picture("/no-such-page", "page-error", "h1");
          go("/camunda/app/cockpit/default/#/dashboard", ".belay-runbooks .belay-start");
          browser.executeScript(
              "document.querySelector('.belay-runbooks').scrollIntoView({block: 'center'})");
          view("cockpit");
          go("/camunda/app/cockpit/default/#/processes", ".belay-start");
          view("page-cockpit-processes");
        });
    as(
        "approver",
        () -> {
          picture("/runs/" + waiting, "run-approval", "#tasks form", 1010);
          go("/camunda/app/tasklist/default/", ".tasks-list .task");
          browser.findElement(By.cssSelector(".tasks-list .task h4, .tasks-list .task")).click();
          await(".fjs-form");
          view("tasklist");
        });
    as(
        "admin",
        () -> {
          go("/camunda/app/admin/default/#/users", "table");
          view("page-users");
          go("/camunda/app/admin/default/#/users/viewer?tab=account", "form");
          view("page-user");
        });
    people.post("operator", "/api/runs/" + waiting + "/abort", Map.of("reason", "seen enough"));
  }

  private interface Scene {
    void play() throws Exception;
  }

  /** A browser of its own for each person. */
  private void as(String user, Scene scene) throws Exception {
    browser = Chromium.open(WIDTH, HEIGHT);
    try {
      if (user != null) {
        go("/login", "#username");
        browser.findElement(By.id("username")).sendKeys(user);
        browser.findElement(By.id("password")).sendKeys(user);
        browser.findElement(By.cssSelector("button[type=submit]")).click();
        await(".top .who");
      }
      scene.play();
    } finally {
      browser.quit();
    }
  }

  private String start(String gateWindow) throws IOException, InterruptedException {
    Map<String, Object> parameters =
        PlaygroundRunbook.of(RUNBOOK)
            .parameters(Map.of("weights", "10,25,50,100", "gateWindow", gateWindow));
    return people
        .post("operator", "/api/runs", Map.of("runbook", RUNBOOK, "parameters", parameters))
        .path("id")
        .asText();
  }

  private boolean isAskedForApproval(String run) {
    return tasks(run).toString().contains("Task_Approve");
  }

  private JsonNode tasks(String run) {
    return get("/api/tasks?run=" + run);
  }

  private JsonNode get(String path) {
    return Work.run(() -> people.get(path).orElseThrow());
  }

  private void awaitWeights(String run, int weights) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(5))
        .until(
            () -> {
              int shifted = 0;
              for (JsonNode entry : get("/api/runs/" + run + "/journal?limit=5000")) {
                if (entry.path("step").asText().equals("shiftTraffic")
                    && entry.path("kind").asText().equals("RESULT")) {
                  shifted++;
                }
              }
              return shifted >= weights;
            });
  }

  private void answerUntil(String run, Predicate<JsonNode> reached) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(6))
        .until(
            () -> {
              if (reached.test(get("/api/runs/" + run))) {
                return true;
              }
              for (JsonNode open : tasks(run)) {
                answer(open.path("task"));
              }
              return false;
            });
  }

  private void answer(JsonNode task) throws IOException, InterruptedException {
    boolean approver = task.path("groups").toString().contains("approver");
    people.post(
        approver ? "approver" : "operator",
        "/api/tasks/" + task.path("id").asText() + "/complete",
        Map.of("values", PlaygroundRunbook.of(RUNBOOK).answer(task.path("activityId").asText())));
  }

  /** Only the top of the page. */
  private void picture(String path, String name, String shown, int height) throws IOException {
    go(path, shown);
    settle();
    capture(name, height);
  }

  private void picture(String path, String name, String shown) throws IOException {
    go(path, shown);
    shoot(name);
  }

  private void go(String path, String shown) {
    browser.get(belay.resolve(path).toString());
    await(shown);
  }

  private void await(String selector) {
    new WebDriverWait(browser, Duration.ofSeconds(60))
        .until(ExpectedConditions.visibilityOfElementLocated(By.cssSelector(selector)));
  }

  /** The whole page, as far down as it goes. */
  private void shoot(String name) throws IOException {
    settle();
    capture(name, number("return document.documentElement.scrollHeight"));
  }

  private long number(String script) {
    return ((Number) browser.executeScript(script)).longValue();
  }

  /** What a screen shows of it. */
  private void view(String name) throws IOException {
    settle();
    capture(name, number("return window.innerHeight"));
  }

  /** Plots and diagrams are drawn after the page is there. */
  private void settle() {
    browser.executeAsyncScript("setTimeout(arguments[0], 2500)");
  }

  private void capture(String name, long height) throws IOException {
    Map<String, Object> area = Map.of("x", 0, "y", 0, "width", WIDTH, "height", height, "scale", 1);
    Map<String, Object> picture =
        browser.executeCdpCommand(
            "Page.captureScreenshot",
            Map.of("format", "png", "captureBeyondViewport", true, "clip", area));
    Path directory = name.startsWith("page-") ? OTHERS : PICTURES;
    Path file = directory.resolve(name + ".png");
    Files.write(file, Base64.getDecoder().decode((String) picture.get("data")));
    System.out.println(file);
  }
}
