package io.belay.face.web;

import io.belay.security.LoginClock;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;

/**
 * Belay with an empty engine in memory, a port of its own, the runbook {@code web-test} and one
 * user for each role, whose password is its name. All tests with it share one Belay.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Import({CountingSteps.class, Caller.class, LoginClock.class})
@AutoConfigureObservability(tracing = false) // a test would have no metrics to look at
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "spring.datasource.url=jdbc:h2:mem:web;DB_CLOSE_DELAY=-1",
      "belay.processes=src/test/resources/web/processes",
      "belay.environments=src/test/resources/web/environments",
      "belay.artifacts.directory=target/web-test-artifacts",
      "belay.journal.anchor=target/web-test-artifacts/.journal/${PID}/${spring.datasource.url}",
      "belay.security.playground=true",
      "belay.security.users.vera.password=vera",
      "belay.security.users.vera.roles=viewer",
      "belay.security.users.olga.password=olga",
      "belay.security.users.olga.roles=operator",
      "belay.security.users.anna.password=anna",
      "belay.security.users.anna.roles=approver",
      "belay.security.users.adam.password=adam",
      "belay.security.users.adam.roles=administrator",
      "belay.security.users.omar.password=omar",
      "belay.security.users.omar.roles=operator,approver",
      "belay.security.users.sam.password=sam",
      "belay.security.users.sam.roles=service",
      "belay.security.users.eva.password=eva",
      "belay.security.users.eva.roles=service",
      "belay.agents.eva.topics=countSlowly",
      "belay.agents.eva.environments=elsewhere",
      "belay.tokens.audiences=billing",
      "belay.step.attempts=2",
      "belay.step.backoff=200ms",
      "belay.step.poll=100ms"
    })
@interface WebTest {}
