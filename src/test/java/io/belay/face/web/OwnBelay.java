package io.belay.face.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.springframework.test.annotation.DirtiesContext;

/**
 * A test whose Belay differs from the one that the {@link WebTest}s share: by models, environments
 * or beans of its own. engine-rest finds its engine by a static name, so a second Belay in the same
 * JVM would answer the requests to the first. Such tests run after the others, in JVMs without the
 * shared Belay, and each ends its own before the next begins.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("own-belay")
@DirtiesContext
public @interface OwnBelay {}
