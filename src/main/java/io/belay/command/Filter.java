package io.belay.command;

import io.belay.command.Commands.Pipe;
import io.belay.command.Commands.Result;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;

/** Feeds a child process and reads it at the same time. */
final class Filter {

  private final ChildProcess child;
  private final AtomicReference<Exception> firstFailure = new AtomicReference<>();

  Filter(ChildProcess child) {
    this.child = child;
  }

  Result run(Pipe<OutputStream> in, Pipe<InputStream> out) throws Exception {
    FutureTask<Void> reading = new FutureTask<>(() -> read(out), null);
    Thread reader = new Thread(reading, "filter-" + child.process().pid());
    reader.setDaemon(true);
    reader.start();
    feed(in);
    try {
      reading.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw child.abandonedBecause(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    if (firstFailure.get() != null) {
      throw child.abandonedBecause(firstFailure.get());
    }
    return child.await();
  }

  private void feed(Pipe<OutputStream> in) {
    ChildInput stdin = new ChildInput(child.process().getOutputStream());
    try {
      in.transfer(stdin);
    } catch (Exception e) {
      if (!stdin.isRefused()) {
        fail(e); // before the end of its input makes it finish normally
      }
    }
    stdin.close();
  }

  private void read(Pipe<InputStream> out) {
    InputStream stdout = child.process().getInputStream();
    try {
      out.transfer(stdout);
      stdout.transferTo(OutputStream.nullOutputStream()); // what the pipe did not read
    } catch (Exception e) {
      fail(e);
    }
  }

  private void fail(Exception failure) {
    firstFailure.compareAndSet(null, failure);
    child.terminate();
  }
}
