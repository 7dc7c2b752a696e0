package io.belay.benchmark;

import io.belay.Belay;
import org.springframework.boot.SpringApplication;

/** A node that has the steps of benchmarks; ends with the process that started it. */
final class BenchmarkNode {

  private BenchmarkNode() {}

  public static void main(String[] arguments) {
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(0)));
    SpringApplication.run(new Class<?>[] {Belay.class, BelayInside.Steps.class}, arguments);
  }
}
