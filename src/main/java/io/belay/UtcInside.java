package io.belay;

import java.time.ZoneId;
import java.util.TimeZone;
import org.springframework.boot.context.event.ApplicationStartingEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Sets the time zone of the JVM to UTC before anything else of Belay starts, whatever the machine
 * says. The engine keeps times without a zone, in the JVM's: in a zone with daylight saving an hour
 * would come twice, and nodes in two zones would read each other's times wrongly. Child processes
 * keep the machine's zone ({@code TZ}, {@code /etc/localtime}).
 */
class UtcInside implements ApplicationListener<ApplicationStartingEvent>, Ordered {

  private static final String ZONE = "UTC";

  @Override
  public void onApplicationEvent(ApplicationStartingEvent event) {
    // Both: the property is what a library reads that makes its own default.
    System.setProperty("user.timezone", ZONE);
    TimeZone.setDefault(TimeZone.getTimeZone(ZoneId.of(ZONE)));
  }

  /** Before the log, which keeps the zone that it finds. */
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }
}
