package io.belay.security;

import java.util.Map;
import org.camunda.bpm.engine.FilterService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.filter.Filter;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.stereotype.Component;

/**
 * The one filter that Tasklist needs to show anything: all open tasks, of which the engine shows
 * users only those of their own groups. Created once; an administrator may change or delete it.
 */
@Component
class TasklistFilter implements InitializingBean {

  static final String NAME = "Waiting for people";

  private final FilterService filters;
  private final TaskService tasks;

  TasklistFilter(FilterService filters, TaskService tasks) {
    this.filters = filters;
    this.tasks = tasks;
  }

  @Override
  public void afterPropertiesSet() {
    if (filters.createTaskFilterQuery().count() > 0) {
      return;
    }
    Filter filter = filters.newTaskFilter(NAME);
    filter.setQuery(tasks.createTaskQuery().orderByTaskCreateTime().desc());
    filter.setProperties(
        Map.of(
            "color", "#1f6f5c", "priority", 10, "refresh", true, "showUndefinedVariable", false));
    filters.saveFilter(filter);
  }
}
