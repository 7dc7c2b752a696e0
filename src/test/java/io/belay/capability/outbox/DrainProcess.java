package io.belay.capability.outbox;

import io.belay.command.ChildProcesses;
import io.belay.step.StepContext;
import io.belay.target.Cancellation;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.Progress;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** A process that drains an outbox again and again, and is killed at it. */
final class DrainProcess {

  private DrainProcess() {}

  /**
   * Begins when it is told to, by a line on its input.
   *
   * @param arguments port of the database, port of the receiver, batch, number of this process
   */
  public static void main(String[] arguments) throws Exception {
    Environment environment =
        new Environment(
            "test",
            "",
            new LinkedHashMap<>(
                Map.of(
                    "shop", OutboxDatabase.target(Integer.parseInt(arguments[0])),
                    "events", EventReceiver.target(Integer.parseInt(arguments[1])))));
    StepContext context = context(environment, Integer.parseInt(arguments[3]));
    var drain = new DrainOutbox(new Connections(), new HttpProbe(), new ChildProcesses());
    var input = OutboxDatabase.input(Integer.parseInt(arguments[2]), Duration.ofSeconds(10));
    System.out.println("ready");
    System.in.read();
    while (true) {
      drain.perform(input, context);
      Thread.sleep(5);
    }
  }

  /** A context without a journal: each process is the first attempt of an execution of its own. */
  private static StepContext context(Environment environment, int number) {
    InvocationHandler answers =
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "fence" -> (long) number;
              case "runId", "runName" -> "run-1";
              case "stepKey" -> "drainOutbox-" + number;
              case "attempt" -> 1;
              case "environment" -> environment;
              case "progress" -> Progress.NONE;
              case "cancellation" -> Cancellation.NONE;
              case "log" -> null;
              default -> {
                if (!method.isDefault()) {
                  throw new UnsupportedOperationException(method.getName());
                }
                yield InvocationHandler.invokeDefault(proxy, method, arguments);
              }
            };
    return (StepContext)
        Proxy.newProxyInstance(
            StepContext.class.getClassLoader(), new Class<?>[] {StepContext.class}, answers);
  }
}
