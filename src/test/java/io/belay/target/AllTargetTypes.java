package io.belay.target;

import io.belay.command.SshSessions;
import java.util.List;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;
import org.springframework.core.type.filter.AssignableTypeFilter;
import org.springframework.stereotype.Component;

/** The target types of all capabilities, found as Belay finds them, without a Belay. */
public final class AllTargetTypes {

  private static final TargetTypes TYPES = find();

  private AllTargetTypes() {}

  public static TargetTypes types() {
    return TYPES;
  }

  /** Their names. */
  static List<String> names() {
    return List.copyOf(TYPES.names());
  }

  private static TargetTypes find() {
    var context = new AnnotationConfigApplicationContext();
    context.register(Connections.class, HttpProbe.class, SshSessions.class);
    var scanner = new ClassPathBeanDefinitionScanner(context, false);
    var isType = new AssignableTypeFilter(TargetType.class);
    scanner.addIncludeFilter(
        (reader, factory) ->
            reader.getAnnotationMetadata().hasAnnotation(Component.class.getName())
                && isType.match(reader, factory));
    scanner.scan("io.belay");
    context.refresh();
    context.registerShutdownHook();
    return new TargetTypes(
        context.getBeanProvider(TargetType.class).stream()
            .<TargetType<?>>map(type -> (TargetType<?>) type)
            .toList());
  }
}
