package io.belay.step;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The agents, and what each may work on ({@code belay.agents.<name>.*}). Steps that an agent serves
 * in an environment are left to agents; Belay does all others itself.
 *
 * @param agents by name, which is that of a user of the group {@code service}
 */
@Validated
@ConfigurationProperties("belay")
public record AgentSettings(@Valid @NotNull @DefaultValue Map<String, Agent> agents) {

  /** Separates an agent's name from the rest of its worker id. */
  static final String SEPARATOR = ":";

  /**
   * @param topics bean names of long steps
   * @param environments names of environments
   */
  public record Agent(@NotEmpty Set<String> topics, @NotEmpty Set<String> environments) {

    public boolean serves(String topic, String environment) {
      return topics.contains(topic) && environments.contains(environment);
    }
  }

  public AgentSettings {
    for (String name : agents == null ? Set.<String>of() : agents.keySet()) {
      if (!name.matches("[a-z0-9][a-z0-9-]{0,31}")) {
        throw new IllegalArgumentException(
            "belay.agents.%s: a name has lower-case letters, digits and '-', at most 32"
                .formatted(name));
      }
    }
  }

  public Optional<Agent> find(String name) {
    return Optional.ofNullable(agents.get(name));
  }

  /** Whether a worker with that id is the agent of that name. */
  public static boolean isWorkerOf(String agent, String worker) {
    return worker != null && worker.startsWith(agent + SEPARATOR);
  }

  /** Whether any agent serves that step in any environment. */
  boolean anywhere(String topic) {
    return agents.values().stream().anyMatch(agent -> agent.topics().contains(topic));
  }

  /** Whether steps of that topic are left to agents in that environment. */
  boolean leftToAgents(String topic, String environment) {
    return agents.values().stream().anyMatch(agent -> agent.serves(topic, environment));
  }
}
