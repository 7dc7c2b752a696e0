package io.belay.capability.check;

import io.belay.capability.rollout.HaproxyProcess;
import io.belay.capability.rollout.RouterWorld;
import io.belay.capability.rollout.Routers;
import io.belay.model.ModelFiles;
import io.belay.playground.Ports;
import io.belay.step.FakeStepContext;
import io.belay.target.HttpProbe;
import io.belay.target.RouterTarget;
import io.belay.target.Weight;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.camunda.bpm.dmn.engine.DmnEngine;
import org.camunda.bpm.dmn.engine.DmnEngineConfiguration;
import org.camunda.bpm.model.dmn.Dmn;
import org.camunda.bpm.model.dmn.instance.InputExpression;

/**
 * Gives half of the users' traffic to a new version, lets a fault happen, and asks the health gate:
 * real services, a real router, the measurement and the decision table as delivered.
 */
final class GateMatrix {

  enum RouterKind {
    GATEWAY,
    HAPROXY
  }

  /** What a gate said. */
  record Said(GateFault fault, RouterKind router, String verdict, String reason) {

    /** Whether it passes only what may pass. */
    boolean isRight() {
      return verdict.equals("PASS") == fault.passes();
    }
  }

  private static final DmnEngine TABLES =
      DmnEngineConfiguration.createDefaultDmnEngineConfiguration().buildEngine();
  private static final String TABLE = "health-gate";
  private static final Path FILE = ModelFiles.PROCESSES.resolve("decisions/" + TABLE + ".dmn");

  private final Duration window;
  private final Duration longest;

  GateMatrix(Duration window, Duration longest) {
    this.window = window;
    this.longest = longest;
  }

  Said ask(GateFault fault, RouterKind kind) throws Exception {
    Path directory = Files.createTempDirectory("gate");
    try (GateScene scene = new GateScene()) {
      fault.cause().accept(scene);
      String old = scene.old.url().getAuthority();
      String fresh =
          scene.outOfReach ? "127.0.0.1:" + Ports.free() : scene.fresh.url().getAuthority();
      if (kind == RouterKind.HAPROXY) {
        try (HaproxyProcess haproxy =
            HaproxyProcess.withServers(
                directory,
                "server v1 %s weight 100\nserver v2 %s weight 100 %s\n"
                    .formatted(old, fresh, scene.outOfReach ? "check inter 100ms" : ""))) {
          return said(fault, kind, scene, haproxy.target());
        }
      }
      try (RouterWorld gateway =
          new RouterWorld(
              directory, "{v1: {v1: 'http://%s'}, v2: {v2: 'http://%s'}}".formatted(old, fresh))) {
        new Routers().open(gateway.target()).shift(Weight.of(50), 0);
        return said(fault, kind, scene, gateway.target());
      }
    }
  }

  private Said said(GateFault fault, RouterKind kind, GateScene scene, RouterTarget router)
      throws Exception {
    scene.call(router.url());
    CompletableFuture<Void> later =
        CompletableFuture.runAsync(
            scene.later,
            CompletableFuture.delayedExecutor(window.toMillis() / 2, TimeUnit.MILLISECONDS));
    FakeStepContext context =
        new FakeStepContext(
            Map.of("v1", scene.old.target(), "v2", scene.fresh.target(), "router", router));
    MeasureHealth.Result result =
        context.run(
            new MeasureHealth(new HttpProbe(), new Routers()),
            new MeasureHealth.Input(
                "v2",
                "v1",
                "router",
                0,
                window,
                longest,
                5,
                2,
                1,
                Duration.ofMillis(100),
                asked()));
    later.join();
    if (!result.decidable()) {
      return new Said(fault, kind, "asks a person", result.missing());
    }
    Map<String, Object> decision =
        TABLES
            .evaluateDecision(TABLES.parseDecision(TABLE, ModelFiles.open(FILE)), variables(result))
            .getSingleResult()
            .getEntryMap();
    return new Said(
        fault, kind, decision.get("verdict").toString(), decision.get("reason").toString());
  }

  /** As the gate gives the step what its table asks. */
  private static List<String> asked() {
    return Dmn.readModelFromStream(ModelFiles.open(FILE))
        .getModelElementsByType(InputExpression.class)
        .stream()
        .map(input -> input.getText().getTextContent().trim())
        .toList();
  }

  /** As the engine has them. */
  private static Map<String, Object> variables(MeasureHealth.Result result) throws Exception {
    Map<String, Object> variables = new HashMap<>();
    for (RecordComponent component : MeasureHealth.Result.class.getRecordComponents()) {
      component.getAccessor().setAccessible(true);
      Object value = component.getAccessor().invoke(result);
      variables.put(component.getName(), value instanceof Enum<?> one ? one.name() : value);
    }
    return variables;
  }
}
