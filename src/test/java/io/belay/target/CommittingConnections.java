package io.belay.target;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;

/** Closing one of its connections commits what is open, as the drivers of some products do. */
public final class CommittingConnections extends Connections {

  @Override
  public Connection sql(SqlTarget target) {
    Connection real = super.sql(target);
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close") && !real.getAutoCommit()) {
                real.commit();
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
