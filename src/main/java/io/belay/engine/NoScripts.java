package io.belay.engine;

import javax.script.ScriptEngine;
import javax.script.ScriptEngineFactory;
import javax.script.ScriptEngineManager;
import org.camunda.bpm.engine.impl.scripting.engine.ScriptEngineResolver;

/** Runs no script in any language, wherever it is: in a model, a decision or a form. */
class NoScripts implements ScriptEngineResolver {

  @Override
  public void addScriptEngineFactory(ScriptEngineFactory factory) {
    throw refusal(factory.getEngineName());
  }

  @Override
  public ScriptEngineManager getScriptEngineManager() {
    throw refusal("any language");
  }

  @Override
  public ScriptEngine getScriptEngine(String language, boolean fromCache) {
    throw refusal(language);
  }

  private static ExpressionRefused refusal(String language) {
    return new ExpressionRefused("script in " + language, "scripts are switched off");
  }
}
