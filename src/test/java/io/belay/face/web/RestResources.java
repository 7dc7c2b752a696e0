package io.belay.face.web;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.camunda.bpm.admin.impl.plugin.resources.AdminPluginsRootResource;
import org.camunda.bpm.admin.impl.web.AdminApplication;
import org.camunda.bpm.cockpit.impl.plugin.resources.BaseRootResource;
import org.camunda.bpm.cockpit.impl.plugin.resources.CockpitPluginsRootResource;
import org.camunda.bpm.cockpit.impl.web.CockpitApplication;
import org.camunda.bpm.engine.rest.impl.CamundaRestResources;
import org.camunda.bpm.engine.rest.impl.NamedProcessEngineRestServiceImpl;
import org.camunda.bpm.tasklist.impl.plugin.resources.TasklistPluginsRootResource;
import org.camunda.bpm.tasklist.impl.web.TasklistApplication;
import org.camunda.bpm.webapp.impl.engine.EngineRestApplication;
import org.camunda.bpm.welcome.impl.plugin.resources.WelcomePluginsRootResource;
import org.camunda.bpm.welcome.impl.web.WelcomeApplication;

/**
 * All resources of engine-rest and of the webapps' own REST interface, found by their JAX-RS
 * annotations, as {@code METHOD /path} with {@code *} for each parameter.
 */
final class RestResources {

  private static final int DEEPEST = 6;

  private final Set<String> found = new TreeSet<>();

  private RestResources() {}

  static Set<String> all() {
    RestResources resources = new RestResources();
    CamundaRestResources.getResourceClasses().stream()
        .filter(type -> type != NamedProcessEngineRestServiceImpl.class) // the same, with a name
        .forEach(type -> resources.addRoot("/engine-rest", type));
    resources.addRoot("/camunda/api/engine", NamedProcessEngineRestServiceImpl.class);
    new EngineRestApplication()
        .getClasses()
        .forEach(type -> resources.addRoot("/camunda/api/engine", type));
    resources.addWebapp("cockpit", new CockpitApplication().getClasses().stream());
    resources.addWebapp("tasklist", new TasklistApplication().getClasses().stream());
    resources.addWebapp("admin", new AdminApplication().getClasses().stream());
    resources.addWebapp("welcome", new WelcomeApplication().getClasses().stream());
    resources.addWebapp(
        "cockpit", Stream.of(BaseRootResource.class, CockpitPluginsRootResource.class));
    resources.addWebapp("tasklist", Stream.of(TasklistPluginsRootResource.class));
    resources.addWebapp("admin", Stream.of(AdminPluginsRootResource.class));
    resources.addWebapp("welcome", Stream.of(WelcomePluginsRootResource.class));
    return resources.found;
  }

  private void addWebapp(String name, Stream<Class<?>> types) {
    types.forEach(type -> addRoot("/camunda/api/" + name, type));
  }

  private void addRoot(String prefix, Class<?> type) {
    annotation(type, Path.class).ifPresent(path -> add(joined(prefix, path.value()), type, 0));
  }

  private void add(String prefix, Class<?> type, int depth) {
    for (Method method : type.getMethods()) {
      if (!Modifier.isPublic(method.getModifiers()) || method.isBridge()) {
        continue;
      }
      Optional<Path> path = annotation(method, Path.class);
      String here = path.map(it -> joined(prefix, it.value())).orElse(prefix);
      Optional<String> verb =
          declarations(method)
              .flatMap(it -> Arrays.stream(it.getAnnotations()))
              .map(it -> it.annotationType().getAnnotation(HttpMethod.class))
              .filter(it -> it != null)
              .map(HttpMethod::value)
              .findFirst();
      if (verb.isPresent()) {
        found.add(verb.get() + " " + here);
      } else if (path.isPresent()) {
        if (depth == DEEPEST) {
          throw new IllegalStateException("resources without end at " + here);
        }
        add(here, method.getReturnType(), depth + 1);
      }
    }
  }

  private static String joined(String prefix, String path) {
    String segments =
        path.replaceAll("\\{[^{}:]*:\\s*(?:[^{}]|\\{[^{}]*})*}", "*").replaceAll("\\{[^{}]*}", "*");
    return (prefix + "/" + segments).replaceAll("/+", "/").replaceAll("(?<=.)/$", "");
  }

  private static <A extends Annotation> Optional<A> annotation(Class<?> type, Class<A> wanted) {
    for (Class<?> one = type; one != null; one = one.getSuperclass()) {
      for (Class<?> declared :
          Stream.concat(Stream.of(one), Arrays.stream(one.getInterfaces())).toList()) {
        if (declared.isAnnotationPresent(wanted)) {
          return Optional.of(declared.getAnnotation(wanted));
        }
      }
    }
    return Optional.empty();
  }

  private static <A extends Annotation> Optional<A> annotation(Method method, Class<A> wanted) {
    return declarations(method)
        .filter(it -> it.isAnnotationPresent(wanted))
        .map(it -> it.getAnnotation(wanted))
        .findFirst();
  }

  /** The method, and those that it implements or overrides: JAX-RS reads their annotations too. */
  private static Stream<Method> declarations(Method method) {
    return ancestors(method.getDeclaringClass())
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(it -> it.getName().equals(method.getName()))
        .filter(it -> Arrays.equals(it.getParameterTypes(), method.getParameterTypes()));
  }

  private static Stream<Class<?>> ancestors(Class<?> type) {
    if (type == null) {
      return Stream.empty();
    }
    return Stream.of(
            Stream.<Class<?>>of(type),
            ancestors(type.getSuperclass()),
            Arrays.stream(type.getInterfaces()).flatMap(RestResources::ancestors))
        .flatMap(it -> it);
  }
}
