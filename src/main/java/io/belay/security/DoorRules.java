package io.belay.security;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.security.DoorKeeper.Closed;
import io.belay.step.AgentSettings.Agent;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.camunda.bpm.engine.RepositoryService;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/** What a request must meet besides the shape of its body: {@link Door.Rule}. */
@Component
class DoorRules {

  private final AgentTaskRules agentTasks;
  private final Agents agents;
  private final RepositoryService repository;

  DoorRules(AgentTaskRules agentTasks, Agents agents, RepositoryService repository) {
    this.agentTasks = agentTasks;
    this.agents = agents;
    this.repository = repository;
  }

  /**
   * Passes the request on.
   *
   * @throws Closed when the rule is broken; nothing was passed on then
   */
  void pass(
      Door.Rule rule,
      Authentication caller,
      CheckedRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws Closed, ServletException, IOException {
    switch (rule) {
      case ONESELF -> requireOneself(caller, request);
      case CLAIM ->
          require(
              caller.getName().equals(request.body().path("userId").asText()),
              "userId: a task is claimed for oneself only, so it must be '%s'"
                  .formatted(caller.getName()));
      case START -> requireStart(request.body());
      case AGENT -> requireAgentsRules(caller, request);
      case INTERVENTION -> {
        request.setAttribute(
            Interventions.REQUEST,
            "%s %s %s"
                .formatted(
                    request.getMethod(),
                    Agents.path(request),
                    request.body() == null ? "" : request.body())
                .strip());
        request.setAttribute(Interventions.REASON, request.getParameter("annotation"));
      }
      default -> {}
    }
    chain.doFilter(request, response);
  }

  private static void requireOneself(Authentication caller, CheckedRequest request) throws Closed {
    String path = Agents.path(request);
    boolean oneself =
        path.matches(
            ".*/user/%s/[a-z]+".formatted(java.util.regex.Pattern.quote(caller.getName())));
    boolean administrator =
        caller.getAuthorities().stream()
            .anyMatch(it -> it.getAuthority().equals(Role.ADMINISTRATOR.authority()));
    require(oneself || administrator, "only an administrator changes another's account");
  }

  private void requireStart(JsonNode body) throws Closed {
    String message = body.path("messageName").asText();
    boolean starts =
        !message.isEmpty()
            && repository
                    .createProcessDefinitionQuery()
                    .messageEventSubscriptionName(message)
                    .count()
                > 0;
    if (!starts) {
      throw new Closed(
          HttpStatus.BAD_REQUEST,
          "messageName: '%s' starts no runbook; runs are aborted and resumed by /api/runs only."
              .formatted(message));
    }
  }

  private void requireAgentsRules(Authentication caller, CheckedRequest request) throws Closed {
    Agent limits =
        agents
            .limits(caller)
            .orElseThrow(() -> new Closed(HttpStatus.FORBIDDEN, "Refused: this is for agents."));
    try {
      agentTasks.check(caller.getName(), limits, Agents.path(request), request.body());
    } catch (AgentTaskRules.Broken broken) {
      throw new Closed(HttpStatus.FORBIDDEN, "Refused: " + broken.getMessage() + ".");
    }
  }

  private static void require(boolean holds, String rule) throws Closed {
    if (!holds) {
      throw new Closed(HttpStatus.FORBIDDEN, "Refused: " + rule + ".");
    }
  }
}
