package com.example.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.Cancellation;
import io.belay.target.Environment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnterMaintenanceTest {

  @TempDir Path directory;

  private final EnterMaintenance enter = new EnterMaintenance();
  private final LeaveMaintenance leave = new LeaveMaintenance();
  private final StepContext context = mock(StepContext.class);
  private final Map<String, Object> saved = new HashMap<>();
  private Path file;

  @BeforeEach
  void world() {
    file = directory.resolve("maintenance");
    MaintenanceFlag flag = new MaintenanceFlag(file, "Back at six.");
    when(context.environment()).thenReturn(new Environment("test", "", Map.of("flag", flag)));
    when(context.target("flag", MaintenanceFlag.class)).thenReturn(flag);
    when(context.cancellation()).thenReturn(Cancellation.NONE);
    when(context.saved(anyString(), any()))
        .thenAnswer(call -> Optional.ofNullable(saved.get(call.<String>getArgument(0))));
    org.mockito.Mockito.doAnswer(call -> saved.put(call.getArgument(0), call.getArgument(1)))
        .when(context)
        .save(anyString(), any());
    PastStep past = mock(PastStep.class);
    when(past.step()).thenReturn("enterMaintenance");
    when(past.input(EnterMaintenance.Input.class)).thenReturn(new EnterMaintenance.Input("flag"));
    when(past.saved(anyString(), any()))
        .thenAnswer(call -> Optional.ofNullable(saved.get(call.<String>getArgument(0))));
    when(context.started("enterMaintenance")).thenReturn(List.of(past));
  }

  private boolean entered() throws Exception {
    return enter.perform(new EnterMaintenance.Input("flag"), context).entered();
  }

  private boolean left() throws Exception {
    return leave.perform(new LeaveMaintenance.Input("flag"), context).left();
  }

  @Test
  void flagIsSet_andRemovedAgain_twiceIsOnce() throws Exception {
    assertThat(entered()).isTrue();
    assertThat(file).hasContent("Back at six.");
    assertThat(left()).isTrue();
    assertThat(file).doesNotExist();
    assertThat(left()).isFalse();
  }

  @Test
  void attemptAfterAKill_knowsItsOwnFlag() throws Exception {
    entered();
    assertThat(entered()).isTrue();
    assertThat(left()).isTrue();
  }

  @Test
  void flagOfSomebodyElse_stays() throws Exception {
    Files.writeString(file, "theirs");
    assertThat(entered()).isFalse();
    assertThat(left()).isFalse();
    assertThat(file).hasContent("theirs");
  }

  @Test
  void nothingBegun_nothingTakenBack() throws Exception {
    Files.writeString(file, "theirs");
    assertThat(left()).isFalse();
    assertThat(file).exists();
  }
}
