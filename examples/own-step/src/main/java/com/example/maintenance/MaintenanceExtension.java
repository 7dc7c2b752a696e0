package com.example.maintenance;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

/** What Belay finds in this jar. A step's bean has the name by which models call it. */
@AutoConfiguration
public class MaintenanceExtension {

  @Bean
  MaintenanceFlagType maintenanceFlagType() {
    return new MaintenanceFlagType();
  }

  @Bean
  EnterMaintenance enterMaintenance() {
    return new EnterMaintenance();
  }

  @Bean
  LeaveMaintenance leaveMaintenance() {
    return new LeaveMaintenance();
  }
}
