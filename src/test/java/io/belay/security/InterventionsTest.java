package io.belay.security;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.camunda.bpm.engine.EntityTypes;
import org.camunda.bpm.engine.impl.history.event.UserOperationLogEntryEventEntity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** The lines of the log about users, groups and authorizations. */
class InterventionsTest {

  private final Interventions interventions = new Interventions(null, null, null);

  private final Logger log = (Logger) LoggerFactory.getLogger(Interventions.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void end() {
    log.detachAppender(lines);
    RequestContextHolder.resetRequestAttributes();
  }

  @Test
  void idWithLineEnds_forgesNoLine() {
    var operation = new UserOperationLogEntryEventEntity();
    operation.setOperationType("Create");
    operation.setEntityType(EntityTypes.AUTHORIZATION);
    operation.setUserId("adam\r\nforged 1");
    operation.setProperty("resourceId\u0085forged 2");
    operation.setNewValue("x\u2028forged 3\u001b[2K\u2029forged 4\nforged 5");
    RequestContextHolder.setRequestAttributes(
        new ServletRequestAttributes(
            new MockHttpServletRequest("PUT", "/engine-rest/authorization/a%0Aforged%206")));

    interventions.handleEvent(operation);

    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo(
            "Create of Authorization by 'adam forged 1': resourceId forged 2 x forged 3 [2K forged"
                + " 4 forged 5, by PUT /engine-rest/authorization/a forged 6");
  }
}
